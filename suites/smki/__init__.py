"""The certificates."""
