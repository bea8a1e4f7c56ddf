"""The end of a trial (TR-31 to TR-36): which way out a device may take, what was done, and what is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import ExitCode, canonical_json, sha256_hex
from trialconformance.cpl import Image
from trialconformance.trial.listing import ListedModel
from trialconformance.trial.register_entry import ClosureOutcome, Entry

__all__ = [
    "BATCH_DEVICES",
    "ClosedDevice",
    "ClosurePlan",
    "ClosureProof",
    "Route",
    "Target",
    "batches",
    "ota_refusals",
]

# DUIS V5.4 UpdateFirmware/DeviceIDList: at most 1 199 999 characters; an EUI has 23, a comma parts two of them.
_DEVICE_LIST_CHARACTERS = 1_199_999
_EUI_CHARACTERS = 23
BATCH_DEVICES = (_DEVICE_LIST_CHARACTERS + 1) // (_EUI_CHARACTERS + 1)
"""Devices that one Update Firmware request (SR 11.1) can name."""

Count = Annotated[int, Field(ge=0)]


class Route(StrEnum):
    """How a device leaves the trial."""

    OTA = "ota"
    EXCHANGE = "exchange"
    REMOVAL = "removal"
    OPEN = "open"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Target(_Value):
    """The certified row that devices are upgraded to.

    Args:
        entry: entry id on the list.
        firmware: OTA file version.
        cpa_reference: its CPA certificate reference.
        image_hash: SHA-256 of the Manufacturer Image: what Activate Firmware carries.
    """

    entry: str
    firmware: str
    cpa_reference: str
    image_hash: str

    @classmethod
    def of(cls, row: ListedModel) -> Target:
        """The target as a row of the list has it."""
        return cls(entry=row.entry, firmware=row.firmware, cpa_reference=row.cpa_reference, image_hash=row.image_hash)


class ClosedDevice(_Value):
    """What became of one device.

    Args:
        pseudonym: keyed hash of its EUI-64; empty where no key was given.
        route: how it left, or that it is still open.
        status: its status on the inventory, ``absent`` where it has no row.
        firmware: its firmware version.
        reason: what shows it.
    """

    pseudonym: str = Field(pattern=r"^([0-9a-f]{32})?$")
    route: Route
    status: str
    firmware: str
    reason: str


class ClosureProof(_Value):
    """What became of every device of a trial, ``gb-trial-closure/1``.

    Args:
        schema_id: form of the file, key ``schema``.
        trial_ref: the trial.
        as_of: the day of the inventory.
        whole: whether the inventory was shown to be whole.
        inventory_sha256: digests of its files.
        target: the certified row, None where no device can be upgraded.
        refusals: why an upgrade over the air does not count.
        counts: devices by route.
        devices: the devices, by pseudonym.
    """

    schema_id: Literal["gb-trial-closure/1"] = Field(default="gb-trial-closure/1", alias="schema")
    trial_ref: str
    as_of: date
    whole: bool
    inventory_sha256: tuple[str, ...]
    target: Target | None
    refusals: tuple[str, ...]
    counts: dict[Route, Count]
    devices: tuple[ClosedDevice, ...]

    @property
    def left(self) -> int:
        """Devices that are still open."""
        return self.counts.get(Route.OPEN, 0)

    @property
    def is_complete(self) -> bool:
        """Whether a whole inventory shows that no device is left."""
        return self.whole and not self.left

    @property
    def outcome(self) -> ClosureOutcome:
        """How the devices left, taken together."""
        upgraded = self.counts.get(Route.OTA, 0)
        gone = self.counts.get(Route.EXCHANGE, 0) + self.counts.get(Route.REMOVAL, 0)
        if upgraded and gone:
            return ClosureOutcome.MIXED
        return ClosureOutcome.CERTIFIED if upgraded else ClosureOutcome.REMOVED

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of a command that ends with this proof."""
        if self.left:
            return ExitCode.FAIL
        return ExitCode.PASS if self.whole else ExitCode.INCONCLUSIVE

    @property
    def digest(self) -> str:
        """Digest that the register names when the trial is closed."""
        return f"sha256:{sha256_hex(self.to_json())}"

    def to_json(self) -> bytes:
        """The proof as canonical JSON."""
        return canonical_json(self.model_dump(mode="json", by_alias=True))


class ClosurePlan(_Value):
    """Which way out the devices of a trial may take, ``gb-trial-closure-plan/1``.

    Args:
        schema_id: form of the file, key ``schema``.
        trial_ref: the trial.
        as_of: the day of the inventory.
        whole: whether the inventory was shown to be whole.
        target: the certified row, None where there is none.
        refusals: why no device may be upgraded over the air.
        activation_hash: what Activate Firmware carries, None where no device may be upgraded.
        upgrade_over_the_air: devices that may be.
        exchange_or_removal: devices that need a visit.
        already_left_or_certified: devices that need nothing.
        batches: devices of each list for Update Firmware.
    """

    schema_id: Literal["gb-trial-closure-plan/1"] = Field(default="gb-trial-closure-plan/1", alias="schema")
    trial_ref: str
    as_of: date
    whole: bool
    target: Target | None
    refusals: tuple[str, ...]
    activation_hash: str | None
    upgrade_over_the_air: Count
    exchange_or_removal: Count
    already_left_or_certified: Count
    batches: tuple[Count, ...]

    def to_json(self) -> bytes:
        """The plan as canonical JSON."""
        return canonical_json(self.model_dump(mode="json", by_alias=True))


def ota_refusals(entry: Entry, target: ListedModel | None, image: Image | None) -> tuple[str, ...]:
    """Say why devices of a trial may not be upgraded over the air (TR-35).

    Args:
        entry: the trial.
        target: the row of the list to upgrade to, None where it names none.
        image: the image that would be sent, None where it is withheld.

    Returns:
        The reasons; none where the hardware variant is certified and, where the image is there, it fits.
    """
    if target is None:
        return ("no certified row of the list has that firmware",)
    return tuple(_target_faults(entry, target)) + (tuple(_image_faults(target, image)) if image else ())


def _target_faults(entry: Entry, target: ListedModel) -> Iterator[str]:
    if not (target.is_certified and target.is_active):
        yield f"entry {target.entry} is not an active row with a CPA certificate: {target.cpa_reference or 'none'}"
    if target.manufacturer != entry.manufacturer.zigbee_id:
        yield f"entry {target.entry} is of manufacturer {target.manufacturer}, not {entry.manufacturer.zigbee_id}"
    variants = {(each.type, each.model_id, each.hardware) for each in entry.models}
    if (target.type, target.model_id, target.hardware) not in variants:
        wanted = ", ".join(" ".join(each) for each in sorted(variants))
        seen = f"{target.type} {target.model_id} {target.hardware}"
        yield f"entry {target.entry} is of hardware variant {seen}, the trial of {wanted}"


def _image_faults(target: ListedModel, image: Image) -> Iterator[str]:
    header = image.header
    if image.hash.upper() != target.image_hash.upper():
        yield f"the image has hash {image.hash}, entry {target.entry} has {target.image_hash}"
    hardware = int(target.hardware, 16)
    low, high = header.minimum_hardware, header.maximum_hardware
    if low is not None and high is not None and not low <= hardware <= high:
        yield f"the image is for hardware {low:04X} to {high:04X}, not {target.hardware}"


def batches(devices: Iterable[bytes], *, most: int = BATCH_DEVICES) -> tuple[str, ...]:
    """Cut devices into lists that Update Firmware (SR 11.1) takes.

    Args:
        devices: EUI-64, 8 octets each, in any order, each once.
        most: devices of one list, at most what DUIS permits.

    Returns:
        Texts for ``DeviceIDList``, sorted: hex pairs joined by ``-``, devices by ``,``.
    """
    names = [each.hex("-").upper() for each in sorted(devices)]
    size = min(most, BATCH_DEVICES)
    return tuple(",".join(names[first : first + size]) for first in range(0, len(names), size))
