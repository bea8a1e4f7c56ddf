"""Top-up tokens on the side of the device: CS01a and CS01b (GBCS 14)."""

from __future__ import annotations

import hmac
from enum import IntEnum
from typing import TYPE_CHECKING

from trialconformance.gbcs import Message
from trialconformance.gbcs.protection import agree
from trialconformance.harness import tokens
from trialconformance.harness.emulator.cells import PREPAYMENT, CellName
from trialconformance.smki import KeyUsage

if TYPE_CHECKING:
    from trialconformance.harness.emulator.device import Emulator

__all__ = ["TokenResult", "enter"]

_SUPPLIER_ROLE = 2
_THOUSANDTHS = {0: 10, 1: 1000}  # thousandths of a pound in one unit: pence, pounds
_LOW_BITS = (1 << 32) - 1
_BIT_RANGE = 1 << 10


class TokenResult(IntEnum):
    """Result codes of a top-up."""

    ACCEPTED = 0
    INVALID = 1
    DUPLICATE = 2


def enter(device: Emulator, command: Message, text: str) -> TokenResult:
    """Take a token that a command brings.

    Args:
        device: who takes it.
        command: the command; its counter is the one that the token was made with.
        text: 20 digits.

    Returns:
        What became of it.
    """
    counter = command.originator_counter & ~_LOW_BITS
    result = _judge(device, text, counter)
    if result is TokenResult.ACCEPTED:
        token = tokens.read_token(text)
        if token is not None:
            device.state.credit += token.value * _THOUSANDTHS.get(token.unit, 0) * device.behaviour.token_credit
    if result is TokenResult.ACCEPTED or device.behaviour.token_counter_advances:
        device.state.token_counter = max(device.state.token_counter, counter)
    return result


def _judge(device: Emulator, text: str, counter: int) -> TokenResult:
    skipped = device.behaviour.token_checks
    token = tokens.read_token(text)
    if token is None:
        return TokenResult.INVALID
    if "check-digit" not in skipped and tokens.check_digit(text[:-1]) != text[-1]:
        return TokenResult.INVALID
    # The token says ten bits of its counter; the device takes the value nearest above the last one it accepted.
    meant = _nearest(token.counter_bits, counter)
    last = device.state.token_counter
    if meant == last and "duplicate" not in skipped:
        return TokenResult.DUPLICATE
    if meant < last and "older" not in skipped:
        return TokenResult.DUPLICATE
    if "mac" not in skipped and not _is_authentic(device, token, meant):
        return TokenResult.INVALID
    return TokenResult.ACCEPTED


def _nearest(bits: int, counter: int) -> int:
    high = counter >> 32
    return ((high - high % _BIT_RANGE) + bits) << 32


def _is_authentic(device: Emulator, token: tokens.Token, counter: int) -> bool:
    cell = CellName.of(_SUPPLIER_ROLE, KeyUsage.KEY_AGREEMENT, PREPAYMENT)
    certificate = device.state.cells.get(cell)
    supplier = certificate.entity_id if certificate is not None else None
    if supplier is None:
        return False
    secret = agree(device.keystore, device.entity, supplier, prepayment=True)
    if secret is None:
        return False
    addressees = [device.entity]
    if "device" in device.behaviour.token_checks:
        addressees += [device.pki.entity(each.name) for each in device.pki.plan.devices]
    return any(
        hmac.compare_digest(token.mac, tokens.token_mac(
            token.head, secret=secret, supplier=supplier, device=addressee, counter=counter
        ))
        for addressee in addressees
    )
