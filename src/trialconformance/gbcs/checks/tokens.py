"""GBCS-UTR: the prepayment tokens that a Device accepted are ones it had to accept."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import ArtefactError, Basis, Finding, Span, check, finding
from trialconformance.gbcs.checks.scopes import exchanges
from trialconformance.gbcs.dlms import AccessRequest, AccessResponse
from trialconformance.gbcs.gbz import GbzPayload
from trialconformance.gbcs.protection import Status
from trialconformance.gbcs.subjects import Exchange
from trialconformance.gbcs.topup import PPTD_LEAST, Token, TokenParties, check_digit, verify_token
from trialconformance.smki import CertificateKind

_CLAUSE = "GBCS 14"
_DIGITS = 20
_RESERVED_BITS = 57  # bits of a PTUT below the seven that are zero
_TOKEN_GATEWAY, _ENTER = 115, 1
_PREPAYMENT, _TOP_UP, _TOP_UP_RESPONSE = 0x0705, 0x04, 0x03
_ACCEPTED = frozenset({0x00, 0x10, 0x11, 0x12})  # top-up results, GBCS use cases CS01b and PCS01


def _utrn(exchange: Exchange) -> tuple[str, str] | None:
    """Path and digits of the token in a Command, None where there is none."""
    content = exchange.command.content
    if isinstance(content, AccessRequest):
        for at, (asked, data) in enumerate(zip(content.specifications, content.data, strict=False)):
            if (asked.class_id, asked.attribute) == (_TOKEN_GATEWAY, _ENTER) and isinstance(data.value, bytes):
                return f"data[{at}]", data.value.decode("latin-1")
    if isinstance(content, GbzPayload):
        for at, component in enumerate(content.components):
            code = (component.values or {}).get("top_up_code")
            if (component.cluster, component.command) == (_PREPAYMENT, _TOP_UP) and code is not None:
                text = code.decode("latin-1") if isinstance(code, bytes) else str(code)
                return f"component[{at}].zcl.top_up_code", text
    return None


def _accepted(exchange: Exchange) -> bool:
    """Whether the Response says that the token was taken."""
    content = exchange.response.content
    if isinstance(content, AccessResponse):
        return bool(content.results) and not any(result.result for result in content.results)
    return isinstance(content, GbzPayload) and any(
        (component.cluster, component.command) == (_PREPAYMENT, _TOP_UP_RESPONSE)
        and (component.values or {}).get("result_type") in _ACCEPTED
        for component in content.components
    )


def _token(exchange: Exchange) -> Token | None:
    found = _utrn(exchange)
    try:
        return None if found is None else Token.from_utrn(found[1])
    except ArtefactError:
        return None


def _from_a_supplier(exchange: Exchange) -> bool:
    """Whether the Command comes from who made the token; a prepayment interface device only passes one on."""
    certificate = exchange.command.context.certificate(exchange.command.message.originator)
    return certificate is None or certificate.kind is not CertificateKind.DEVICE


def _is_readable(exchange: Exchange) -> bool:
    return _token(exchange) is not None


ACCEPTED_TOKENS = exchanges(
    "every top-up that the Device accepted", lambda exchange: _utrn(exchange) is not None, _accepted
)
READ_TOKENS = exchanges(
    "every top-up of a supplier that the Device accepted, with a UTRN that can be read",
    _is_readable,
    _accepted,
    _from_a_supplier,
)


def _at(exchange: Exchange) -> Span:
    found = _utrn(exchange)
    return exchange.command.payload_span(found[0] if found is not None else "")


@check("GBCS-UTR-001", clause=_CLAUSE, applies_to=ACCEPTED_TOKENS, basis=Basis.VECTORS)
def accepted_utrn_has_a_valid_check_digit(exchange: Exchange) -> Iterator[Finding]:
    """A UTRN that the Device accepted has 20 digits, the last of them the check digit."""
    found = _utrn(exchange)
    if found is None:
        return
    utrn = found[1]
    is_number = len(utrn) == _DIGITS and utrn.isascii() and utrn.isdigit()
    if not is_number or check_digit(utrn[:-1]) != utrn[-1]:
        yield finding(
            artefact=exchange.command.name,
            at=_at(exchange),
            expected=f"20 digits that end with {check_digit(utrn[:-1])}" if is_number else "20 decimal digits",
            seen=utrn,
        )


@check("GBCS-UTR-002", clause=_CLAUSE, applies_to=ACCEPTED_TOKENS, basis=Basis.VECTORS)
def accepted_utrn_is_in_range(exchange: Exchange) -> Iterator[Finding]:
    """The PPTD of an accepted UTRN is 7394156990786306048 or more, and the top seven bits of its PTUT are zero."""
    found = _utrn(exchange)
    if found is None or not (found[1].isascii() and found[1].isdigit()):
        return
    ptut = int(found[1][:-1] or "0") - PPTD_LEAST
    if ptut < 0 or ptut >> _RESERVED_BITS:
        yield finding(
            artefact=exchange.command.name,
            at=_at(exchange),
            expected=f"{PPTD_LEAST} to {PPTD_LEAST + 2**_RESERVED_BITS - 1}",
            seen=found[1][:-1],
        )


def _mac_status(exchange: Exchange) -> Status:
    token, keystore = _token(exchange), exchange.command.context.keystore
    if token is None or keystore is None:
        return Status.UNVERIFIED
    message = exchange.command.message
    return verify_token(
        token,
        originator_counter=message.originator_counter,
        parties=TokenParties(supplier=message.originator, device=message.target),
        keystore=keystore,
    )


@check(
    "GBCS-UTR-003",
    clause=_CLAUSE,
    applies_to=exchanges(
        "every top-up of a supplier that the Device accepted, whose keys are at hand",
        _is_readable,
        _accepted,
        _from_a_supplier,
        lambda exchange: _mac_status(exchange) is not Status.UNVERIFIED,
    ),
    basis=Basis.VECTORS,
)
def accepted_token_has_a_valid_mac(exchange: Exchange) -> Iterator[Finding]:
    """The MAC inside a token that the Device accepted verifies with the prepayment key of the supplier."""
    token = _token(exchange)
    if token is not None and _mac_status(exchange) is Status.INVALID:
        yield finding(
            artefact=exchange.command.name,
            at=_at(exchange),
            expected="a token MAC that verifies",
            seen=token.mac.hex(),
        )


@check("GBCS-UTR-004", clause=_CLAUSE, applies_to=READ_TOKENS, basis=Basis.VECTORS)
def accepted_token_carries_the_counter(exchange: Exchange) -> Iterator[Finding]:
    """The counter of a top-up has zero low 32 bits, and the token carries bits 32 to 41 of it."""
    token, counter = _token(exchange), exchange.command.message.originator_counter
    if token is None:
        return
    if counter & 0xFFFFFFFF:
        yield finding(
            artefact=exchange.command.name,
            at=exchange.command.span("grouping_header.originator_counter"),
            expected="a counter with zero low 32 bits",
            seen=f"{counter:016X}",
        )
    if token.counter != counter >> 32 & 0x3FF:
        yield finding(
            artefact=exchange.command.name,
            at=_at(exchange),
            expected=f"{counter >> 32 & 0x3FF}, bits 32 to 41 of the Originator Counter",
            seen=str(token.counter),
        )
