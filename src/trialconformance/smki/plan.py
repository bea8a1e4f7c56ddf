"""Who is in a synthetic PKI and how long: the plan that ``issue`` carries out, as data.

Clause: the shape of the certificates of the public test PKI.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict

from trialconformance.core import format_eui64, load_json, parse_eui64, read_data

__all__ = ["Authority", "Device", "Leaf", "Party", "Plan", "Use", "load_plan"]

Use = Literal["ds", "ka", "pp-ka"]
_DATA = "data/synthetic_pki.json"


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _eui64_text(text: str) -> str:
    return format_eui64(parse_eui64(text))


_Entity = Annotated[str, AfterValidator(_eui64_text)]


class Authority(_Row):
    """A CA.

    Args:
        name: its name in this PKI.
        unit: OU of its subject, empty where it has none.
        common_name: CN of its subject.
        issuer: name of the CA that signs it, its own for a root.
        policy: policy identifier, dotted.
        path_length: pathLenConstraint, None where it is left out.
        not_before: start of validity.
        not_after: end of validity.
    """

    name: str
    unit: str
    common_name: str
    issuer: str
    policy: str
    path_length: int | None
    not_before: AwareDatetime
    not_after: AwareDatetime


class Leaf(_Row):
    """What the certificates of all parties, or of all devices, have in common.

    Args:
        issuer: name of the CA that signs them.
        policy: policy identifier, dotted.
        not_before: start of validity.
        not_after: end of validity.
    """

    issuer: str
    policy: str
    not_before: AwareDatetime
    not_after: AwareDatetime


class Party(_Row):
    """A remote party.

    Args:
        name: its name in this PKI, for example ``supplier``.
        entity: EUI-64 as 16 upper-case hex digits.
        role: remote party role.
        uses: what it has certificates for.
        common_name: CN of its digital signature certificate, empty for none.
    """

    name: str
    entity: _Entity
    role: int
    uses: tuple[Use, ...]
    common_name: str = ""


class Device(_Row):
    """A device with a name; certificates are made for any other EUI-64 too.

    Args:
        name: its name in this PKI, for example ``esme``.
        entity: EUI-64 as 16 upper-case hex digits.
    """

    name: str
    entity: _Entity


class Plan(_Row):
    """Who is in a synthetic PKI.

    Args:
        description: what it is for.
        seed: where every key and serial number comes from.
        hardware_type: hwType of devices, dotted.
        authorities: the CAs, each after the one that signs it.
        organisation: what certificates of parties have in common.
        device: what certificates of devices have in common.
        parties: the remote parties.
        devices: devices with a name.
    """

    description: str
    seed: str
    hardware_type: str
    authorities: tuple[Authority, ...]
    organisation: Leaf
    device: Leaf
    parties: tuple[Party, ...]
    devices: tuple[Device, ...]


def load_plan(file: Path | None = None) -> Plan:
    """Load a plan.

    Args:
        file: a user's own plan instead of the one of this package.

    Returns:
        The plan.

    Raises:
        UsageError: the file cannot be read or is no plan.
    """
    octets = read_data("trialconformance.smki", _DATA, override=file)
    return load_json(Plan, octets, where=_DATA if file is None else str(file))
