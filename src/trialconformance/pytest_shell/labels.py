"""Allure labels of a case: epic, feature, story, severity and a link to the clause."""

from __future__ import annotations

from typing import Any, Self
from urllib.parse import quote

from trialconformance.annotation import row_text
from trialconformance.core import CaseRow, Severity
from trialconformance.pytest_shell.state import Prepared

__all__ = ["AllureLabels"]

_SEVERITIES = {Severity.MUST: "critical", Severity.SHOULD: "normal", Severity.INFO: "minor"}


class AllureLabels:
    """Labels the item that runs.

    Args:
        epic: what is judged, for example the Device Model.
        clause_url: where a clause is linked to.
    """

    def __init__(self, *, epic: str, clause_url: str) -> None:
        import allure  # noqa: PLC0415 -- only where Allure results are wanted

        self._allure = allure
        self._epic = epic
        self._clause_url = clause_url

    @classmethod
    def of(cls, prepared: Prepared) -> Self | None:
        """Labels for a run that writes Allure results, None for any other."""
        if not prepared.config.getoption("allure_report_dir", None):
            return None
        subject = prepared.inputs.subject
        epic = " ".join(part for part in (subject.manufacturer, subject.model) if part)
        return cls(epic=epic or prepared.settings.submission.name, clause_url=prepared.settings.clause_url)

    def label(self, row: CaseRow) -> None:
        """Label the running item after its case and attach what was found.

        Args:
            row: what became of the case.
        """
        dynamic: Any = self._allure.dynamic  # untyped in allure-python-commons
        domain, _, _ = row.id.partition("-")
        story, _, _ = row.id.rpartition("-")
        dynamic.title(f"{row.id} {row.title}")
        dynamic.description(row.requirement)
        dynamic.epic(self._epic)
        dynamic.feature(domain.lower())
        dynamic.story(story)
        dynamic.severity(_SEVERITIES[row.severity])
        dynamic.tag(row.verdict.value)
        url = self._clause_url.format(clause=quote(row.clause, safe=""), case=quote(row.id, safe=""))
        dynamic.link(url, link_type="clause", name=row.clause)
        if row.findings:
            self._allure.attach(row_text(row), name="findings", attachment_type=self._allure.attachment_type.TEXT)
