"""Originator counters for DUIS: milliseconds since 1970, strictly increasing, shared by all workers of a run."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from trialconformance.core import UsageError

__all__ = ["Counters"]

_LOCK_TIMEOUT = 10.0  # seconds that a worker waits for another


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class Counters:
    """A source of counters.

    Args:
        path: database file, made on first use; workers that share it never get the same counter.
        now_ms: the clock, milliseconds since 1970.
    """

    __slots__ = ("_now_ms", "_path")

    def __init__(self, path: Path, *, now_ms: Callable[[], int] = _now_ms) -> None:
        self._path = path
        self._now_ms = now_ms
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._open()) as database:
            # INTEGER holds 63 bits of the 64; a clock in milliseconds needs 41.
            database.execute("CREATE TABLE IF NOT EXISTS counters (originator BLOB PRIMARY KEY, last INTEGER NOT NULL)")

    def next(self, originator: bytes) -> int:
        """Take the next counter of an originator: now, or one more than the last where the clock did not move on.

        Args:
            originator: EUI-64, 8 octets.

        Returns:
            The counter.

        Raises:
            UsageError: the database is locked for ten seconds or cannot be written.
        """
        try:
            with closing(self._open()) as database:
                database.execute("BEGIN IMMEDIATE")
                row = database.execute("SELECT last FROM counters WHERE originator = ?", (originator,)).fetchone()
                counter = max(self._now_ms(), int(row[0]) + 1 if row else 0)
                database.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (originator, counter))
                database.execute("COMMIT")
                return counter
        except sqlite3.Error as error:
            raise UsageError(f"counters cannot be kept: {error}", where=str(self._path)) from error

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=_LOCK_TIMEOUT, isolation_level=None)
        # What survives a crash of this program is enough; waiting for the disk at each step is not worth it.
        database.execute("PRAGMA synchronous = OFF")
        return database
