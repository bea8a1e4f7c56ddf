"""A session with the emulator: no sockets, and a time of its own, so that every run gives the same transcript."""

from __future__ import annotations

from collections import deque

from trialconformance.harness.credentials import Credentials, Party
from trialconformance.harness.emulator.behaviour import Behaviour
from trialconformance.harness.emulator.device import Emulator, Outgoing
from trialconformance.harness.session import Capability, Command, DeviceSession, FirmwareImage, Identity, Received
from trialconformance.smki.issue import SyntheticPki

__all__ = ["EmulatorSession", "synthetic_credentials"]

_FIRST_COUNTER = 1_000
_IMAGE_VERSION = bytes.fromhex("00010001")
_IMAGE_BODY = bytes(range(256)) * 8

# Which holder of the synthetic PKI each party is.
_HOLDERS = {
    Party.SUPPLIER: "supplier",
    Party.OTHER_SUPPLIER: "supplier-2",
    Party.NETWORK_OPERATOR: "network-operator",
    Party.ACCESS_CONTROL_BROKER: "access-control-broker",
    Party.RECOVERY: "recovery",
    Party.TRANSITIONAL_COS: "transitional-cos",
    Party.WAN_PROVIDER: "wan-provider",
    Party.LOAD_CONTROLLER: "load-controller",
}


def synthetic_credentials(pki: SyntheticPki) -> Credentials:
    """The parties of the synthetic PKI with their keys; the private keys of devices are not among them."""
    parties = [each.name for each in pki.plan.parties]
    store = pki.keystore(private_keys=False)
    keys = [pki.private_key(party, use) for party in parties for use in pki.uses(party)]
    return Credentials(
        keystore=store.with_private_keys(keys),
        parties={party: pki.entity(holder) for party, holder in _HOLDERS.items()},
    )


class EmulatorSession(DeviceSession):
    """Talks to an emulated device in the same process.

    Args:
        device_type: ``ESME``, ``GSME`` or ``HCALCS``.
        behaviour: how the device behaves; a good one by default.
        pki: the PKI of device and parties.
        credentials: the parties, where they are at hand already.
    """

    host = ""

    def __init__(
        self,
        device_type: str = "ESME",
        *,
        behaviour: Behaviour | None = None,
        pki: SyntheticPki | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        pki = pki or SyntheticPki()
        self.device = Emulator(device_type, behaviour=behaviour, pki=pki)
        super().__init__(
            identity=Identity(entity=self.device.entity, device_type=device_type, model=self.device.model),
            credentials=credentials or synthetic_credentials(pki),
            capabilities=frozenset(Capability),
            firmware_image=FirmwareImage(octets=_IMAGE_VERSION + _IMAGE_BODY, version=_IMAGE_VERSION),
        )
        self._queue: deque[tuple[int, bytes]] = deque()
        self._time_ms = 0
        self._counter = _FIRST_COUNTER

    def now_ms(self) -> int:
        """Milliseconds of the emulated time; only waiting and letting time pass moves it."""
        return self._time_ms

    def next_counter(self, originator: bytes) -> int:
        """Count from a fixed number, so that every run sends the same octets."""
        del originator
        self._counter += 1
        return self._counter

    def transmit(self, command: Command) -> None:
        """Hand the octets to the device."""
        self._time_ms += 1
        self._take(self.device.handle(command.octets))

    def collect(self, deadline_ms: int) -> Received | bytes | None:
        """Take the next message that is due within the deadline."""
        if self._queue and self._queue[0][0] <= self._time_ms + deadline_ms:
            due, octets = self._queue.popleft()
            self._time_ms = max(self._time_ms, due)
            return octets
        self._time_ms += deadline_ms
        return None

    def device_time(self) -> int:
        """Device time: seconds since 2000-01-01."""
        return self.device.state.now

    def advance(self, seconds: int) -> None:
        """Move the clock of the device."""
        self._time_ms += seconds * 1000
        self._take(self.device.advance(seconds))

    def deliver_image(self, image: bytes, *, first: int = 0, last: int | None = None) -> None:
        """Transfer octets of an image."""
        end = len(image) if last is None else last
        self._time_ms += 1
        self._take(self.device.receive_image(image, first=first, last=end))

    def restart(self) -> None:
        """Take the power away and give it back."""
        self._time_ms += 1000
        self._queue.clear()
        self.device.restart()

    def _take(self, sent: tuple[Outgoing, ...]) -> None:
        for each in sent:
            self._queue.append((self._time_ms + each.delay_ms, each.octets))
