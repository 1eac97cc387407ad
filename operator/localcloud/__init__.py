"""A cloud in a process, for demonstrations and tests: Compute Engine, fleet, Elasticsearch."""
