"""Lists of other encodings and dialects: what a profile allows passes, what it does not is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from trialconformance import cpl
from trialconformance.core import Finding
from trialconformance.cpl.comparison import Comparison

Compare = Callable[..., Comparison]
Judge = Callable[[Comparison], dict[str, list[Finding]]]

_PROFILE = cpl.load_profile()
_NAME = b"Sample Switches plc,0302"


def _under(**container: Any) -> cpl.Profile:
    return _PROFILE.model_copy(update={"container": _PROFILE.container.model_copy(update=container)})


def _named(octets: bytes, name: str, encoding: str = "utf-8") -> bytes:
    """The same list with another name in the trial record."""
    return octets.replace(_NAME, f"{name},0302".encode(encoding))


@pytest.fixture
def wide(before_octets: bytes, after_octets: bytes) -> tuple[bytes, bytes]:
    """A list before that is not ASCII either, and the one after it."""
    before = before_octets.replace(b"Example Meters Ltd", "Zähler GmbH".encode())
    return before, _wide_after(before, after_octets)


def _wide_after(before: bytes, after: bytes) -> bytes:
    return before + after.splitlines(keepends=True)[-1]


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("Schalter Gmbh", None),
        ("Schälter GmbH", None),
        ("Scha\u0308lter GmbH", "CPL-FI-013"),
        ("S\u0430mple Switches", "CPL-FI-013"),
        ("Sample\u2028Switches", "CPL-FI-004"),
        ("Sample\u0085Switches", "CPL-FI-004"),
        ("Sample\u200bSwitches", "CPL-FI-012"),
        ("Sample\u00a0Switches", "CPL-FI-012"),
    ],
)
def test_unicode_names_are_judged(
    compare: Compare, judge: Judge, wide: tuple[bytes, bytes], name: str, case: str | None
) -> None:
    """In a UTF-8 list plain letters pass; decomposed, mixed, invisible and control characters are found."""
    found = set(judge(compare(_named(wide[1], name), wide[0], under=_under(encoding="utf-8"))))
    allowed = {"CPL-FIW-031", "CPL-FI-041", "CPL-FI-075"}  # another name for a known maker, longer, not ASCII
    assert found - allowed == ({case} if case else set())


def test_a_list_that_was_ascii_stays_ascii(compare: Compare, judge: Judge, after_octets: bytes) -> None:
    """A UTF-8 profile does not let the first wide character into a list that had none."""
    comparison = compare(_named(after_octets, "Schälter"), under=_under(encoding="utf-8"))
    (finding,) = judge(comparison)["CPL-FI-003"]
    assert finding.expected == "ascii text, as the list before"
    assert finding.path == "line 6 / ManufacturerName"


def test_a_look_alike_in_a_code_is_found(compare: Compare, judge: Judge, wide: tuple[bytes, bytes]) -> None:
    """A Cyrillic letter in the reference breaks the coded field and the flag."""
    after = wide[1].replace(b"TRIAL-2022", "\u0422RIAL-2022".encode())
    assert {"CPL-FI-013", "CPL-TD-03"} <= set(judge(compare(after, wide[0], under=_under(encoding="utf-8"))))


def test_windows_text_may_hold_its_letters(
    compare: Compare, judge: Judge, before_octets: bytes, after_octets: bytes
) -> None:
    """In windows-1252 the octets 80 to 9F are characters, not controls."""
    before = before_octets.replace(b"Example Meters Ltd", "Zähler \u201eEins\u201c".encode("windows-1252"))
    after = _named(_wide_after(before, after_octets), "Schalter \u2013 Eins", "windows-1252")
    found = set(judge(compare(after, before, under=_under(encoding="windows-1252"))))
    assert found <= {"CPL-FIW-031", "CPL-FI-041", "CPL-FI-075"}


def _quoted(octets: bytes) -> bytes:
    return b"".join(b",".join(b'"%s"' % field for field in line.split(b",")) + b"\r\n" for line in octets.splitlines())


def test_a_list_that_quotes_everything(
    compare: Compare, judge: Judge, before_octets: bytes, after_octets: bytes
) -> None:
    """Where the profile quotes every field, a bare one is found."""
    under = _under(quoting="all")
    assert set(judge(compare(_quoted(after_octets), _quoted(before_octets), under=under))) == {"CPL-FIW-031"}
    bare = _quoted(after_octets).replace(b'"TRIAL-2022-0007-49"', b"TRIAL-2022-0007-49")
    (finding,) = judge(compare(bare, _quoted(before_octets), under=under))["CPL-FI-009"]
    assert (finding.expected, finding.path) == ("quotes", "line 6 / CPACertificateRef")


def test_a_list_without_quotes(compare: Compare, judge: Judge, after_octets: bytes) -> None:
    """Where the profile knows no quotes, a quoted field is refused by the legacy reader too."""
    found = judge(compare(_named(after_octets, '"Sample"'), under=_under(quoting="none")))
    assert {"CPL-FI-009", "CPL-FI-070"} <= set(found)


def test_a_list_with_a_mark_and_line_feeds(
    compare: Compare, judge: Judge, before_octets: bytes, after_octets: bytes
) -> None:
    """A byte order mark, line feeds and no final line ending pass where the profile has them so."""
    mark = b"\xef\xbb\xbf"
    under = _under(bom="required", line_ending="lf", encoding="utf-8")
    before, after = (mark + octets.replace(b"\r\n", b"\n") for octets in (before_octets, after_octets))
    assert set(judge(compare(after, before, under=under))) == {"CPL-FIW-031"}
    assert {"CPL-FI-002", "CPL-FI-053", "CPL-FI-070"} <= set(judge(compare(after[3:], before, under=under)))


def test_a_list_without_a_final_line_ending(compare: Compare, judge: Judge, before_octets: bytes) -> None:
    """A final line ending is found where the profile forbids it."""
    under = _under(final_newline="forbidden")
    assert not judge(compare(before_octets[:-2], before_octets[:-2], under=under))
    assert {"CPL-FI-006", "CPL-FI-070"} <= set(judge(compare(before_octets, before_octets[:-2], under=under)))


def test_line_endings_of_the_list_before_count(compare: Compare, judge: Judge, before_octets: bytes) -> None:
    """A list before with another line ending than the profile's is told of that list."""
    before = before_octets.replace(b"\r\n", b"\n", 2)
    findings = judge(compare(before_octets, before))["CPL-FI-005"]
    assert [finding.artefact for finding in findings] == ["before.csv"]


def test_two_line_endings_at_the_end_are_found(compare: Compare, judge: Judge, after_octets: bytes) -> None:
    """An empty record at the end is one line ending too many."""
    found = judge(compare(after_octets + b"\r\n"))
    assert found["CPL-FI-006"][0].seen == "more than one"
    assert "CPL-FI-007" in found


def test_columns_in_another_order_are_named(compare: Compare, judge: Judge, profile: cpl.Profile) -> None:
    """The first column out of place is told, beside the list before and beside the profile."""
    names = list(profile.names)
    names[3], names[4] = names[4], names[3]
    findings = judge(compare(",".join(names).encode() + b"\r\n"))["CPL-FI-022"]
    assert {finding.seen for finding in findings} == {"ManufacturerID"}


def test_removals_and_updates_are_held_to(
    compare: Compare, judge: Judge, profile: cpl.Profile, before_octets: bytes
) -> None:
    """A declared removal that did not happen, and a declared update that came out otherwise, are found."""
    loose = profile.model_copy(update={"ordering": profile.ordering.model_copy(update={"append_only": False})})
    manifest = cpl.ChangeManifest.model_validate(
        {
            "profile": profile.profile_id,
            "removals": [{"entry": "2"}],
            "updates": [
                {"entry": "3", "trial": False, "was": {"EntryStatus": "Expired"}, "cells": {"EntryStatus": "Withdrawn"}}
            ],
        }
    )
    done = cpl.apply_changes(cpl.read_document(before_octets, profile=loose, name="before.csv"), manifest).octets
    assert not set(judge(compare(done, under=loose, changes=manifest))) - {"CPL-FIW-031"}
    undone = judge(compare(before_octets, under=loose, changes=manifest))
    assert {"CPL-FI-061", "CPL-FI-062", "CPL-FI-084", "CPL-FI-086"} <= set(undone)
    other = judge(compare(done.replace(b"3,Withdrawn", b"3,Cancelled"), under=loose, changes=manifest))
    assert other["CPL-FI-061"][0].path == "line 3 / EntryStatus"


def test_ids_are_not_reused(compare: Compare, judge: Judge, before_octets: bytes, after_octets: bytes) -> None:
    """An id below the newest, one that moved to another model, and a renumbered record are told apart."""
    trial = after_octets.splitlines(keepends=True)[-1]
    gap = before_octets.replace(b"\r\n4,", b"\r\n9,")
    assert "an id after 9" in judge(compare(gap + trial, gap))["CPL-FI-050"][0].expected
    moved = before_octets.replace(
        b"4,Active,PPMID,,F0B2,Sample Switches plc,0401", b"4,Active,PPMID,,F0B2,Sample Switches plc,0402"
    )
    assert "an id that was not that of PPMID" in judge(compare(moved))["CPL-FI-050"][0].expected
    renumbered = before_octets.replace(b"\r\n4,", b"\r\n7,")
    assert "its id in the list before" in judge(compare(renumbered))["CPL-FI-050"][0].expected


def test_many_findings_are_counted_not_listed(compare: Compare, judge: Judge, before_octets: bytes) -> None:
    """A case with very many findings shows the first and says how many are left."""
    header, *rows = before_octets.splitlines(keepends=True)
    before = header + b"".join(rows[0].replace(b"1,", b"%d," % number, 1) for number in range(1, 61))
    findings = judge(compare(before.replace(b",3.2,", b",9.9,"), before))["CPL-FI-033"]
    assert len(findings) == 26
    assert findings[-1].seen == "35 more findings"


def test_the_legacy_status_of_other_entries(compare: Compare, judge: Judge, after_octets: bytes) -> None:
    """A trial that is no longer active has nothing left to expire, and a date that is none has no answer."""
    assert "CPL-FI-077" not in judge(compare(after_octets.replace(b"5,Active", b"5,Expired")))
    found = judge(compare(after_octets.replace(b"30/09/2023", b"31/09/2023")))
    assert "no date" in found["CPL-FI-077"][0].seen
    late = judge(compare(after_octets.replace(b"03/10/2022", b"03/10/2024")))
    assert "CPL-FI-077" in late


def test_a_removed_trial_needs_no_pre_notification(compare: Compare, judge: Judge, after_octets: bytes) -> None:
    """A trial entry that counts as removed is not looked up."""
    removed = after_octets.replace(b"03/10/2022,\r\n", b"03/10/2022,04/10/2022\r\n")
    assert "CPL-FI-078" not in judge(compare(removed))


def test_growth_beyond_the_largest_file_is_told(compare: Compare, judge: Judge) -> None:
    """A list larger than the profile allows is told even where it could be read."""
    found = judge(compare(under=_under(max_file_octets=1000)))
    assert any("at most 1000 octets" in finding.expected for finding in found["CPL-FI-083"])
