"""What a kind of device is: its cells, its use cases and who may use them, as data."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from trialconformance.core import UsageError, load_json, read_data

__all__ = ["Attribute", "CellPlan", "Personalities", "Personality", "Service"]

Role = Literal[
    "recovery",
    "supplier",
    "network-operator",
    "access-control-broker",
    "transitional-cos",
    "wan-provider",
    "load-controller",
]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CellPlan(_Row):
    """One trust anchor cell.

    Args:
        holder: name in the synthetic PKI of the party whose certificate it holds at first.
        use: which certificate of that party; ``ca`` for a CA of the PKI.
        role: remote party role of the cell.
        cell_usage: 0 management, 1 prepayment top-up.
    """

    holder: str
    use: Literal["ca", "ds", "ka", "pp-ka"]
    role: int
    cell_usage: int = 0


class Service(_Row):
    """One use case that the device has.

    Args:
        message_code: the code as ``0x`` and four upper-case hex digits.
        service: name of the service that executes it.
        roles: who may ask for it.
        replay_protected: whether an old counter is refused.
        sensitive: what of its answer is encrypted.
    """

    message_code: Annotated[str, Field(pattern="^0x[0-9A-F]{4}$")]
    service: str
    roles: tuple[Role, ...]
    replay_protected: bool
    sensitive: bool = False

    @property
    def code(self) -> int:
        """The Message Code as a number."""
        return int(self.message_code, 16)


class Attribute(_Row):
    """One COSEM attribute and its first value.

    Args:
        name: ``class/obis/attribute``, OBIS code in hex.
        type: A-XDR type of the value, for example ``octet-string``.
        value: a number, or octets in hex.
    """

    name: str
    type: str
    value: int | str


class Personality(_Row):
    """One kind of device.

    Args:
        device_type: ``ESME``, ``GSME`` or ``HCALCS``.
        holder: name in the synthetic PKI.
        protocol: in which protocol it raises alerts.
        model: Device Model as the identity read gives it, empty where there is no such read.
        firmware_version: active version, 8 hex digits.
        cells: trust anchor cells.
        services: use cases.
        attributes: COSEM attributes.
    """

    device_type: Literal["ESME", "GSME", "HCALCS"]
    holder: str
    protocol: Literal["DLMS", "GBZ"]
    model: str = ""
    firmware_version: Annotated[str, Field(pattern="^[0-9A-F]{8}$")]
    cells: tuple[CellPlan, ...]
    services: tuple[Service, ...]
    attributes: tuple[Attribute, ...] = ()

    def service(self, message_code: int) -> Service | None:
        """The service of a Message Code, None where the device has none."""
        return next((each for each in self.services if each.code == message_code), None)


class Personalities(_Row):
    """The kinds of device that the emulator can be.

    Args:
        schema_id: version of the file format.
        personalities: one row for each device type.
    """

    schema_id: Literal["emulator-personalities/1"]
    personalities: tuple[Personality, ...]

    @classmethod
    def load(cls, path: Path | None = None) -> Personalities:
        """Read the personalities of this package, or a user's own file of the same schema."""
        octets = read_data("trialconformance.harness.emulator", "data/personalities.json", override=path)
        return load_json(cls, octets, where=str(path or "personalities.json"))

    @classmethod
    def shipped(cls) -> Personalities:
        """The personalities of this package, read once."""
        return _shipped()

    def get(self, device_type: str) -> Personality:
        """Find a kind of device.

        Raises:
            UsageError: there is no such kind.
        """
        found = next((each for each in self.personalities if each.device_type == device_type), None)
        if found is None:
            accepted = ", ".join(each.device_type for each in self.personalities)
            raise UsageError(f"the emulator cannot be a {device_type!r}", where="device type", accepted=accepted)
        return found


@cache
def _shipped() -> Personalities:
    return Personalities.load()
