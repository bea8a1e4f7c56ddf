"""Top-up tokens on the side of the device: CS01a and CS01b (GBCS 14)."""

from __future__ import annotations

from enum import IntEnum

from trialconformance.core import ArtefactError
from trialconformance.gbcs import Message, Status
from trialconformance.gbcs.topup import Token, TokenParties, check_digit, verify_token
from trialconformance.harness.emulator.cells import PREPAYMENT, CellName
from trialconformance.harness.emulator.interface import Device
from trialconformance.smki import KeyUsage

__all__ = ["TokenResult", "enter"]

_SUPPLIER_ROLE = 2
_THOUSANDTHS = 10  # thousandths of a pound in a penny
_COUNTER_SHIFT = 32  # a top-up counter has its low 32 bits zero; the token holds the ten bits above
_TOKEN_RANGE = 1 << 10


class TokenResult(IntEnum):
    """Result codes of a top-up."""

    ACCEPTED = 0
    INVALID = 1
    DUPLICATE = 2


def enter(device: Device, command: Message, text: str) -> TokenResult:
    """Take a token that a command brings.

    Args:
        device: who takes it.
        command: the command; the token says ten bits of its counter.
        text: 20 digits.

    Returns:
        What became of it.
    """
    token = _read(device, text)
    if token is None:
        return TokenResult.INVALID
    counter = _meant(token, command.originator_counter)
    result = _judge(device, token, counter)
    if result is TokenResult.ACCEPTED:
        device.state.credit += (token.pence or 0) * _THOUSANDTHS * device.behaviour.token_credit
    if result is TokenResult.ACCEPTED or device.behaviour.token_counter_advances:
        device.state.token_counter = max(device.state.token_counter, counter)
    return result


def _read(device: Device, text: str) -> Token | None:
    if "check-digit" in device.behaviour.token_checks and text[:-1].isdigit():
        text = text[:-1] + check_digit(text[:-1])
    try:
        return Token.from_utrn(text)
    except ArtefactError:
        return None


def _meant(token: Token, counter: int) -> int:
    """The whole counter of a token: the bits above its ten are those of the command that brings it."""
    high = counter >> _COUNTER_SHIFT
    return (high - high % _TOKEN_RANGE + token.counter) << _COUNTER_SHIFT


def _judge(device: Device, token: Token, counter: int) -> TokenResult:
    skipped = device.behaviour.token_checks
    last = device.state.token_counter
    if (counter == last and "duplicate" not in skipped) or (counter < last and "older" not in skipped):
        return TokenResult.DUPLICATE
    if "mac" not in skipped and not _is_authentic(device, token, counter):
        return TokenResult.INVALID
    return TokenResult.ACCEPTED


def _is_authentic(device: Device, token: Token, counter: int) -> bool:
    certificate = device.state.cells.get(CellName.of(_SUPPLIER_ROLE, KeyUsage.KEY_AGREEMENT, PREPAYMENT))
    supplier = certificate.entity_id if certificate is not None else None
    if supplier is None:
        return False
    if "device" in device.behaviour.token_checks:
        return True  # a token of this supplier for whatever device
    parties = TokenParties(supplier=supplier, device=device.entity)
    status = verify_token(token, originator_counter=counter, parties=parties, keystore=device.keystore)
    return status is Status.VALID
