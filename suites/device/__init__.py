"""Procedures for a live device."""
