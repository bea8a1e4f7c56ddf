"""ASN.1 payloads of commands, written in DER: credentials, firmware, clock of a GSME, joins (GBCS 13 and 7.4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from trialconformance.harness.payloads.context import Context, Recipe
from trialconformance.harness.times import CANCEL_GENERALIZED, as_generalized
from trialconformance.smki import KeyUsage
from trialconformance.smki import der_writer as write

__all__ = ["RECIPES", "CellReference", "Replacement", "cell"]

_GENERALIZED_TIME = 0x18
_KEY_USAGE_BITS = {KeyUsage.DIGITAL_SIGNATURE: 0, KeyUsage.KEY_AGREEMENT: 4, KeyUsage.KEY_CERT_SIGN: 5}
_AUTHORISING_CELL, _CPV, _SEQUENCE_NUMBER, _FLOOR = 2, 1, 3, 4
_DISAPPLY = b"\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellReference:
    """A trust anchor cell as messages name it.

    Args:
        role: remote party role.
        usage: what its key is for.
        cell_usage: 0 management, 1 prepayment top-up.
    """

    role: int
    usage: KeyUsage
    cell_usage: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A certificate and the cell it is for.

    Args:
        certificate: DER.
        cell: the cell.
    """

    certificate: bytes = field(repr=False)
    cell: CellReference


def cell(reference: CellReference) -> bytes:
    """Write a TrustAnchorCellIdentifier."""
    return write.sequence(*_cell_fields(reference))


def _cell_fields(reference: CellReference) -> list[bytes]:
    fields = [write.integer(reference.role), _key_usage(reference.usage)]
    if reference.cell_usage:  # DEFAULT management is left out
        fields.append(write.integer(reference.cell_usage))
    return fields


def _key_usage(usage: KeyUsage) -> bytes:
    return write.named_bits(_KEY_USAGE_BITS[usage])


def _time(seconds: int | None, *, cancel: bool) -> list[bytes]:
    if cancel:
        return [write.tlv(_GENERALIZED_TIME, CANCEL_GENERALIZED.encode())]
    return [] if seconds is None else [write.tlv(_GENERALIZED_TIME, as_generalized(seconds).encode())]


def _when(context: Context) -> list[bytes]:
    """``due`` in seconds since 2000-01-01, None for at once; ``cancel`` to cancel."""
    return _time(context.values.get("due"), cancel=context.values.get("cancel", False))


def _provide_credentials(context: Context) -> bytes:
    """CS02a: the asker's cell and the roles wanted."""
    roles = [write.integer(role) for role in context.values["roles"]]
    return write.sequence(cell(context.values["cell"]), write.sequence(*roles))


def _update_credentials(context: Context) -> bytes:
    """CS02b and CS02g."""
    values = context.values
    sequence_number = values.get("sequence_number", context.counter)
    auth = [write.integer(values["mode"])]
    if values.get("disapply_time"):
        auth.append(write.context(_CPV, _DISAPPLY))
    if "authorising_cell" in values:
        auth.append(write.explicit(_AUTHORISING_CELL, *_cell_fields(values["authorising_cell"])))
    auth.append(write.context(_SEQUENCE_NUMBER, _unsigned(sequence_number)))
    if "floor" in values:
        auth.append(write.context(_FLOOR, _unsigned(values["floor"])))
    replacements = [write.sequence(each.certificate, cell(each.cell)) for each in values["replacements"]]
    return write.sequence(
        write.sequence(*auth), write.sequence(*replacements), write.sequence(*values["path"]), *_when(context)
    )


def _unsigned(number: int) -> bytes:
    """Content octets of a non-negative INTEGER."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _usage_only(context: Context) -> bytes:
    """CS02c and CS02e."""
    return write.sequence(_key_usage(context.values["usage"]))


def _activate_firmware(context: Context) -> bytes:
    """CS06."""
    counter = write.integer(context.values.get("originator_counter", context.counter))
    return write.sequence(write.octet_string(context.values["image_hash"]), counter, *_when(context))


def _set_clock(context: Context) -> bytes:
    """GCS28: the interval in which the time of the hub must lie."""
    return write.sequence(*_time(context.values["start"], cancel=False), *_time(context.values["end"], cancel=False))


def _join(context: Context) -> bytes:
    """CS03: method and role, the other device and its type."""
    values = context.values
    fields = [
        write.integer(values.get("method", 0)),
        write.octet_string(values["other"]),
        write.integer(values["device_type"]),
    ]
    if "certificate" in values:
        fields.append(values["certificate"])
    return write.sequence(*fields)


def _credentials(message_code: int) -> Recipe:
    return Recipe(message_code=message_code, build=_update_credentials)


RECIPES: dict[str, Recipe] = {
    "CS02a": Recipe(message_code=0x0008, build=_provide_credentials),
    "CS02b:supplier": _credentials(0x0102),
    "CS02b:network-operator": _credentials(0x0103),
    "CS02b:access-control-broker": _credentials(0x0104),
    "CS02b:transitional-cos": _credentials(0x0107),
    "CS02c": Recipe(message_code=0x000A, build=_usage_only),
    "CS02d": Recipe(message_code=0x000B, build=lambda context: bytes(context.values["certificate"])),
    "CS02e": Recipe(message_code=0x000C, build=_usage_only),
    "CS03A1": Recipe(message_code=0x000D, build=_join),
    "CS03A2": Recipe(message_code=0x00AB, build=_join),
    "CS03B": Recipe(message_code=0x000E, build=_join),
    "CS04AC": Recipe(message_code=0x000F, build=lambda context: write.octet_string(context.values["other"])),
    "CS04B": Recipe(message_code=0x0010, build=lambda context: write.octet_string(context.values["other"])),
    "CS06": Recipe(message_code=0x0012, build=_activate_firmware),
    "CS07": Recipe(message_code=0x0013, build=lambda _: write.null()),
    "CS08": Recipe(message_code=0x0129, build=lambda _: write.null()),
    "GCS28": Recipe(message_code=0x007F, build=_set_clock),
}
