"""Sections that show artefacts come when there is something to show, and never break on what artefacts hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from trialconformance.core import ArtefactRow, Record, sha256_hex
from trialconformance.engine import judge_submission
from trialconformance.evidence.report import Note, render
from trialconformance.evidence.report.asked import asked_for
from trialconformance.evidence.report.sections import sections
from trialconformance.packaged import packaged
from trialconformance.smki.issue import SyntheticPki


def with_inputs(record: Record, inputs: Mapping[str, tuple[str, bytes]]) -> tuple[Record, dict[str, bytes]]:
    """The record with artefacts of these roles, and their octets."""
    rows = tuple(
        ArtefactRow(name=name, role=role, octets=len(octets), sha256=sha256_hex(octets))
        for name, (role, octets) in inputs.items()
    )
    return record.model_copy(update={"artefacts": rows}), {name: octets for name, (_, octets) in inputs.items()}


def shown(record: Record, inputs: Mapping[str, tuple[str, bytes]]) -> dict[str, str]:
    """Sections by name."""
    built = sections(*with_inputs(record, inputs), notes=(), attachments={})
    return {section.id: str(section.body) for section in built}


@pytest.fixture(scope="module")
def demo() -> tuple[Record, dict[str, bytes]]:
    """The packaged submission, judged."""
    judged = judge_submission(packaged("fixtures") / "demo" / "submission.toml")
    return judged.record, dict(judged.inputs)


def test_demo_shows_every_section(demo: tuple[Record, dict[str, bytes]]) -> None:
    """Requirements, clauses, time line, lists, chains and messages are all there."""
    record, inputs = demo
    built = {section.id: str(section.body) for section in sections(record, inputs, notes=(), attachments={})}
    assert list(built) == ["requirements", "clauses", "history", "lists", "chains", "messages"]
    assert "TRIAL-TR-48" in built["requirements"]
    assert "GBCS 7.2.7" in built["clauses"]
    assert "2022-09-28" in built["history"]
    assert "Entry 5: added" in built["lists"]
    assert "Access Control Broker 00005EEF10000004" in built["chains"]
    assert "Update Security Credentials" in built["messages"]


def test_demo_asks_for_limits(demo: tuple[Record, dict[str, bytes]]) -> None:
    """Quantity, duration, waived assurance and sponsor stand on page one."""
    asked = dict(asked_for(*demo))
    assert asked["Devices asked for"] == "at most 100"
    assert asked["Trial asked for"] == "2022-10-01 to 2023-09-30 (12 months)"
    assert asked["Assurance to be waived"] == "CPA"
    page = render(demo[0], inputs=demo[1])
    assert "Example Supply Ltd" in page[: page.index('id="accounting"')]


@pytest.mark.parametrize("octets", [b"\xff", b"[trial", b"trial = 1", b"", b'[trial]\nquantity = "x"\nmonths = 0\n'])
def test_submission_that_cannot_be_read_asks_for_nothing(record: Record, octets: bytes) -> None:
    """The view is silent; the cases of the submission say what is wrong."""
    assert asked_for(*with_inputs(record, {"submission.toml": ("submission", octets)})) == ()


def test_sponsor_without_a_name(record: Record) -> None:
    """A sponsor is shown by party where it has no name."""
    given = with_inputs(record, {"submission.toml": ("submission", b"[trial]\n[trial.sponsor]\nparty = 'P'\n")})
    assert asked_for(*given) == (("Sponsor", "P"),)


def test_chain_is_drawn_by_signature(record: Record) -> None:
    """A certificate stands under the authority that signed it, and alone where that is missing."""
    pki = SyntheticPki()
    leaf = pki.certificate("supplier", "ds").octets
    authority = pki.authority("org-issuing").octets
    whole = shown(record, {"a.der": ("certificate", authority), "b.der": ("certificate", leaf)})["chains"]
    alone = shown(record, {"b.der": ("certificate", leaf), "c.pem": ("certificate", b"-----BEGIN nothing")})["chains"]
    assert whole.count("<ul>") == 1
    assert alone.count("<ul>") == 0
    assert "supplier 00005EEF10000002" in whole


def test_long_list_of_certificates_is_cut(record: Record) -> None:
    """Beyond 400 certificates the others are counted."""
    leaf = SyntheticPki().certificate("supplier", "ds").octets
    given = {f"{number:03}.der": ("certificate", leaf) for number in range(403)}
    assert "and 3 more certificates" in shown(record, given)["chains"]


def test_lists_tell_added_changed_and_removed(record: Record, workshop: Any) -> None:
    """Every entry that differs is shown with its cells; the others are counted."""
    before = workshop.list(EntryStatus="Active", CPLEntryID="7")
    after = before.replace(b"7,Active", b"7,Expired")
    other = workshop.list(CPLEntryID="8")
    changed = shown(record, {"b.csv": ("cpl-before", before), "a.csv": ("cpl-after", after)})["lists"]
    moved = shown(record, {"b.csv": ("cpl-before", before), "a.csv": ("cpl-after", other)})["lists"]
    assert "Entry 7: changed" in changed
    assert "<strong>Expired</strong>" in changed
    assert "Entry 7: removed" in moved
    assert "Entry 8: added" in moved
    assert "is not the beginning" in moved


def test_list_with_too_many_differences_is_cut(record: Record, workshop: Any) -> None:
    """Beyond 50 entries the others are counted."""
    lines = workshop.list().split(b"\r\n")
    rows = [b"%d%s" % (number, lines[1][1:]) for number in range(100, 160)]
    after = b"\r\n".join([lines[0], *rows, b""])
    text = shown(record, {"b.csv": ("cpl-before", lines[0] + b"\r\n"), "a.csv": ("cpl-after", after)})["lists"]
    assert "and 10 more entries" in text


def test_broken_profile_of_ones_own_shows_no_list(record: Record, workshop: Any) -> None:
    """A list that cannot be read under its profile is left to its cases."""
    given = {
        "a.csv": ("cpl-after", workshop.list()),
        "b.csv": ("cpl-before", workshop.list()),
        "p.json": ("cpl-profile", b"{}"),
    }
    assert "lists" not in shown(record, given)


def test_messages_that_cannot_be_read_are_shown_as_octets(record: Record) -> None:
    """Noise, an odd number of digits and an empty file have a line each."""
    given = {
        "s/noise.hex": ("capture", bytes(range(256))),
        "s/odd.hex": ("capture", b"DF0"),
        "s/empty.hex": ("capture", b""),
        "s/short.hex": ("capture", b"DF09"),
    }
    text = shown(record, given)["messages"]
    assert text.count("<details>") == 4
    assert "cannot be read" in text


def test_many_messages_are_cut(record: Record) -> None:
    """Beyond 120 messages the viewer says how many there are."""
    given = {f"{number:03}.hex": ("capture", b"DF09") for number in range(130)}
    assert "130 captured messages, the first 120 of them here" in shown(record, given)["messages"]


def test_time_line_shouts_what_is_out_of_order(record: Record) -> None:
    """A test session after the submission is pointed out."""
    tables = b"[trial]\nsubmitted = 2022-08-01\n[[test_sessions]]\nlast = 2022-09-01\n"
    text = shown(record, {"submission.toml": ("submission", tables)})["history"]
    assert "test session with DCC systems (2022-09-01) comes after submission (2022-08-01)" in text


def test_time_line_without_dates(record: Record) -> None:
    """What holds no dates that can be read gives no time line."""
    given = {
        "submission.toml": ("submission", b"[trial]\nstart = 'soon'\n[[test_sessions]]\n"),
        "register/1.json": ("register", b"{}"),
    }
    assert "history" not in shown(record, given)
    assert "history" not in shown(record, {"submission.toml": ("submission", b"\xff")})


def test_sensitivity_has_its_score_on_page_one(record: Record) -> None:
    """The score stands among what the verdict rests on, the faults in a section."""
    measured = {
        "schema_id": "trialconformance-sensitivity/1",
        "score": 50,
        "killed": 1,
        "total": 2,
        "faults": [
            {"name": "bad-mac", "killed_by": ["GBCS-NEG-001", "GBCS-NEG-002"], "killed": True, "title": None},
            {"name": "<b>", "killed_by": [], "killed": False},
        ],
    }
    given = with_inputs(record, {"sensitivity.json": ("sensitivity", json.dumps(measured).encode())})
    page = render(given[0], inputs=given[1])
    assert "<strong>1 of 2 (50 %)</strong> planted faults noticed" in page[: page.index('id="coverage"')]
    assert "GBCS-NEG-001, GBCS-NEG-002" in page
    assert "&lt;b&gt;" in page


@pytest.mark.parametrize("octets", [b"", b"[]", b'{"score": "1/1"}', b'{"score": 1, "faults": ["x"]}', b"[" * 100_000])
def test_malformed_sensitivity_shows_nothing(record: Record, octets: bytes) -> None:
    """What is not a score is left out."""
    assert "sensitivity" not in shown(record, {"sensitivity.json": ("sensitivity", octets)})


def test_notes_come_last_and_escaped(record: Record) -> None:
    """A section of a user's own plugin is plain text."""
    built = sections(record, {}, notes=[Note(title="<i>", text="one\n\ntwo")], attachments={})
    assert built[-1].id == "notes"
    assert "&lt;i&gt;" in built[-1].body
    assert str(built[-1].body).count("<p") == 2


def test_hex_files_are_read_as_the_engine_reads_them(demo: tuple[Record, dict[str, bytes]], tmp_path: Path) -> None:
    """The viewer decodes every capture of the demo."""
    record, inputs = demo
    built = {section.id: str(section.body) for section in sections(record, inputs, notes=(), attachments={})}
    assert "cannot be read" not in built["messages"]
