"""Elasticsearch 1.x nodes: processes that form clusters, and their HTTP face."""
