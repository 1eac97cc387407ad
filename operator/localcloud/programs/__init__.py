"""What a unit's command line does: a unit file becomes a program."""
