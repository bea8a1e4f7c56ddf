"""The captured messages."""
