"""``trialconformance catalogue`` and ``trialconformance schema``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trialconformance import catalogue
from trialconformance.cli import main
from trialconformance.core import ExitCode
from trialconformance.schemas import SCHEMAS, schema_json


def test_json_is_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    """``--json`` prints the catalogue as it is committed."""
    assert main(["catalogue", "--json"]) == ExitCode.PASS
    assert capsys.readouterr().out.encode() == catalogue.to_json()


def test_one_domain(capsys: pytest.CaptureFixture[str]) -> None:
    """``--domain`` keeps the cases of one domain, for machines and for people."""
    assert main(["catalogue", "--domain", "SMKI", "--json"]) == ExitCode.PASS
    cases = json.loads(capsys.readouterr().out)["cases"]
    assert {case["domain"] for case in cases} == {"smki"}
    assert main(["catalogue", "-d", "waiver"]) == ExitCode.PASS
    shown = capsys.readouterr().out
    assert "WAIVER-GOV-06" in shown
    assert "6 cases" in shown


def test_unknown_domain(capsys: pytest.CaptureFixture[str]) -> None:
    """A domain that does not exist is bad usage that names the nearest."""
    assert main(["catalogue", "-d", "gbsc"]) == ExitCode.BAD_INPUT
    assert "gbcs" in capsys.readouterr().err


def test_schemas_are_listed_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A schema can be printed by name; all can be written into a folder."""
    assert main(["schema"]) == ExitCode.PASS
    assert capsys.readouterr().out.split() == list(SCHEMAS)
    assert main(["schema", "record"]) == ExitCode.PASS
    assert capsys.readouterr().out.encode() == schema_json("record")
    assert main(["schema", "--write", str(tmp_path)]) == ExitCode.PASS
    assert len(list(tmp_path.iterdir())) == len(SCHEMAS)
    assert main(["schema", "--write", str(tmp_path / "nowhere")]) == ExitCode.BAD_INPUT
