"""From documents to what is in force: read, claimed, compared with what was accepted before."""
