"""Which arrival answers which request: kept in a file, because one receive address serves all workers of a run."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

__all__ = ["Arrival", "ArrivalKind", "Correlator"]

_LOCK_TIMEOUT = 10.0  # seconds that a worker waits for another
_SCHEMA = """
CREATE TABLE IF NOT EXISTS requests (key TEXT PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS arrivals (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    octets BLOB NOT NULL,
    taken INTEGER NOT NULL DEFAULT 0
);
"""


class ArrivalKind(StrEnum):
    """What an arrival turned out to be."""

    ANSWER = "answer"
    DUPLICATE = "duplicate"
    LATE = "late"
    UNKNOWN = "unknown"
    ALERT = "alert"


# state of the request -> what an arrival for it is, and the state it leaves behind
_TRANSITIONS = {
    "waiting": (ArrivalKind.ANSWER, "answered"),
    "answered": (ArrivalKind.DUPLICATE, "answered"),
    "abandoned": (ArrivalKind.LATE, "answered"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Something that DCC Boxed delivered.

    Args:
        kind: what it is.
        octets: the document.
    """

    kind: ArrivalKind
    octets: bytes


class Correlator:
    """Requests that wait and documents that arrived.

    Args:
        path: database file, made on first use and shared by the workers of one run.
    """

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._open()) as database:
            database.executescript(_SCHEMA)

    def expect(self, key: str) -> None:
        """Wait for the response to a request.

        Called before the request leaves, because the response may overtake the acknowledgement.

        Args:
            key: RequestID in lower case.
        """
        with closing(self._open()) as database:
            database.execute("INSERT OR REPLACE INTO requests VALUES (?, 'waiting')", (key,))

    def abandon(self, key: str) -> None:
        """Stop waiting: what arrives from now on is late."""
        with closing(self._open()) as database:
            database.execute("UPDATE requests SET state = 'abandoned' WHERE key = ? AND state = 'waiting'", (key,))

    def arrived(self, key: str, octets: bytes, *, otherwise: str = "") -> ArrivalKind:
        """Keep a response.

        Args:
            key: RequestID in lower case, empty where the document names none.
            octets: the document.
            otherwise: key under which a response to no known request is kept.

        Returns:
            What it is.
        """
        with closing(self._open()) as database:
            database.execute("BEGIN IMMEDIATE")
            row = database.execute("SELECT state FROM requests WHERE key = ?", (key,)).fetchone()
            kind, state = _TRANSITIONS[row[0]] if row else (ArrivalKind.UNKNOWN, "")
            if row:
                database.execute("UPDATE requests SET state = ? WHERE key = ?", (state, key))
            self._keep(database, key if row else otherwise, kind, octets)
            database.execute("COMMIT")
            return kind

    def alerted(self, device: bytes, octets: bytes) -> None:
        """Keep an alert.

        Args:
            device: EUI-64 of the device that raised it, empty where the document does not say.
            octets: the document.
        """
        with closing(self._open()) as database:
            self._keep(database, device.hex(), ArrivalKind.ALERT, octets)

    def take(self, *keys: str) -> Arrival | None:
        """Take the oldest arrival for one of some keys.

        Args:
            keys: RequestIDs in lower case, or EUI-64s in lower-case hex for alerts; the empty key stands for documents
                that name nobody.

        Returns:
            The arrival, None where there is none.
        """
        marks = ", ".join("?" * len(keys))
        with closing(self._open()) as database:
            database.execute("BEGIN IMMEDIATE")
            row = database.execute(
                f"SELECT number, kind, octets FROM arrivals WHERE taken = 0 AND key IN ({marks}) ORDER BY number",  # noqa: S608 -- only question marks are put in
                keys,
            ).fetchone()
            if row is not None:
                database.execute("UPDATE arrivals SET taken = 1 WHERE number = ?", (row[0],))
            database.execute("COMMIT")
        return None if row is None else Arrival(kind=ArrivalKind(row[1]), octets=row[2])

    @staticmethod
    def _keep(database: sqlite3.Connection, key: str, kind: ArrivalKind, octets: bytes) -> None:
        database.execute("INSERT INTO arrivals (key, kind, octets) VALUES (?, ?, ?)", (key, kind, octets))

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=_LOCK_TIMEOUT, isolation_level=None)
        # What survives a crash of this program is enough; waiting for the disk at each step is not worth it.
        database.execute("PRAGMA synchronous = OFF")
        return database
