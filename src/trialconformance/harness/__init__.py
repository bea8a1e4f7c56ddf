"""Live devices: one session, four ways to provide it, and procedures that any of them can run."""
