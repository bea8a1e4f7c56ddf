"""A real Allure report from a run of the demo: labels, links and attachments arrive, and nothing phones home."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from trialconformance.packaged import packaged

ALLURE = os.environ.get("TRIALCONFORMANCE_ALLURE") or shutil.which("allure")

if not ALLURE or shutil.which("java") is None:
    pytest.skip(
        "needs Java and Allure: npm install allure-commandline, then TRIALCONFORMANCE_ALLURE=.../bin/allure",
        allow_module_level=True,
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report that Allure generates from a run over the packaged submission."""
    folder = tmp_path_factory.mktemp("allure")
    submission = packaged("fixtures") / "demo" / "submission.toml"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--trial",
            str(submission),
            "--alluredir",
            "results",
            "-q",
            "-p",
            "no:cacheprovider",
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    # Any other value than "true" leaves the analytics of the page on.
    subprocess.run(
        [str(ALLURE), "generate", "results", "-o", "report"],
        cwd=folder,
        check=True,
        capture_output=True,
        env={**os.environ, "ALLURE_NO_ANALYTICS": "true"},
    )
    return folder / "report"


def test_cases_have_their_labels(report: Path) -> None:
    """Every case of the record is a test case of the report, with domain, severity and clause."""
    record = json.loads((report.parent / "trial-evidence" / "record.json").read_bytes())
    cases = [json.loads(path.read_bytes()) for path in (report / "data" / "test-cases").glob("*.json")]
    by_id = {case["name"].split()[0]: case for case in cases}
    assert set(by_id) <= {row["id"] for row in record["cases"]}
    assert len(by_id) == len(cases) > 300
    case = by_id["GBCS-SEC-004"]
    labels = {label["name"]: label["value"] for label in case["labels"]}
    assert labels["feature"] == "gbcs"
    assert labels["story"] == "GBCS-SEC"
    assert labels["severity"] == "critical"
    assert any(link["name"].startswith("GBCS") for link in case["links"])


def test_findings_are_attached(report: Path) -> None:
    """A case with findings carries them as text, octets at fault included."""
    attached = [path.read_text(encoding="utf-8") for path in (report / "data" / "attachments").glob("*.txt")]
    assert any("TRIAL-2022-0007-49" in text for text in attached)


def test_report_phones_nobody(report: Path) -> None:
    """With the switch on, the page that people open holds no analytics."""
    for path in report.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "googletagmanager" not in text
        assert "google-analytics" not in text
