"""How answers look: tables for people, data for programs."""
