"""Attacks that a CPA Test Laboratory runs."""
