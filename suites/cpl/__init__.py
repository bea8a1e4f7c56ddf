"""The Central Products List."""
