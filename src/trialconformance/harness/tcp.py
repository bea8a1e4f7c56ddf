"""A device behind a TCP socket: each message is preceded by its length in four octets, big-endian.

GBCS has no framing of its own for a byte stream; this is the one of the emulator's server.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress

from trialconformance.harness.credentials import Credentials
from trialconformance.harness.session import Capability, Command, DeviceSession, Identity, Received, Trouble
from trialconformance.smki.issue import SyntheticPki

__all__ = ["LARGEST_FRAME", "TcpSession", "frame", "read_frame"]

LARGEST_FRAME = 128 * 1024  # octets; the longest GBCS message has 72,000
_LENGTH = struct.Struct(">I")
_CONNECT_SECONDS = 3.0
# Octets of a frame that has begun arrive together; this long may its rest take.
_REST_SECONDS = 2.0


def frame(octets: bytes) -> bytes:
    """Put the length before a message."""
    return _LENGTH.pack(len(octets)) + octets


def read_frame(connection: socket.socket) -> bytes | None:
    """Read one frame.

    Args:
        connection: its time-out counts for the first octet.

    Returns:
        The message; None at the end of the stream.

    Raises:
        TimeoutError: nothing came in time.
        ConnectionError: the stream ends inside a frame, or a frame is too large.
    """
    head = _exactly(connection, _LENGTH.size)
    if not head:
        return None
    size = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else LARGEST_FRAME + 1
    if size > LARGEST_FRAME:
        raise ConnectionError(f"the stream is out of step: a frame of {size} octets")
    body = _exactly(connection, size)
    if len(body) != size:
        raise ConnectionAbortedError(f"{len(body)} of {size} octets, then the end")
    return body


def _exactly(connection: socket.socket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        piece = connection.recv(size - len(received))
        if not piece:
            break
        received += piece
        connection.settimeout(_REST_SECONDS)
    return bytes(received)


class TcpSession(DeviceSession):
    """Talks to a device of the synthetic PKI behind a socket.

    Args:
        host: name or address.
        port: TCP port.
        device_type: ``ESME``, ``GSME`` or ``HCALCS``.
        pki: the PKI of device and parties.
        credentials: the parties.
    """

    def __init__(self, host: str, port: int, *, device_type: str, pki: SyntheticPki, credentials: Credentials) -> None:
        super().__init__(
            identity=Identity(entity=pki.entity(device_type.lower()), device_type=device_type),
            credentials=credentials,
            capabilities=frozenset({Capability.SEND, Capability.TAMPER, Capability.REPLAY, Capability.ALERTS}),
        )
        self.host = host
        self._port = port
        self._connection: socket.socket | None = None

    def transmit(self, command: Command) -> None:
        """Send a frame; connects first where there is no connection."""
        if self._connection is None:
            self._connection = socket.create_connection((self.host, self._port), timeout=_CONNECT_SECONDS)
        self._connection.sendall(frame(command.octets))

    def collect(self, deadline_ms: int) -> Received | bytes | None:
        """Wait for a frame."""
        if self._connection is None:
            return None
        self._connection.settimeout(max(deadline_ms, 1) / 1000)
        try:
            octets = read_frame(self._connection)
        except TimeoutError:
            return None
        except ConnectionAbortedError as error:
            self._drop()
            return Received(octets=b"", at_ms=self.now_ms(), trouble=Trouble.HALF, detail=str(error))
        except ConnectionError:
            self._drop()
            raise
        if octets is None:
            self._drop()
            raise ConnectionResetError("the device closed the connection")
        return octets

    def close(self) -> None:
        """Close the connection."""
        self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(OSError):
                self._connection.close()
            self._connection = None
