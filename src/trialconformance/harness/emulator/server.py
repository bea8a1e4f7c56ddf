"""The emulator on a loopback TCP socket: one device, one client at a time, frames as in ``harness.tcp``."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Event, Thread
from types import TracebackType
from typing import Self

from trialconformance.core import UsageError
from trialconformance.harness.emulator.device import Emulator, PowerLossError
from trialconformance.harness.tcp import frame, read_frame

__all__ = ["EmulatorServer"]

_POLL_SECONDS = 0.1  # how often the server looks whether it shall stop


class EmulatorServer:
    """Serves a device. Only this machine can reach it: an emulator has no business on a network.

    Args:
        device: the device.
        port: TCP port, 0 for a free one.
    """

    def __init__(self, device: Emulator, *, port: int = 0) -> None:
        self.device = device
        self._stop = Event()
        try:
            self._listener = socket.create_server(("127.0.0.1", port))
        except OSError as error:
            raise UsageError(
                f"cannot listen: {error.strerror}", where=f"port {port}", accepted="a free port"
            ) from error
        self._listener.settimeout(_POLL_SECONDS)
        self._thread = Thread(target=self._serve, daemon=True)

    @property
    def port(self) -> int:
        """The port it listens at."""
        return int(self._listener.getsockname()[1])

    def start(self) -> None:
        """Begin to serve, in a thread of its own."""
        self._thread.start()

    def wait(self) -> None:
        """Serve until ``stop`` is called from elsewhere."""
        self._stop.wait()

    def stop(self) -> None:
        """Stop to serve."""
        self._stop.set()
        self._thread.join(timeout=2)
        self._listener.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _serve(self) -> None:
        while not self._stop.is_set():
            with suppress(TimeoutError):
                connection, _ = self._listener.accept()
                with connection:
                    self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        while not self._stop.is_set():
            connection.settimeout(_POLL_SECONDS)
            try:
                octets = read_frame(connection)
            except TimeoutError:
                continue
            except OSError:
                return
            if octets is None:
                return
            try:
                sent = self.device.handle(octets)
            except PowerLossError:
                return
            for each in sent:
                if self._stop.wait(each.delay_ms / 1000):
                    return
                with suppress(OSError):
                    connection.sendall(frame(each.octets))
