"""Every format holds against a schema or reader that is not the writer, and says what it lost."""

from __future__ import annotations

import base64
import importlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from junitparser import JUnitXml
from lxml import etree
from sarif_pydantic import Sarif  # type: ignore[import-untyped]  # it ships no type information

from trialconformance.core import Finding, Record, Verdict
from trialconformance.evidence import Timing
from trialconformance.evidence.formats import FORMATS

SCHEMAS = Path(__file__).with_name("schemas")
TIMING = Timing(
    started="2022-10-03T10:00:00+00:00", finished="2022-10-03T10:00:07.500+00:00", cases={"GBCS-SEC-004": 1500}
)


def written(name: str, record: Record, timing: Timing | None = TIMING) -> bytes:
    """The record in a format."""
    return FORMATS[name].write(record, timing)


def document(name: str, record: Record, timing: Timing | None = TIMING) -> Any:
    """The record in a JSON format, read back."""
    return json.loads(written(name, record, timing))


@pytest.mark.parametrize("name", FORMATS)
def test_same_record_gives_the_same_octets(record: Record, name: str) -> None:
    """A format is a function of record and timing."""
    assert written(name, record) == written(name, record)
    assert written(name, record, None)


@pytest.mark.parametrize("name", FORMATS)
def test_format_says_what_it_lost(record: Record, name: str) -> None:
    """Every loss that is declared is told in the output itself."""
    text = written(name, record).decode()
    assert FORMATS[name].loses
    for loss in FORMATS[name].loses:
        assert loss in text


def test_junit_holds_against_the_schema(record: Record) -> None:
    """The XML meets the schema, with and without timing."""
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "junit.xsd"))
    for timing in (TIMING, None):
        schema.assertValid(etree.fromstring(written("junit", record, timing)))


def test_junit_counts_as_another_reader_does(record: Record) -> None:
    """junitparser counts what we counted, and an undecided case is never a pass."""
    read = JUnitXml.fromstring(written("junit", record))
    suites = list(read)
    assert sum(suite.tests for suite in suites) == record.accounting["total"]
    outcomes = {case.name.split()[0]: case.result for suite in suites for case in suite}
    assert [result.type for result in outcomes["CPL-FI-003"]] == ["inconclusive"]
    assert [type(result).__name__ for result in outcomes["GBCS-SEC-004"]] == ["Failure"]
    assert [type(result).__name__ for result in outcomes["SMKI-KEY-001"]] == ["Skipped"]
    assert outcomes["SMKI-EXT-12"] == []
    assert sum(suite.failures for suite in suites) == 1
    assert sum(suite.errors for suite in suites) == 1


def test_junit_survives_what_xml_cannot_hold(record: Record) -> None:
    """Control characters and lone surrogates of a finding do not break the XML."""
    row = next(row for row in record.cases if row.id == "GBCS-SEC-004")
    broken = row.model_copy(
        update={"findings": (Finding(expected="\x00\x1b[0m", seen="]]>\ufffe<&"),), "reason": "\x01"}
    )
    cases = tuple(broken if each.id == row.id else each for each in record.cases)
    etree.fromstring(written("junit", record.model_copy(update={"cases": cases})))


def test_ctrf_holds_against_the_published_schema(record: Record) -> None:
    """The document meets the published schema, and its summary adds up."""
    schema = json.loads((SCHEMAS / "ctrf-schema-0.0.json").read_bytes())
    for timing in (TIMING, None):
        value = document("ctrf", record, timing)
        jsonschema.validate(value, schema)
        summary = value["results"]["summary"]
        assert sum(summary[key] for key in ("passed", "failed", "skipped", "pending", "other")) == summary["tests"]
    tests = {test["extra"]["id"]: test for test in document("ctrf", record)["results"]["tests"]}
    assert tests["GBCS-SEC-004"]["duration"] == 1500
    assert tests["CPL-FI-003"]["status"] == tests["SMKI-EXT-12"]["status"] == "other"
    assert "[5C]" in tests["GBCS-SEC-004"]["trace"]


def test_sarif_holds_against_another_model(record: Record) -> None:
    """The log is read by the models of sarif-pydantic, and levels agree with kinds."""
    value = document("sarif", record)
    assert Sarif.model_validate(value).runs[0].tool.driver.name == "trialconformance"
    for result in value["runs"][0]["results"]:
        assert (result["kind"] == "fail") == (result["level"] != "none")
        assert value["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert {result["ruleId"] for result in value["runs"][0]["results"]} == {row.id for row in record.cases}


def test_sarif_marks_octets(record: Record) -> None:
    """A finding has its region in octets and the octets around it; a waived one is suppressed."""
    run = document("sarif", record)["runs"][0]
    result = next(each for each in run["results"] if each["ruleId"] == "GBCS-SEC-004")
    place = result["locations"][0]["physicalLocation"]
    assert place["region"] == {"byteOffset": 52, "byteLength": 12}
    context = place["contextRegion"]
    assert len(base64.b64decode(context["snippet"]["binary"])) == context["byteLength"]
    assert run["artifacts"][place["artifactLocation"]["index"]]["location"]["uri"] == "captures/ECS17b.hex"
    waived = next(each for each in run["results"] if each["ruleId"] == "SMKI-KEY-001")
    assert waived["suppressions"][0]["kind"] == "external"


def test_oscal_identifiers_are_unique_and_resolve(record: Record) -> None:
    """Every identifier is version 5 and unique; every reference arrives; the same record gives the same ones."""
    text = written("oscal", record).decode()
    result = json.loads(text)["assessment-results"]["results"][0]
    observed = {each["uuid"] for each in result["observations"]}
    risks = {each["uuid"] for each in result["risks"]}
    resources = {each["uuid"] for each in json.loads(text)["assessment-results"]["back-matter"]["resources"]}
    for finding in result["findings"]:
        assert {each["observation-uuid"] for each in finding["related-observations"]} <= observed
        assert {each["risk-uuid"] for each in finding.get("related-risks", [])} <= risks
    for observation in result["observations"]:
        assert {each["href"][1:] for each in observation.get("relevant-evidence", [])} <= resources
    assert len(observed) == len(record.cases)
    assert all(each[14] == "5" for each in observed | risks | resources)


def test_oscal_states(record: Record) -> None:
    """Only a pass is satisfied; what is undecided says why; what does not apply has no finding."""
    result = document("oscal", record)["assessment-results"]["results"][0]
    states = {each["target"]["target-id"]: each["target"]["status"] for each in result["findings"]}
    for row in record.cases:
        if row.verdict in {Verdict.NOT_APPLICABLE, Verdict.NOT_EFFECTIVE}:
            assert row.id.lower() not in states
        elif row.verdict is Verdict.PASS:
            assert states[row.id.lower()] == {"state": "satisfied"}
        else:
            assert states[row.id.lower()]["reason"] == row.verdict.value


@pytest.mark.parametrize("passing", [False, True])
def test_oscal_holds_against_another_model(workshop: Any, passing: bool) -> None:
    """The document is read by the OSCAL models of compliance-trestle."""
    if importlib.util.find_spec("trestle") is None:
        pytest.skip("compliance-trestle is not installed: pip install compliance-trestle")
    models = importlib.import_module("trestle.oscal.assessment_results")
    record = workshop.record(workshop.passing) if passing else workshop.record()
    value = document("oscal", record)["assessment-results"]
    assert len(models.AssessmentResults.model_validate(value).results[0].observations) == len(record.cases)


def test_summary_names_what_decides_and_smuggles_nothing(record: Record) -> None:
    """The summary shows verdict, deciding cases, waiver and assumption; text of artefacts stays text."""
    text = written("markdown", record).decode()
    assert "❌ trialconformance: fail" in text
    for part in ("GBCS-SEC-004", "CPL-FI-003", "waiver W-1", "cpl-assumed-1", "| GBCS | "):
        assert part in text
    assert "<script>" not in text
    assert len(text) < 60_000


def test_summary_of_many_failures_is_cut(workshop: Any) -> None:
    """Thirty deciding cases are shown and the others counted; many findings of one case too."""
    first = workshop.rows[3]
    rows = [(f"GBCS-SEC-{number:03d}", *first[1:]) for number in range(1, 41)]
    record = workshop.record(rows)
    text = written("markdown", record).decode()
    assert "| and 10 more | | |" in text
    row = record.cases[0].model_copy(update={"findings": record.cases[0].findings * 3})
    longer = record.model_copy(update={"cases": (row, *record.cases[1:])})
    assert "and 4 more" in written("markdown", longer).decode()
    observations = document("oscal", longer)["assessment-results"]["results"][0]["observations"]
    assert "and 1 more" in observations[0]["description"]


def test_summary_of_a_pass_is_short(workshop: Any) -> None:
    """Where nothing decides against the device there is no table of reasons."""
    text = written("markdown", workshop.record(workshop.passing, assumptions=[])).decode()
    assert "✅ trialconformance: pass" in text
    assert "###" not in text
