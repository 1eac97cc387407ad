"""What the daemon tells of itself: logs, metrics, and its HTTP server."""
