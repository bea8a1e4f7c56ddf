"""GBCS-UTR: the prepayment tokens that a Device accepted are ones it had to accept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from trialconformance.core import ArtefactError, Basis, Finding, check, finding
from trialconformance.gbcs.checks.scopes import exchanges
from trialconformance.gbcs.dlms import AccessRequest, AccessResponse
from trialconformance.gbcs.gbz import GbzPayload
from trialconformance.gbcs.protection import Status
from trialconformance.gbcs.subjects import Exchange
from trialconformance.gbcs.topup import PPTD_LEAST, Token, TokenParties, check_digit, verify_token
from trialconformance.smki import CertificateKind

_CLAUSE = "GBCS 14"
_DIGITS = 20
_PTUT_LIMIT = 1 << 57  # the seven bits above are zero
_TOKEN_GATEWAY, _ENTER = 115, 1
_PREPAYMENT, _TOP_UP, _TOP_UP_RESPONSE = 0x0705, 0x04, 0x03
_FROM_A_PPMID = "PCS"  # use cases whose Commands a prepayment interface device sends
_ACCEPTED = frozenset({0x00, 0x10, 0x11, 0x12})  # top-up results, GBCS use cases CS01b and PCS01


class _TopUp(NamedTuple):
    """A token on its way to a Device.

    Args:
        path: path of the digits in the Command.
        utrn: the digits, whatever they are.
    """

    path: str
    utrn: str

    @property
    def is_number(self) -> bool:
        """Whether it consists of decimal digits only."""
        return self.utrn.isascii() and self.utrn.isdigit()

    @property
    def token(self) -> Token | None:
        """The token that the digits stand for, None where they stand for none."""
        try:
            return Token.from_utrn(self.utrn)
        except ArtefactError:
            return None


def _top_ups(exchange: Exchange) -> list[_TopUp]:
    """The tokens of a Command that the Device accepted."""
    content = exchange.command.content
    found: list[_TopUp] = []
    if isinstance(content, AccessRequest):
        for at, (asked, data) in enumerate(zip(content.specifications, content.data, strict=False)):
            if (asked.class_id, asked.attribute) == (_TOKEN_GATEWAY, _ENTER) and isinstance(data.value, bytes):
                found.append(_TopUp(f"data[{at}]", data.value.decode("latin-1")))
    if isinstance(content, GbzPayload):
        for at, component in enumerate(content.components):
            code = (component.values or {}).get("top_up_code")
            if (component.cluster, component.command) == (_PREPAYMENT, _TOP_UP) and isinstance(code, bytes):
                found.append(_TopUp(f"component[{at}].zcl.top_up_code", code.decode("latin-1")))
    return found if found and _accepted(exchange) else []


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


def _from_a_supplier(exchange: Exchange) -> bool:
    """Whether the Command comes from who made the token; a prepayment interface device only passes one on."""
    command = exchange.command
    certificate = command.context.certificate(command.message.originator)
    if certificate is not None:
        return certificate.kind is not CertificateKind.DEVICE
    return command.use_case is None or not command.use_case.use_case.startswith(_FROM_A_PPMID)


def _tokens(exchange: Exchange) -> list[tuple[_TopUp, Token]]:
    """The tokens of a supplier that can be read."""
    if not _from_a_supplier(exchange):
        return []
    return [(each, token) for each in _top_ups(exchange) if (token := each.token) is not None]


ACCEPTED_TOKENS = exchanges("every top-up that the Device accepted", lambda exchange: bool(_top_ups(exchange)))
READ_TOKENS = exchanges(
    "every top-up of a supplier that the Device accepted, with a UTRN that can be read",
    lambda exchange: bool(_tokens(exchange)),
)


def _found(exchange: Exchange, path: str, expected: str, seen: str) -> Finding:
    command = exchange.command
    return finding(artefact=command.name, at=command.payload_span(path), expected=expected, seen=seen)


@check("GBCS-UTR-001", clause=_CLAUSE, applies_to=ACCEPTED_TOKENS, basis=Basis.VECTORS)
def accepted_utrn_has_a_valid_check_digit(exchange: Exchange) -> Iterator[Finding]:
    """A UTRN that the Device accepted has 20 digits, the last of them the check digit."""
    for top_up in _top_ups(exchange):
        utrn = top_up.utrn
        if len(utrn) != _DIGITS or not top_up.is_number:
            yield _found(exchange, top_up.path, "20 decimal digits", utrn)
        elif (wanted := check_digit(utrn[:-1])) != utrn[-1]:
            yield _found(exchange, top_up.path, f"20 digits that end with {wanted}", utrn)


@check("GBCS-UTR-002", clause=_CLAUSE, applies_to=ACCEPTED_TOKENS, basis=Basis.VECTORS)
def accepted_utrn_is_in_range(exchange: Exchange) -> Iterator[Finding]:
    """The PPTD of an accepted UTRN is 7394156990786306048 or more, and the top seven bits of its PTUT are zero."""
    for top_up in _top_ups(exchange):
        pptd = top_up.utrn[:-1]
        if top_up.is_number and not 0 <= int(pptd or "0") - PPTD_LEAST < _PTUT_LIMIT:
            yield _found(exchange, top_up.path, f"{PPTD_LEAST} to {PPTD_LEAST + _PTUT_LIMIT - 1}", pptd)


def _mac_status(exchange: Exchange, token: Token) -> Status:
    command, keystore = exchange.command.message, exchange.command.context.keystore
    if keystore is None:
        return Status.UNVERIFIED
    return verify_token(
        token,
        originator_counter=command.originator_counter,
        parties=TokenParties(supplier=command.originator, device=command.target),
        keystore=keystore,
    )


def _wants_keys(exchange: Exchange) -> str:
    states = {_mac_status(exchange, token) for _, token in _tokens(exchange)}
    return "no prepayment key of the supplier is at hand" if states == {Status.UNVERIFIED} else ""


@check(
    "GBCS-UTR-003",
    clause=_CLAUSE,
    applies_to=exchanges(
        "every top-up of a supplier that the Device accepted, whose keys are at hand",
        lambda exchange: any(_mac_status(exchange, token) is not Status.UNVERIFIED for _, token in _tokens(exchange)),
        wants=_wants_keys,
    ),
    basis=Basis.VECTORS,
)
def accepted_token_has_a_valid_mac(exchange: Exchange) -> Iterator[Finding]:
    """The MAC inside a token that the Device accepted verifies with the prepayment key of the supplier."""
    for top_up, token in _tokens(exchange):
        if _mac_status(exchange, token) is Status.INVALID:
            yield _found(exchange, top_up.path, "a token MAC that verifies", token.mac.hex())


@check("GBCS-UTR-004", clause=_CLAUSE, applies_to=READ_TOKENS, basis=Basis.VECTORS)
def accepted_token_carries_the_counter(exchange: Exchange) -> Iterator[Finding]:
    """The counter of a top-up has zero low 32 bits, and the token carries bits 32 to 41 of it."""
    counter = exchange.command.message.originator_counter
    for top_up, token in _tokens(exchange):
        if counter & 0xFFFFFFFF:
            yield finding(
                artefact=exchange.command.name,
                at=exchange.command.span("grouping_header.originator_counter"),
                expected="a counter with zero low 32 bits",
                seen=f"{counter:016X}",
            )
        if token.counter != (wanted := counter >> 32 & 0x3FF):
            yield _found(
                exchange, top_up.path, f"{wanted}, bits 32 to 41 of the Originator Counter", str(token.counter)
            )
