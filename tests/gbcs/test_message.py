"""Messages: octets to fields and back, by the short way and by the long way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gbcs_samples import ECS30, any_messages, command, small_samples, unprotected
from hypothesis import given
from hypothesis import strategies as st

from trialconformance.core import ArtefactError, UsageError
from trialconformance.gbcs import Kind, LengthWidths, Message, decode
from trialconformance.gbcs.plain import read_plain
from trialconformance.gbcs.structure import examine

SAMPLES = small_samples()


@given(any_messages())
def test_encode_then_decode_gives_the_same_message(message: Message) -> None:
    """Whatever the layouts can hold is read back as the same message and encodes to the same octets."""
    octets = message.encode()
    found = examine(octets).message
    if found is None:
        assert message.kind is Kind.PRECOMMAND or message.signature is None
        return
    assert found == message
    assert found.encode() == octets


@given(any_messages(), st.data())
def test_the_short_way_reads_as_the_long_way(message: Message, data: st.DataObject) -> None:
    """The short reader takes exactly the octets without a fault, and reads the same message from them."""
    octets = bytearray(message.encode())
    for _ in range(data.draw(st.integers(0, 2))):
        octets[data.draw(st.integers(0, min(len(octets), 60) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.just(len(octets)), st.integers(0, len(octets))))
    examination = examine(bytes(octets[:cut]))
    plain = read_plain(bytes(octets[:cut]))
    if plain is None:
        assert examination.faults or (examination.message is not None and examination.message.certificate)
    else:
        assert not examination.faults
        assert plain == examination.message


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=99).map(lambda tail: b"\xdf\x09\x01" + tail)))
def test_garbage_is_refused_with_its_offset(octets: bytes) -> None:
    """Octets that are no message raise an error that names the place, and nothing else escapes."""
    examination = examine(octets)
    if examination.message is not None:
        assert decode(octets).encode() == octets
        return
    with pytest.raises(ArtefactError) as caught:
        decode(octets)
    assert caught.value.offset is not None
    assert caught.value.clause


@pytest.mark.parametrize(
    ("sample", "kind"),
    [
        ("precommand", Kind.PRECOMMAND),
        ("command with MAC", Kind.COMMAND),
        ("command with MAC and signature", Kind.COMMAND),
        ("response with signature", Kind.RESPONSE),
        ("alert with signature", Kind.ALERT),
    ],
)
def test_the_kind_follows_from_flag_and_protection(sample: str, kind: Kind) -> None:
    """The CRA flag tells what a message is, and missing protection tells a PRECOMMAND from a Command."""
    assert SAMPLES[sample].kind is kind


def test_an_unknown_flag_is_no_kind() -> None:
    """A message made with a CRA flag of 4 can be written but has no kind."""
    message = unprotected(cra=4)
    assert message.encode()[2] == 4
    with pytest.raises(UsageError, match="CRA 4"):
        _ = message.kind


@pytest.mark.parametrize("name", SAMPLES)
def test_spans_tile_the_octets(name: str) -> None:
    """The spans of the fields follow each other without a gap and end where the message ends."""
    message = SAMPLES[name]
    at = 0
    for path in (
        *(("mac_header.tag", "mac_header.empty_fields", "mac_header.length", "mac_header.security_header")
          if message.mac else ()),
        "grouping_header.tag", "grouping_header.transaction_id_length", "grouping_header.cra",
        "grouping_header.originator_counter", "grouping_header.originator_length", "grouping_header.originator",
        "grouping_header.target_length", "grouping_header.target", "grouping_header.date_time_length",
        "grouping_header.date_time", "grouping_header.other_information_length", "grouping_header.message_code",
        "grouping_header.supplementary_remote_party_id", "grouping_header.supplementary_remote_party_counter",
        "grouping_header.supplementary_originator_counter", "grouping_header.certificate",
        "grouping_header.content_length", "payload", "signature_length", "signature", "mac",
    ):  # fmt: skip
        span = message.span(path)
        assert span.start == at
        at = span.end
    assert at == len(message.octets)
    assert message.octets[message.payload_offset :].startswith(message.payload)


def test_an_unknown_field_is_the_callers_mistake() -> None:
    """Asking for the span of a field that messages do not have says which fields there are."""
    with pytest.raises(UsageError, match=r"grouping_header\.cra"):
        command().span("grouping_header.flag")


def test_a_changed_copy_forgets_the_octets_it_was_read_from() -> None:
    """A message changed with ``replace`` encodes to its own octets."""
    message = decode(command().octets)
    changed = replace(message, originator_counter=7)
    assert changed.octets == changed.encode() != message.octets


def test_lengths_keep_the_form_they_were_read_in() -> None:
    """Lengths that are not in the shortest form are read, kept and written again."""
    wide = replace(unprotected(ECS30), widths=LengthWidths(other_information=3, content=4))
    again = decode(wide.encode())
    assert again.widths == wide.widths
    assert again.encode() == wide.encode()


def test_the_encryption_counter_is_the_supplementary_one_where_there_is_one() -> None:
    """Encrypted attributes use the device's own counter and the real requester where the header carries them."""
    plain = command()
    assert (plain.counter_of_encryption, plain.reader) == (plain.originator_counter, plain.target)
    other = unprotected(
        supplementary_remote_party_id=bytes(8),
        supplementary_remote_party_counter=1,
        supplementary_originator_counter=9,
    )
    assert (other.counter_of_encryption, other.reader) == (9, bytes(8))


def test_a_block_is_no_message() -> None:
    """A block of a general block transfer is refused with a hint, not taken for a broken message."""
    with pytest.raises(ArtefactError, match="general block transfer"):
        decode(bytes.fromhex("dd09010000"))
