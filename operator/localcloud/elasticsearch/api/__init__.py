"""The HTTP API of a node: its paths, what they read and write, and how it is worded."""
