"""The REST API of Compute Engine: its paths, what they read and write, and how it is worded."""
