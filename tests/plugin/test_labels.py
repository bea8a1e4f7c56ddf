"""Allure: every case is labelled, and a clause can be followed."""

from __future__ import annotations

from typing import Any


def _labels(result: Any) -> dict[str, str]:
    return {label["name"]: label["value"] for label in result["labels"]}


def test_cases_are_labelled(bench: Any) -> None:
    """Epic, feature, story and severity, a link to the clause, and the findings as an attachment."""
    bench.spoil_signature()
    bench.run("--trial-suite", "gbcs", "--alluredir", "allure")
    results = {result["name"].partition(" ")[0]: result for result in bench.allure("allure")}
    good = results["GBCS-SEC-001"]
    labels = _labels(good)
    assert labels["epic"].startswith("Sample Switches plc")
    assert (labels["feature"], labels["story"], labels["severity"]) == ("gbcs", "GBCS-SEC", "critical")
    (link,) = good["links"]
    assert link["type"] == "clause"
    assert link["url"].startswith("urn:trialconformance:clause:")
    assert good["status"] == "passed"
    failed = [result for result in results.values() if result["status"] == "failed"]
    assert failed
    assert all(result["attachments"][0]["name"] == "findings" for result in failed)


def test_clauses_are_linked_where_the_user_says(bench: Any) -> None:
    """``--trial-clause-url`` says where a clause is found."""
    bench.run(
        "--trial-suite", "cpl", "--alluredir", "allure", "--trial-clause-url", "https://example.org/{case}?c={clause}"
    )
    links = [link["url"] for result in bench.allure("allure") for link in result["links"]]
    assert any(link.startswith("https://example.org/CPL-FI-001?c=") for link in links)
