"""The declared layouts of the envelope."""

from __future__ import annotations

import pytest
from gbcs_samples import command

from trialconformance.core import ArtefactError
from trialconformance.gbcs import wire

OCTETS = command().octets


def test_every_layout_reads_what_it_writes() -> None:
    """Each layout of a message, built from what it was read as, gives the octets it was read from."""
    reader = wire.Reader(OCTETS)
    for layout in ("mac_header", "identification", "date_time", "other_information", "content", "signature"):
        start = reader.position
        values = reader.take(layout)
        assert wire.write(layout, dict(values)) == OCTETS[start : reader.position]
    assert reader.position == len(OCTETS) - wire.MAC_OCTETS


@pytest.mark.parametrize(
    ("layout", "octets", "path", "offset"),
    [
        ("mac_header", "dd0000", "mac_header.empty_fields", 3),
        ("mac_header", "dd00000000000080", "mac_header.length", 7),
        ("identification", "df0901", "identification.originator_counter", 3),
        ("other_information", "02", "other_information.message_code", 1),
        ("other_information", "85", "other_information.length", 0),
        ("content", "0501", "content.payload", 2),
        ("signature", "40", "signature.value", 1),
    ],
)
def test_a_broken_field_is_named(layout: str, octets: str, path: str, offset: int) -> None:
    """A field that the octets end in, or a length of no legal form, is named with its offset."""
    with pytest.raises(ArtefactError) as caught:
        wire.Reader(bytes.fromhex(octets)).take(layout)
    assert (caught.value.path, caught.value.offset) == (path, offset)


@pytest.mark.parametrize(
    ("layout", "values"),
    [
        ("content", {"length": 1, "payload": b"ab"}),
        ("content", {"payload": b"ab"}),
        ("date_time", {"length": 300, "value": b""}),
    ],
)
def test_a_value_that_does_not_fit_is_refused(layout: str, values: dict[str, object]) -> None:
    """Writing refuses a value that contradicts another or does not fit its field."""
    with pytest.raises(ArtefactError, match="does not fit"):
        wire.write(layout, values)
