"""The trial regime."""
