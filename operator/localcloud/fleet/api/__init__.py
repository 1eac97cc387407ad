"""fleetd's HTTP API: its paths, what they read and write, and how it is worded."""
