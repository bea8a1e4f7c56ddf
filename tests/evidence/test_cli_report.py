"""``trialconformance report`` shows a record or bundle in every format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trialconformance.cli import main
from trialconformance.cli.report import Kind
from trialconformance.evidence import Note, Timing, write
from trialconformance.evidence.formats import FORMATS


def test_kinds_are_the_formats() -> None:
    """The words of the option are exactly the formats there are."""
    assert {kind.value for kind in Kind} == {"html", "pdf", *FORMATS}


@pytest.mark.parametrize("name", ["html", *FORMATS])
def test_record_in_every_format(record: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """Standard output holds the document, standard error what it lost."""
    timing = Timing(started="2022-10-03T10:00:00+00:00", finished="2022-10-03T10:00:09+00:00")
    written = write(record, tmp_path, timing=timing)
    assert main(["report", str(written.record), "--format", name]) == 0
    captured = capsys.readouterr()
    assert "GBCS-SEC-004" in captured.out
    assert ("loses" in captured.err) == (name != "html")
    assert ("Unsigned." in captured.out) == (name == "html")


def test_bundle_with_trust_names_who_vouches(workshop: Any, tmp_path: Path) -> None:
    """Page one says whose signatures were verified; without a policy it refers to the bundle."""
    path = workshop.bundle(
        notes=[Note(title="Rig", text="Bench 3")],
        timing=Timing(started="2022-10-03T10:00:00Z", finished="2022-10-03T10:00:07Z"),
    )
    trust = tmp_path / "trust.json"
    trust.write_text(workshop.trust().model_dump_json())
    out = tmp_path / "report.html"
    assert main(["report", str(path), "--output", str(out), "--trust", str(trust)]) == 0
    assert "Signatures verified when this page was made" in out.read_text()
    assert "signed by laboratory" in out.read_text()
    assert main(["report", str(path), "--output", str(out)]) == 0
    assert "This page is part of a bundle" in out.read_text()
    assert "Bench 3" in out.read_text()


def test_bundle_that_does_not_hold_is_not_shown_as_vouched(
    workshop: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bundle that nobody trusted signed is refused when a policy is given."""
    path = workshop.bundle(signers=())
    trust = tmp_path / "trust.json"
    trust.write_text(workshop.trust().model_dump_json())
    assert main(["report", str(path), "--trust", str(trust)]) == 3
    assert "step 2 fails" in " ".join(capsys.readouterr().err.split())


def test_bad_use(record: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A record with a trust policy, another file and a PDF on a terminal are refused."""
    written = write(record, tmp_path)
    assert main(["report", str(written.record), "--trust", "x.json"]) == 3
    assert main(["report", str(written.report)]) == 3
    assert "is no bundle and no record" in " ".join(capsys.readouterr().err.split())


def test_pdf(record: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The PDF is made by WeasyPrint, from the page alone; without the extra the message names it."""
    written = write(record, tmp_path)
    out = tmp_path / "report.pdf"
    code = main(["report", str(written.record), "--format", "pdf", "--output", str(out)])
    err = " ".join(capsys.readouterr().err.split())
    if code:
        assert (code, "trialconformance[pdf]" in err) == (3, True)
        pytest.skip("the extra pdf is not installed")
    assert out.read_bytes().startswith(b"%PDF-")
    assert main(["report", str(written.record), "--format", "pdf"]) == 3


def test_record_as_json_text_is_not_mistaken(tmp_path: Path) -> None:
    """Any other JSON is refused."""
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"schema_id": "other"}))
    assert main(["report", str(other)]) == 3
