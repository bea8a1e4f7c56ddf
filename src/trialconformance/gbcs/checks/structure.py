"""GBCS-STR: the octets have the structure of a GBCS message."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Basis, Finding, Severity, Span, check, finding
from trialconformance.gbcs.captures import Capture
from trialconformance.gbcs.checks.scopes import EVERY_CAPTURE
from trialconformance.gbcs.fault import CLAUSES

_LARGEST_UNIT = 1200  # octets that travel in one piece, GBCS 7.2.11


def _faults(capture: Capture, rule: str) -> Iterator[Finding]:
    """The faults of a capture that break one rule; the walk that read it has noted them all."""
    for fault in capture.faults:
        if fault.rule == rule:
            yield finding(at=fault.span, expected=fault.expected, seen=fault.seen)


@check("GBCS-STR-001", clause=CLAUSES["GBCS-STR-001"], applies_to=EVERY_CAPTURE, basis=Basis.VECTORS)
def first_octet_is_a_known_tag(capture: Capture) -> Iterator[Finding]:
    """The first octet is DD (MAC header) or DF (grouping header), and a grouping header follows a MAC header."""
    yield from _faults(capture, "GBCS-STR-001")


@check("GBCS-STR-002", clause=CLAUSES["GBCS-STR-002"], applies_to=EVERY_CAPTURE, basis=Basis.VECTORS)
def second_octet_tells_a_message_from_a_block(capture: Capture) -> Iterator[Finding]:
    """After DD stands 00 in a message, or 09 in a block of a general block transfer, and nothing else."""
    yield from _faults(capture, "GBCS-STR-002")


@check("GBCS-STR-003", clause=CLAUSES["GBCS-STR-003"], applies_to=EVERY_CAPTURE, basis=Basis.VECTORS)
def mac_header_is_literal(capture: Capture) -> Iterator[Finding]:
    """The MAC header starts with the seven octets DD 00 00 00 00 00 00; the MAC does not cover them."""
    yield from _faults(capture, "GBCS-STR-003")


@check("GBCS-STR-004", clause=CLAUSES["GBCS-STR-004"], applies_to=EVERY_CAPTURE, basis=Basis.VECTORS)
def mac_header_length_covers_the_rest(capture: Capture) -> Iterator[Finding]:
    """The length in the MAC header covers exactly the rest of the message."""
    yield from _faults(capture, "GBCS-STR-004")


@check("GBCS-STR-005", clause=CLAUSES["GBCS-STR-005"], applies_to=EVERY_CAPTURE, basis=Basis.VECTORS)
def security_header_is_literal(capture: Capture) -> Iterator[Finding]:
    """The security header is 11 00000000; the MAC does not cover it."""
    yield from _faults(capture, "GBCS-STR-005")


@check("GBCS-STR-006", clause=CLAUSES["GBCS-STR-006"], applies_to=EVERY_CAPTURE, basis=Basis.VECTORS)
def mac_is_the_last_12_octets(capture: Capture) -> Iterator[Finding]:
    """The MAC is exactly the last 12 octets of a message with a MAC header."""
    yield from _faults(capture, "GBCS-STR-006")


@check("GBCS-STR-007", clause=CLAUSES["GBCS-STR-007"], applies_to=EVERY_CAPTURE, basis=Basis.VECTORS)
def identifiers_have_their_lengths(capture: Capture) -> Iterator[Finding]:
    """The transaction identifier takes 09 octets, the Business Originator ID and the Business Target ID 08 each."""
    yield from _faults(capture, "GBCS-STR-007")


@check("GBCS-STR-008", clause=CLAUSES["GBCS-STR-008"], applies_to=EVERY_CAPTURE, basis=Basis.VECTORS)
def cra_flag_is_known(capture: Capture) -> Iterator[Finding]:
    """The CRA flag is 01 (Command), 02 (Response) or 03 (Alert)."""
    yield from _faults(capture, "GBCS-STR-008")


@check("GBCS-STR-009", clause=CLAUSES["GBCS-STR-009"], applies_to=EVERY_CAPTURE, basis=Basis.VECTORS)
def date_time_length_is_00_or_0c(capture: Capture) -> Iterator[Finding]:
    """The length of the date-time is 00 or 0C."""
    yield from _faults(capture, "GBCS-STR-009")


@check("GBCS-STR-010", clause=CLAUSES["GBCS-STR-010"], applies_to=EVERY_CAPTURE, basis=Basis.VECTORS)
def commands_and_alerts_carry_no_date_time(capture: Capture) -> Iterator[Finding]:
    """A Command or an Alert carries no date-time in its grouping header."""
    yield from _faults(capture, "GBCS-STR-010")


@check("GBCS-STR-011", clause=CLAUSES["GBCS-STR-011"], applies_to=EVERY_CAPTURE, basis=Basis.VECTORS)
def other_information_has_a_known_form(capture: Capture) -> Iterator[Finding]:
    """Other-information takes 2, 10, 18 or 26 octets, or 18 and those of one whole DER certificate."""
    yield from _faults(capture, "GBCS-STR-011")


@check("GBCS-STR-012", clause=CLAUSES["GBCS-STR-012"], applies_to=EVERY_CAPTURE, basis=Basis.VECTORS)
def content_length_covers_the_payload(capture: Capture) -> Iterator[Finding]:
    """The content length equals the length of the payload, and nothing follows the signature and the MAC."""
    yield from _faults(capture, "GBCS-STR-012")


@check(
    "GBCS-STR-013",
    clause=CLAUSES["GBCS-STR-013"],
    applies_to=EVERY_CAPTURE,
    severity=Severity.SHOULD,
    basis=Basis.VECTORS,
)
def lengths_have_the_shortest_form(capture: Capture) -> Iterator[Finding]:
    """The lengths of MAC header, other-information and content use the shortest form."""
    yield from _faults(capture, "GBCS-STR-013")


@check("GBCS-STR-014", clause=CLAUSES["GBCS-STR-014"], applies_to=EVERY_CAPTURE, basis=Basis.VECTORS)
def signature_length_is_00_or_40(capture: Capture) -> Iterator[Finding]:
    """The length of the signature is 00 or 40; only a PRECOMMAND has none."""
    yield from _faults(capture, "GBCS-STR-014")


@check("GBCS-STR-015", clause=CLAUSES["GBCS-STR-015"], applies_to=EVERY_CAPTURE, basis=Basis.VECTORS)
def precommand_ends_with_its_payload(capture: Capture) -> Iterator[Finding]:
    """A PRECOMMAND ends with its payload, without even a length for the signature."""
    yield from _faults(capture, "GBCS-STR-015")


@check("GBCS-STR-016", clause=CLAUSES["GBCS-STR-016"], applies_to=EVERY_CAPTURE, basis=Basis.VECTORS)
def lengths_are_definite_and_stay_inside(capture: Capture) -> Iterator[Finding]:
    """No length is indefinite, and no field reaches beyond the end of the message."""
    yield from _faults(capture, "GBCS-STR-016")


@check(
    "GBCS-STR-017",
    clause="GBCS 7.2.11",
    applies_to=EVERY_CAPTURE,
    severity=Severity.SHOULD,
    basis=Basis.ASSUMED,
)
def long_messages_travel_in_blocks(capture: Capture) -> Iterator[Finding]:
    """A message of more than 1,200 octets is transported as a general block transfer."""
    size = len(capture.octets)
    if size > _LARGEST_UNIT and not capture.reassembled:
        yield finding(
            at=Span(start=_LARGEST_UNIT, length=size - _LARGEST_UNIT, path="message"),
            expected=f"at most {_LARGEST_UNIT} octets in one piece",
            seen=f"{size} octets",
        )
