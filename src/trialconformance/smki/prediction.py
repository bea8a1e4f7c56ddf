"""The status code that a device should answer with when it is sent a certificate: the first fatal breach decides.

Clause: GBCS CS02b, CS02g; RFC 5934 for the codes; RFC 5280 6.1 for what a device judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import Basis, Case, Severity, load_json, read_data
from trialconformance.smki.binding import Prediction
from trialconformance.smki.certificate import Certificate
from trialconformance.smki.context import CERTIFICATE, CERTIFICATE_IN_CONTEXT, CHAIN, in_context
from trialconformance.smki.lint import Judge, Judged
from trialconformance.smki.path import Anchor, Chain, ChainBuilder
from trialconformance.smki.profile import PRODUCTION, Profile, load_profile

__all__ = ["ChainJudge", "JudgedChain", "StatusRule", "StatusRules", "predict"]

_DATA = "data/status_codes.json"
_UNREADABLE = "SMKI-ENC-01"


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StatusRule(_Row):
    """What a device answers for a breach.

    Args:
        at: whether the leaf or a path certificate breaks a case.
        families: families of cases, for example ``CHN``.
        unless: cases of these families that the rule is not for.
        status: the status code.
        certain: whether official messages show this code for such a breach.
    """

    at: Literal["leaf", "path"]
    families: frozenset[str]
    unless: frozenset[str] = frozenset()
    status: int
    certain: bool


class StatusRules(_Row):
    """The rules, of which the first that fits counts.

    Args:
        description: where they come from.
        rules: the rules.
    """

    description: str
    rules: tuple[StatusRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedChain:
    """A leaf and its path, judged.

    Args:
        chain: the chain of the leaf.
        findings: the findings of every certificate, the leaf first, then the path from the leaf up.
        predicted: the status code that a device should answer with.
    """

    chain: Chain
    findings: tuple[tuple[Certificate, tuple[Judged, ...]], ...]
    predicted: Prediction

    @property
    def fatal(self) -> tuple[Judged, ...]:
        """The breaches that decide, in order."""
        return tuple(each for _, group in self.findings for each in group if each.fatal)


class ChainJudge:
    """Judges many leaves with the same path certificates; those are judged once.

    Args:
        path: the path certificates as they were offered.
        anchors: the configured anchors.
        judge: judges the cases under a profile.
        clock: moment at which validity is judged, None to leave time out.
        statuses: status in the SMKI Repository by SHA-256.
    """

    __slots__ = ("_above", "_builder", "_judge", "_statuses", "path")

    def __init__(
        self,
        path: tuple[Certificate, ...],
        *,
        anchors: Iterable[Anchor],
        judge: Judge,
        clock: datetime | None,
        statuses: Mapping[str, str] | None = None,
    ) -> None:
        trusted = tuple(anchors)
        self.path = path
        self._judge = judge
        self._statuses = statuses or {}
        self._builder = ChainBuilder(path, trusted, clock=clock)
        offered = dict.fromkeys(path)
        beside = tuple(each.certificate for each in trusted if each.certificate is not None)
        self._above = {each: self._judged(each, (*offered, *beside), offered=()) for each in offered}

    def judge(self, leaf: Certificate, *, beside: tuple[Certificate, ...] = ()) -> JudgedChain:
        """Judge a leaf.

        Args:
            leaf: the certificate in question.
            beside: further certificates of the leaf's identity, which are not judged themselves.

        Returns:
            The findings and the predicted status code.
        """
        anchors = tuple(each.certificate for each in self._builder.anchors if each.certificate is not None)
        chain, own = self._judged(leaf, (*self.path, *beside, *anchors), offered=self.path)
        judged = ((leaf, own), *((each, found) for each, (_, found) in self._above.items() if each != leaf))
        used = frozenset(chain.below_anchor)
        deciding = [
            (each == leaf, found)
            for each, group in judged
            if each in used
            for found in group
            if _decides(found.case, each)
        ]
        return JudgedChain(chain=chain, findings=judged, predicted=_predicted(deciding))

    def _judged(
        self, certificate: Certificate, beside: tuple[Certificate, ...], *, offered: tuple[Certificate, ...]
    ) -> tuple[Chain, tuple[Judged, ...]]:
        policies = self._judge.profile.policies
        chain = self._builder.chain(certificate, policies=policies.get(certificate.kind, frozenset()), offered=offered)
        (context,) = in_context((certificate, *beside), 1, policies, self._statuses)
        subjects = ((CERTIFICATE, certificate), (CERTIFICATE_IN_CONTEXT, context), (CHAIN, chain))
        return chain, tuple(found for kind, subject in subjects for found in self._judge.judge(kind, subject))


def predict(leaf: Certificate | None, chains: ChainJudge) -> Prediction:
    """Predict the status code for one cell.

    Args:
        leaf: the certificate for the cell, None where it is no certificate at all.
        chains: judges leaves with the path certificates of the Command and what the device trusts.
    """
    if leaf is None:
        rule = next(_fitting(_UNREADABLE, is_leaf=True))
        return Prediction(status=rule.status, reason=_UNREADABLE, certain=rule.certain)
    return chains.judge(leaf).predicted


def _decides(case: Case, certificate: Certificate) -> bool:
    """Whether a device refuses for a case: devices know no waivers and no lighter weights, nor what we only assume."""
    return case.basis is not Basis.ASSUMED and _strict().severity(case, certificate.kind) is Severity.MUST


def _predicted(deciding: list[tuple[bool, Judged]]) -> Prediction:
    for is_leaf, found in deciding:
        for rule in _fitting(found.case.id, is_leaf=is_leaf):
            return Prediction(status=rule.status, reason=found.case.id, certain=rule.certain)
    return Prediction(status=0)


def _fitting(case_id: str, *, is_leaf: bool) -> Iterator[StatusRule]:
    family, place = case_id.split("-")[1], "leaf" if is_leaf else "path"
    yield from (
        rule for rule in _rules() if rule.at == place and family in rule.families and case_id not in rule.unless
    )


@cache
def _strict() -> Profile:
    return load_profile(PRODUCTION)


@cache
def _rules() -> tuple[StatusRule, ...]:
    return load_json(StatusRules, read_data("trialconformance.smki", _DATA), where=_DATA).rules
