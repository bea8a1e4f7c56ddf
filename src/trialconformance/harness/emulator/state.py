"""Everything a device remembers."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec

from trialconformance.gbcs import Message
from trialconformance.gbcs.dlms.data import Data
from trialconformance.harness.emulator.cells import Cells
from trialconformance.harness.times import ClockStatus
from trialconformance.smki import Certificate, KeyUsage

__all__ = ["DeviceState", "Firmware", "Instruction", "KeyPair", "LogEntry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """A key pair of the device with its certificate.

    Args:
        private: the private key.
        certificate: the certificate for it.
    """

    private: ec.EllipticCurvePrivateKey = field(repr=False)
    certificate: Certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """A future-dated command, or one instruction of it.

    Args:
        due: seconds since 2000-01-01.
        command: the command as it was accepted.
        service: name of the service that executes it.
        descriptor: what the alert says beside message code and counter.
    """

    due: int
    command: Message
    service: str
    descriptor: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One entry of a log.

    Args:
        at: seconds since 2000-01-01.
        code: event or alert code.
    """

    at: int
    code: int


@dataclass(slots=True, kw_only=True)
class Firmware:
    """What runs and what was received.

    Args:
        version: version of the active image, 4 octets.
        staged: octets of the image that is being received.
        size: octets the whole image has, as its transfer announced.
        image_hash: SHA-256 of the staged image once it is complete, empty until then.
    """

    version: bytes
    staged: bytearray = field(default_factory=bytearray)
    size: int = 0
    image_hash: bytes = b""

    @property
    def complete(self) -> bool:
        """Whether a whole image is held."""
        return self.size > 0 and len(self.staged) == self.size


@dataclass(slots=True, kw_only=True)
class DeviceState:
    """Everything a device remembers.

    Args:
        now: seconds since 2000-01-01.
        clock_status: how far the clock can be trusted.
        cells: trust anchor cells.
        keys: own key pairs by usage.
        firmware: images.
        counters: highest counter accepted, by role (execution counters).
        token_counter: highest counter of an accepted top-up token.
        alert_counter: counter of the last alert.
        pending: key pair generated for a certification request, by usage.
        schedule: future-dated instructions.
        joined: device type by EUI-64 of the device log.
        credit: prepayment credit in thousandths of a pound.
        payment_mode: ZCL payment control configuration of a GSME.
        attributes: COSEM attributes by ``class/obis/attribute``.
        log: security log, oldest first.
        answered: how many answers left so far.
        refused: how many commands were refused so far.
        seen: how many messages arrived so far.
        stopped: whether it has crashed.
    """

    now: int
    clock_status: ClockStatus
    cells: Cells
    keys: dict[KeyUsage, KeyPair]
    firmware: Firmware
    counters: dict[int, int] = field(default_factory=dict)
    token_counter: int = 0
    alert_counter: int = 0
    pending: dict[KeyUsage, ec.EllipticCurvePrivateKey] = field(default_factory=dict)
    schedule: list[Instruction] = field(default_factory=list)
    joined: dict[bytes, int] = field(default_factory=dict)
    credit: int = 0
    payment_mode: int = 0
    attributes: dict[str, Data] = field(default_factory=dict)
    log: list[LogEntry] = field(default_factory=list)
    answered: int = 0
    refused: int = 0
    seen: int = 0
    stopped: bool = False
