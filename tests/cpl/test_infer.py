"""Learning a profile from a list."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trialconformance.core import ArtefactError
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.infer import infer_profile
from trialconformance.cpl.report import judge


def test_a_learnt_profile_fits_the_list_it_was_learnt_from(
    compare: Callable[..., Comparison], before_octets: bytes
) -> None:
    """Under the learnt profile the vector has no objection but the missing digests, and the profile is ASSUMED."""
    learnt = infer_profile(before_octets, name="before.csv", profile_id="learnt-1")
    assert learnt.status == "ASSUMED"
    assert learnt.date_format == "DD/MM/YYYY"
    assert {column.name: column.type for column in learnt.columns}["ManufacturerImageHash"] == "hex"
    report = judge(compare(under=learnt))
    assert [row.id for row in report.objections if row.severity.value == "must"] == ["CPL-FI-080"]
    assert any("DateRemoved" in each for each in learnt.unknown)
    assert any("must set CONFIRMED" in each for each in learnt.unknown)


def test_another_dialect_is_learnt() -> None:
    """Delimiter, quoting, line ending, encoding, mark, dates, order and sets come from the octets."""
    rows = [
        f'"{index}";"{"AB"[index % 2]}";"00{index:02d}ff";"2020-01-{index:02d}";"77";"Gerät"' for index in range(1, 25)
    ]
    text = '"Id";"Kind";"Code";"Day";"Number";"Name"\n' + "\n".join(rows)
    learnt = infer_profile(b"\xef\xbb\xbf" + text.encode(), name="list.csv", profile_id="other-1")
    container = learnt.container
    assert (container.delimiter, container.quote, container.quoting) == (";", '"', "all")
    assert (container.line_ending, container.final_newline, container.encoding, container.bom) == (
        "lf",
        "forbidden",
        "utf-8",
        "required",
    )
    assert learnt.date_format == "YYYY-MM-DD"
    assert learnt.ordering.by == ("Id",)
    kinds = {column.name: column for column in learnt.columns}
    assert (kinds["Code"].type, kinds["Code"].octets, kinds["Code"].case) == ("hex", 3, "lower")
    assert (kinds["Kind"].type, kinds["Kind"].values) == ("enum", ("A", "B"))
    assert kinds["Number"].type == "uint"
    assert any("trial:" in each for each in learnt.unknown)


def test_a_numeric_reference_column_takes_the_numeric_codec(before_octets: bytes) -> None:
    """Where every reference is a number, a trial is marked with a number."""
    numbered = before_octets
    for index, reference in enumerate((b"EXAMPLE-CPA-0101", b"EXAMPLE-CPA-0102", b"EXAMPLE-CPA-0207")):
        numbered = numbered.replace(reference, str(4711 + index).encode())
    assert infer_profile(numbered, name="x", profile_id="y").trial.codec == "trial-numeric-1"


def test_latin_text_is_learnt_as_such() -> None:
    """Octets that are no UTF-8 are taken for windows-1252."""
    assert infer_profile(b"A,B\nx,\xe9\n", name="x", profile_id="y").container.encoding == "windows-1252"


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"", "nothing to learn"),
        (b"PK\x03\x04", "nothing to learn"),
        (b"A,B\r\n", "nothing to learn"),
        (b"A,B\r\n1,2\r\n1,2,3\r\n", "not of one layout"),
        (b"A,A\r\n1,2\r\n", "not of one layout"),
        (b"A,B\r\n" + b"1" * 9000, "longer than the profile allows"),
    ],
)
def test_what_teaches_nothing_is_refused(octets: bytes, message: str) -> None:
    """A file that is no list of one layout is an error of the artefact with an offset."""
    with pytest.raises(ArtefactError, match=message) as caught:
        infer_profile(octets, name="list.csv", profile_id="x")
    assert caught.value.offset is not None
