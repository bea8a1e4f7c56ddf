"""What a faulty device does to its answers and alerts before they leave."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import replace

from trialconformance.gbcs import Message, Status, Verification, protect, wire
from trialconformance.gbcs.dlms.access import AccessResponse, read_apdu
from trialconformance.gbcs.protection import agree, mac_of
from trialconformance.gbcs.usecases import Protection
from trialconformance.harness.emulator.interface import Device

__all__ = ["ANSWERS", "OCTETS", "protected", "with_mac_for"]

_GARBAGE = bytes.fromhex("deadbeef") * 8
_SHAPES: tuple[Protection, ...] = ("mac", "signature")


def protected(device: Device, response: Message, *, command: Protection | None) -> bytes:
    """Protect an answer as its use case asks.

    Where the catalogue declares variants (CS02a), the answer takes the form that the command had.

    Args:
        device: who answers.
        response: the answer.
        command: what protected the command.
    """
    row = device.use_cases.get(response.message_code)
    forms = row.forms(wire.RESPONSE) if row is not None else ()
    form = forms[0] if forms else "mac"
    if command in _SHAPES and command in forms:
        form = command
    form = device.behaviour.answer_form or form
    return protect(response, device.keystore, form=form, deterministic=True).octets


def with_mac_for(device: Device, message: Message, found: Verification) -> Verification:
    """Accept a MAC that this device can compute although the message names another target."""
    secret = agree(device.keystore, device.acb or b"", device.entity)
    if secret is None or message.mac is None:
        return found
    good = hmac.compare_digest(mac_of(message, secret), message.mac)
    return replace(found, mac=Status.VALID if good else Status.INVALID)


def _counter(_: Device, response: Message) -> Message:
    return replace(response, originator_counter=response.originator_counter + 1)


def _message_code(_: Device, response: Message) -> Message:
    return replace(response, message_code=0x0059 if response.message_code != 0x0059 else 0x00F9)


def _not_swapped(device: Device, response: Message) -> Message:
    return replace(response, target=device.acb or response.target)


def _cra(_: Device, response: Message) -> Message:
    return replace(response, cra=wire.ALERT)


def _date_time(_: Device, response: Message) -> Message:
    return replace(response, date_time=b"")


def _supplementary(_: Device, response: Message) -> Message:
    return replace(response, supplementary_remote_party_id=None, supplementary_remote_party_counter=None)


def _short_list(_: Device, response: Message) -> Message:
    apdu = read_apdu(response.payload) if response.payload[:1] == bytes([AccessResponse.tag]) else None
    if not isinstance(apdu, AccessResponse):
        return response
    return replace(response, payload=replace(apdu, data=apdu.data[:-1], results=apdu.results[:-1]).encode())


def _no_payload(_: Device, response: Message) -> Message:
    return replace(response, payload=b"")


ANSWERS: dict[str, Callable[[Device, Message], Message]] = {
    "none": lambda _, response: response,
    "counter": _counter,
    "message-code": _message_code,
    "not-swapped": _not_swapped,
    "cra": _cra,
    "date-time": _date_time,
    "supplementary": _supplementary,
    "short-list": _short_list,
    "no-payload": _no_payload,
}


def _flip_last(octets: bytes) -> bytes:
    """The last octet belongs to the MAC of a MAC'd message and to the signature of a signed one."""
    return octets[:-1] + bytes([octets[-1] ^ 0x01])


OCTETS: dict[str, Callable[[bytes], bytes]] = {
    "none": lambda octets: octets,
    "mac": lambda octets: _flip_last(octets) if octets[0] == wire.GENERAL_CIPHERING else octets,
    "signature": lambda octets: _flip_last(octets) if octets[0] == wire.GENERAL_SIGNING else octets,
    "half": lambda octets: octets[: len(octets) // 2],
    "garbage": lambda _: _GARBAGE,
    "trailing": lambda octets: octets + b"\x00",
}
