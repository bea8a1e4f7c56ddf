"""A test rig as a laboratory may have one already: it knows nothing of trialconformance but the device it drives.

Here the device is the emulator on a loopback socket, so that the example runs anywhere. Yours opens a serial port.
"""

from __future__ import annotations

import socket

from trialconformance.harness.emulator import Emulator
from trialconformance.harness.emulator.server import EmulatorServer
from trialconformance.harness.tcp import frame, read_frame
from trialconformance.smki import KeyStore
from trialconformance.smki.issue import SyntheticPki


class Rig:
    """Drives one auxiliary load control switch."""

    def __init__(self) -> None:
        pki = SyntheticPki()
        self.eui64 = pki.entity("hcalcs")
        self.keys: KeyStore = pki.keystore()
        self._server = EmulatorServer(Emulator("HCALCS", pki=pki))
        self._server.start()
        self._wire = socket.create_connection(("127.0.0.1", self._server.port), timeout=3)

    def write(self, octets: bytes) -> None:
        """Send a message to the device."""
        self._wire.sendall(frame(octets))

    def read(self, seconds: float) -> bytes | None:
        """Wait for a message of the device."""
        self._wire.settimeout(seconds)
        try:
            return read_frame(self._wire)
        except TimeoutError:
            return None

    def off(self) -> None:
        """Switch the rig off."""
        self._wire.close()
        self._server.stop()
