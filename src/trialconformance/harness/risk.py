"""The risk register of a CPA test laboratory: attacks, what they threaten, what mitigates them, what is left.

Which mitigations of a Security Characteristic an attack speaks for is data of the laboratory: the ids that are shipped
are placeholders that say so, and a laboratory points at its own file.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import CaseRow, UsageError, Verdict, canonical_json, load_json, read_data

__all__ = ["Level", "RiskRegister", "RiskReport", "RiskRow", "assess"]

Level = Literal["low", "medium", "high"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Attack(_Model):
    """One attack.

    Args:
        case: id of the procedure that carries it out.
        attack: what the attacker does.
        likelihood: how likely it is without mitigation.
        impact: how much harm it does.
        residual: what is left where the device withstood it.
        mitigations: ids of the mitigations that it tests.
    """

    case: str
    attack: str
    likelihood: Level
    impact: Level
    residual: Level
    mitigations: tuple[str, ...]


class RiskRegister(_Model):
    """The register.

    Args:
        schema_id: version of the file format.
        mitigations_source: where the mitigation ids come from; a laboratory names its Security Characteristic here.
        supplied_by_laboratory: whether a laboratory supplied the ids; the shipped ones are placeholders.
        attacks: one row for each procedure of the risk suite.
    """

    schema_id: Literal["risk-register/1"]
    mitigations_source: str
    supplied_by_laboratory: bool
    attacks: tuple[Attack, ...]

    @classmethod
    def load(cls, path: Path | None = None) -> RiskRegister:
        """Read the register of this package, or the one of a laboratory."""
        octets = read_data("trialconformance.harness", "data/risk_register.json", override=path)
        return load_json(cls, octets, where=str(path or "risk_register.json"))


class RiskRow(_Model):
    """One attack and what came of it.

    Args:
        case: id of the procedure.
        attack: what the attacker does.
        likelihood: how likely it is without mitigation.
        impact: how much harm it does.
        mitigations: ids of the mitigations that it tests.
        verdict: what became of the procedure.
        findings: how many breaches it found.
        status: ``withstood``, ``broken`` or ``not shown``.
        residual: what is left: the register's level where the device withstood the attack, otherwise the higher of
            likelihood and impact.
    """

    case: str
    attack: str
    likelihood: Level
    impact: Level
    mitigations: tuple[str, ...]
    verdict: Verdict
    findings: int
    status: Literal["withstood", "broken", "not shown"]
    residual: Level


class RiskReport(_Model):
    """What ``risk.json`` holds.

    Args:
        schema_id: name and version of this form.
        mitigations_source: where the mitigation ids come from.
        supplied_by_laboratory: whether a laboratory supplied the ids.
        risks: one row for each attack.
    """

    schema_id: Literal["trialconformance-risk/1"] = "trialconformance-risk/1"
    mitigations_source: str
    supplied_by_laboratory: bool
    risks: tuple[RiskRow, ...]

    def to_json(self) -> bytes:
        """The canonical octets."""
        return canonical_json(self.model_dump(mode="json"))


_LEVELS: tuple[Level, ...] = ("low", "medium", "high")


def assess(register: RiskRegister, rows: Iterable[CaseRow]) -> RiskReport:
    """Put register and verdicts together.

    Args:
        register: the attacks.
        rows: what became of the cases of a run; others than those of attacks are left out.

    Returns:
        One row for each attack of the register, in its order.

    Raises:
        UsageError: a case of the risk suite is in no row of the register.
    """
    verdicts = {row.id: row for row in rows if row.id.startswith("RISK-")}
    known = {each.case for each in register.attacks}
    if missing := sorted(set(verdicts) - known):
        raise UsageError(f"no row for {', '.join(missing)}", where="risk register", accepted="a row for every attack")
    return RiskReport(
        mitigations_source=register.mitigations_source,
        supplied_by_laboratory=register.supplied_by_laboratory,
        risks=tuple(_assess(each, verdicts.get(each.case)) for each in register.attacks),
    )


def _assess(attack: Attack, row: CaseRow | None) -> RiskRow:
    verdict = row.verdict if row is not None else Verdict.NOT_RUN
    findings = len(row.findings) if row is not None else 0
    status: Literal["withstood", "broken", "not shown"] = "not shown"
    if findings:
        status = "broken"
    elif verdict is Verdict.PASS:
        status = "withstood"
    unmitigated = max(attack.likelihood, attack.impact, key=_LEVELS.index)
    return RiskRow(
        case=attack.case,
        attack=attack.attack,
        likelihood=attack.likelihood,
        impact=attack.impact,
        mitigations=attack.mitigations,
        verdict=verdict,
        findings=findings,
        status=status,
        residual=attack.residual if status == "withstood" else unmitigated,
    )
