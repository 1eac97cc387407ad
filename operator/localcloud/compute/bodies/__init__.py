"""Bodies of requests, read and checked: what somebody wants, before any of it exists."""
