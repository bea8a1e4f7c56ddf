"""Wiring shared by the suites and by this project's own tests.

``pytest --trial submission.toml`` is wired by the plugin itself, so that it works the same from a wheel; nothing else
is shared.
"""
