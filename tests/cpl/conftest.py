"""The synthetic list that the tests of this package start from, and the ways they look at it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from trialconformance import cpl
from trialconformance.core import Finding
from trialconformance.cpl.checks import CHECKS
from trialconformance.cpl.comparison import Comparison

_DATA = Path(__file__).parent / "data"
Judge = Callable[[Comparison], dict[str, list[Finding]]]


@pytest.fixture(scope="session")
def profile() -> cpl.Profile:
    """The shipped profile."""
    return cpl.load_profile()


@pytest.fixture(scope="session")
def before_octets() -> bytes:
    """Four entries, none of a trial."""
    return (_DATA / "before.csv").read_bytes()


@pytest.fixture(scope="session")
def after_octets() -> bytes:
    """The same entries and one of a trial."""
    return (_DATA / "after.csv").read_bytes()


@pytest.fixture
def compare(profile: cpl.Profile, before_octets: bytes, after_octets: bytes) -> Callable[..., Comparison]:
    """Put two lists side by side, the synthetic ones by default."""

    def build(
        after: bytes = after_octets,
        before: bytes = before_octets,
        *,
        under: cpl.Profile = profile,
        names: tuple[str, str] = ("before.csv", "after.csv"),
        **given: object,
    ) -> Comparison:
        return cpl.compare(
            before=cpl.read_document(before, profile=under, name=names[0]),
            after=cpl.read_document(after, profile=under, name=names[1]),
            **given,  # type: ignore[arg-type]  # each test gives what it is about
        )

    return build


@pytest.fixture
def judge() -> Judge:
    """Run every check that applies; gives the findings by case id."""

    def run(comparison: Comparison) -> dict[str, list[Finding]]:
        subjects = cpl.subjects(comparison)
        found = {}
        for check in CHECKS:
            admitted = [each for each in subjects[check.case.scope.kind] if check.case.scope.admits(each)]
            if findings := [finding for subject in admitted for finding in check(subject)]:
                found[check.case.id] = findings
        return found

    return run
