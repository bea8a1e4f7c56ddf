"""COSEM Data Protection (class 30, method 1) inside GBCS values: finding protected attributes and building them.

GBCS 8.3. RTDS: 17 Responses and 2 Alerts hold ``array of protection-parameters`` followed by an octet-string.
"""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import UsageError
from trialconformance.gbcs.dlms.access import AccessResponse, DataNotification
from trialconformance.gbcs.dlms.data import Data, Tag
from trialconformance.gbcs.encrypted_unit import CIPHERED_INFORMATION_LEAST, EncryptedUnit, ProtectionParameters

__all__ = ["encrypted_units", "protected_attributes", "protection_parameters", "protection_parameters_data"]

_OCTETS = Tag.OCTET_STRING


def encrypted_units(apdu: AccessResponse | DataNotification) -> tuple[EncryptedUnit, ...]:
    """Find the encrypted units of a Response or an Alert, by what stands there and not by use case.

    Args:
        apdu: the Response or Alert.

    Returns:
        The units in their order.
    """
    if isinstance(apdu, DataNotification):
        return tuple(_units_in(apdu.body, "body"))
    return tuple(unit for at, data in enumerate(apdu.data) for unit in _units_in(data, f"data[{at}]"))


def protection_parameters(data: Data) -> ProtectionParameters | None:
    """Read the protection parameters of one protection layer.

    Args:
        data: structure of protection type and parameters.

    Returns:
        The parameters, None where the value has another shape.
    """
    outer = _members(data, Tag.ENUM, Tag.STRUCTURE)
    options = outer and _members(outer[1], _OCTETS, _OCTETS, _OCTETS, _OCTETS, Tag.STRUCTURE)
    key = options and _members(options[4], Tag.ENUM, Tag.STRUCTURE)
    agreed = key and _members(key[1], _OCTETS, _OCTETS)
    if not outer or not options or not key or not agreed:
        return None
    return ProtectionParameters(
        protection_type=outer[0].value,
        transaction_id=options[0].value,
        originator=options[1].value,
        recipient=options[2].value,
        other_information=options[3].value,
        key_info=key[0].value,
        key_parameters=agreed[0].value,
        key_ciphered_data=agreed[1].value,
    )


def protection_parameters_data(parameters: ProtectionParameters) -> Data:
    """Build the value that ``protection_parameters`` reads.

    Args:
        parameters: the parameters.

    Returns:
        Structure of protection type and parameters.
    """
    agreed = _structure(Data(_OCTETS, parameters.key_parameters), Data(_OCTETS, parameters.key_ciphered_data))
    options = _structure(
        Data(_OCTETS, parameters.transaction_id),
        Data(_OCTETS, parameters.originator),
        Data(_OCTETS, parameters.recipient),
        Data(_OCTETS, parameters.other_information),
        _structure(Data(Tag.ENUM, parameters.key_info), agreed),
    )
    return _structure(Data(Tag.ENUM, parameters.protection_type), options)


def protected_attributes(parameters: ProtectionParameters, ciphered: bytes) -> tuple[Data, Data]:
    """Build the two values that stand for protected attributes: members of a Response structure or of an Alert.

    Args:
        parameters: how they are protected.
        ciphered: ciphered information, at least 17 octets.

    Returns:
        Array of protection parameters and octet-string.

    Raises:
        UsageError: the octets are too few for a security header and a tag.
    """
    if len(ciphered) < CIPHERED_INFORMATION_LEAST:
        raise UsageError(
            f"{len(ciphered)} octets",
            where="ciphered information",
            accepted=f"{CIPHERED_INFORMATION_LEAST} octets or more",
        )
    return Data(Tag.ARRAY, (protection_parameters_data(parameters),)), Data(_OCTETS, ciphered)


def _units_in(data: Data, path: str) -> Iterator[EncryptedUnit]:
    if data.tag != Tag.STRUCTURE:
        return
    for at, (layers, ciphered) in enumerate(zip(data.items, data.items[1:], strict=False)):
        if layers.tag != Tag.ARRAY or ciphered.tag != _OCTETS or len(layers.items) != 1:
            continue
        parameters = protection_parameters(layers.items[0])
        if parameters is not None and len(ciphered.value) >= CIPHERED_INFORMATION_LEAST:
            yield EncryptedUnit(
                path=f"{path}[{at + 1}]",
                start=ciphered.end - len(ciphered.value),
                ciphered=ciphered.value,
                parameters=parameters,
            )


def _members(data: Data, *tags: Tag) -> tuple[Data, ...] | None:
    if data.tag != Tag.STRUCTURE or tuple(each.tag for each in data.items) != tags:
        return None
    return data.items


def _structure(*members: Data) -> Data:
    return Data(Tag.STRUCTURE, members)
