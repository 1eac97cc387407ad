"""The only modules that speak a wire protocol."""
