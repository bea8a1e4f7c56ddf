"""TR-24: the risk assessment, which stands where CPA certification would."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Finding
from trialconformance.trial.application import Application
from trialconformance.trial.checks.certification import structured
from trialconformance.trial.checks.documents import faults_of
from trialconformance.trial.checks.scopes import requirement
from trialconformance.trial.structured import MitigationStatus, RiskAssessment

_KEY = "risk_assessment"
_OPEN = frozenset({MitigationStatus.PARTLY, MitigationStatus.UNMET})


@requirement("TR-24")
def risk_assessment_is_held(application: Application) -> Iterator[Finding]:
    """A structured risk assessment is held, with a risk, control and owner for every mitigation not met."""
    yield from faults_of(application, _KEY)
    assessment = structured(application, _KEY, RiskAssessment)
    if isinstance(assessment, Finding):
        yield assessment
    elif assessment is not None:
        yield from _assessment_faults(application, assessment)


def _assessment_faults(application: Application, assessment: RiskAssessment) -> Iterator[Finding]:
    path = application.submission.documents[_KEY]
    if assessment.assessed > application.as_of:
        yield application.at(path, expected=f"a day by {application.as_of}", seen=f"{assessment.assessed}")
    statuses = {each.id: each.status for each in assessment.mitigations}
    if len(statuses) != len(assessment.mitigations):
        yield application.at(path, expected="every mitigation once", seen="one stands twice")
    answered = {each.mitigation for each in assessment.risks}
    for mitigation, status in sorted(statuses.items()):
        if status in _OPEN and mitigation not in answered:
            yield application.at(path, expected=f"a risk for mitigation {mitigation}, which is {status}", seen="none")
    for risk in assessment.risks:
        if risk.mitigation not in statuses:
            yield application.at(path, expected=f"risk {risk.id}: a mitigation of the list", seen=risk.mitigation)
        elif risk.status != statuses[risk.mitigation]:
            yield application.at(
                path,
                expected=f"risk {risk.id}: status {statuses[risk.mitigation]}, as the mitigation",
                seen=risk.status,
            )
    for row in application.own_rows:
        if row.sc_version and row.sc_version != assessment.security_characteristic.version:
            yield application.at(
                path,
                expected=f"Security Characteristic version {row.sc_version}, as on the list",
                seen=assessment.security_characteristic.version,
            )
