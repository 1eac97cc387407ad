"""Units as fleet reads them: their names, their files, and where they may run."""
