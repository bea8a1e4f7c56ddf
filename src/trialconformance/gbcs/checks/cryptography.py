"""GBCS-SEC-006 to 012: signatures and MACs verify, and only over the octets they were made for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from trialconformance.core import Basis, Finding, check, finding, format_eui64
from trialconformance.gbcs import wire
from trialconformance.gbcs.checks.scopes import is_alert, is_command, is_response, messages
from trialconformance.gbcs.protection import Status, agree, mac_of, mac_parties, verify
from trialconformance.gbcs.structure import examine
from trialconformance.gbcs.subjects import MessageInContext
from trialconformance.smki import p256

_DECIDED = frozenset({Status.VALID, Status.INVALID})
_HALF = wire.SIGNATURE_OCTETS // 2
_FLIPS = 8  # bits flipped in each message, chosen by its digest: every message in every run, the same bits each time


def _signature_decided(subject: MessageInContext) -> bool:
    return subject.verification.signature in _DECIDED


def _mac_decided(subject: MessageInContext) -> bool:
    return subject.verification.mac in _DECIDED


def _wants_certificate(subject: MessageInContext) -> str:
    unverified = subject.verification.signature is Status.UNVERIFIED
    return "the digital signing certificate of the originator is not at hand" if unverified else ""


def _wants_keys(of: Callable[[MessageInContext], bool]) -> Callable[[MessageInContext], str]:
    """What a message of one kind lacks for its MAC to be verified."""

    def wants(subject: MessageInContext) -> str:
        unverified = of(subject) and subject.verification.mac is Status.UNVERIFIED
        return "no key agreement private key of the two parties is at hand" if unverified else ""

    return wants


def _mac(subject: MessageInContext, parties: str) -> Iterator[Finding]:
    if subject.verification.mac is Status.INVALID:
        message = subject.message
        yield finding(
            at=subject.span("mac"),
            expected=f"a MAC that verifies with the key of {parties}, use {message.cra:02X}",
            seen=(message.mac or b"").hex(),
        )


@check(
    "GBCS-SEC-006",
    clause="GBCS 4.3.2",
    applies_to=messages(
        "every signed message whose originator's certificate is at hand",
        _signature_decided,
        wants=_wants_certificate,
    ),
    basis=Basis.VECTORS,
)
def signature_verifies(subject: MessageInContext) -> Iterator[Finding]:
    """The signature verifies under the digital signing certificate of the originator."""
    if subject.verification.signature is Status.INVALID:
        yield finding(
            at=subject.span("signature"),
            expected=f"a signature of {format_eui64(subject.message.originator)} over tag to payload",
            seen=(subject.message.signature or b"").hex(),
        )


@check(
    "GBCS-SEC-007",
    clause="GBCS 6.4.5",
    applies_to=messages(
        "every Response with a MAC whose keys are at hand", is_response, _mac_decided, wants=_wants_keys(is_response)
    ),
    basis=Basis.VECTORS,
)
def response_mac_verifies(subject: MessageInContext) -> Iterator[Finding]:
    """The MAC of a Response verifies with the key of the Device and of the target, use 02."""
    yield from _mac(subject, "the Device and the target")


@check(
    "GBCS-SEC-008",
    clause="GBCS 6.2.3",
    applies_to=messages(
        "every Command with a MAC whose keys are at hand", is_command, _mac_decided, wants=_wants_keys(is_command)
    ),
    basis=Basis.VECTORS,
)
def command_mac_verifies(subject: MessageInContext) -> Iterator[Finding]:
    """The MAC of a Command verifies with the key of the Access Control Broker and of the Device, use 01."""
    yield from _mac(subject, "the Access Control Broker and the Device")


@check(
    "GBCS-SEC-009",
    clause="GBCS 6.7",
    applies_to=messages(
        "every Alert with a MAC whose keys are at hand", is_alert, _mac_decided, wants=_wants_keys(is_alert)
    ),
    basis=Basis.VECTORS,
)
def alert_mac_verifies(subject: MessageInContext) -> Iterator[Finding]:
    """The MAC of an Alert verifies with the key of the Device and of the target, use 03."""
    yield from _mac(subject, "the Device and the target")


@check(
    "GBCS-SEC-010",
    clause="SEC 1 4.1.4",
    applies_to=messages("every signed message", lambda subject: bool(subject.message.signature)),
    basis=Basis.ASSUMED,
)
def signature_numbers_are_in_range(subject: MessageInContext) -> Iterator[Finding]:
    """Both numbers of a signature lie between 1 and the order of the curve less 1."""
    signature = subject.message.signature or b""
    for name, half in (("r", signature[:_HALF]), ("s", signature[_HALF:])):
        if not 0 < int.from_bytes(half) < p256.ORDER:
            yield finding(
                at=subject.span("signature"), expected=f"{name} from 1 to n - 1", seen=f"{name} = {half.hex()}"
            )


def _wholly_valid(subject: MessageInContext) -> bool:
    states = {subject.verification.signature, subject.verification.mac}
    return Status.VALID in states and states <= {Status.VALID, Status.ABSENT}


@check(
    "GBCS-SEC-011",
    clause="GBCS 4.3 (self-test of the tool)",
    applies_to=messages("every message whose signature and MAC verify", _wholly_valid),
    basis=Basis.VECTORS,
)
def no_single_bit_can_be_flipped(subject: MessageInContext) -> Iterator[Finding]:
    """Flipping a single bit makes verification or the literal checks fail; 8 bits of each message are tried."""
    octets = subject.octets
    digest = hashlib.shake_128(octets).digest(4 * _FLIPS)
    for index in range(_FLIPS):
        bit = int.from_bytes(digest[4 * index : 4 * index + 4]) % (8 * len(octets))
        flipped = bytearray(octets)
        flipped[bit // 8] ^= 0x80 >> bit % 8
        if _still_verifies(bytes(flipped), subject):
            yield finding(
                expected="a message that no longer verifies",
                seen=f"bit {bit % 8} of octet {bit // 8} can be flipped unnoticed",
            )


@check(
    "GBCS-SEC-012",
    clause="GBCS 4.3.3.3",
    applies_to=messages(
        "every Response whose MAC verifies", is_response, lambda subject: subject.verification.mac is Status.VALID
    ),
    basis=Basis.VECTORS,
)
def mac_key_is_bound_to_the_kind_of_message(subject: MessageInContext) -> Iterator[Finding]:
    """The MAC of a Response does not verify with a key derived for an Alert."""
    message, context = subject.message, subject.context
    parties = mac_parties(message, acb=context.acb, use_cases=context.use_cases)
    secret = None if parties is None or context.keystore is None else agree(context.keystore, *parties)
    if secret is not None and mac_of(message, secret, use=wire.ALERT) == message.mac:
        yield finding(
            at=subject.span("mac"),
            expected="a MAC that depends on the kind of message",
            seen="the same MAC with a key derived for an Alert",
        )


def _still_verifies(octets: bytes, subject: MessageInContext) -> bool:
    context = subject.context
    examination = examine(octets)
    if examination.message is None or examination.faults or context.keystore is None:
        return False
    return verify(examination.message, context.keystore, acb=context.acb, use_cases=context.use_cases) == (
        subject.verification
    )
