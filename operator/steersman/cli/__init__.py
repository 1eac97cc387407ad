"""The commands: arguments become calls. Heavy imports are late, so that --help stays quick."""
