"""Cases and checks."""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType
from typing import Any

import pytest

from trialconformance.core import (
    Check,
    Claims,
    Effective,
    Finding,
    InternalError,
    Scope,
    Severity,
    check,
    checks_in,
    finding,
)

EVERYTHING = Scope(kind="thing", title="every thing")


@check("GBCS-TST-001", clause="GBCS 1", applies_to=EVERYTHING, severity=Severity.SHOULD)
def thing_is_small(thing: bytes) -> Iterable[Finding]:
    """A thing is
    small.
    """
    if len(thing) > 1:
        yield finding(expected="one octet", seen=f"{len(thing)}")


def test_a_check_takes_title_and_requirement_from_its_function() -> None:
    """The name of the function is the title and its docstring, unfolded, the requirement."""
    assert thing_is_small.case.title == "thing is small"
    assert thing_is_small.case.requirement == "A thing is small."
    assert thing_is_small.case.domain == "gbcs"
    assert thing_is_small.case.severity is Severity.SHOULD


def test_a_check_judges_one_subject() -> None:
    """Calling a check yields the findings of its function."""
    assert list(thing_is_small(b"1")) == []
    assert [each.seen for each in thing_is_small(b"12")] == ["2"]


def test_a_scope_admits_everything_and_is_never_ruled_out_by_default() -> None:
    """A scope without conditions concerns every subject and every device."""
    claims = Claims(device_type="HCALCS", use_cases=frozenset())
    assert EVERYTHING.admits(object())
    assert EVERYTHING.ruled_out_by(claims) is None
    assert EVERYTHING.why_not("anything") == ""


@pytest.mark.parametrize("case_id", ["", "GBCS", "GBCS-001", "gbcs-str-001", "GBCS-STR-1", "GBCS-STR-0001"])
def test_an_id_of_another_form_is_refused(case_id: str) -> None:
    """Ids are API, so their form is fixed."""
    with pytest.raises(InternalError, match="is not a case id"):
        check(case_id, clause="GBCS 1", applies_to=EVERYTHING)


def test_a_check_without_requirement_text_is_refused() -> None:
    """The docstring is what users read, so it must be there."""

    def silent(_: Any) -> Iterable[Finding]:
        return ()

    with pytest.raises(InternalError, match="must not be empty"):
        check("GBCS-TST-002", clause="GBCS 1", applies_to=EVERYTHING)(silent)


def test_checks_are_collected_by_id_and_once() -> None:
    """A module may import a check of another; the same check counts once, two with one id are refused."""
    first, second = ModuleType("first"), ModuleType("second")
    vars(first).update(a=thing_is_small, other=1)
    vars(second).update(again=thing_is_small)
    assert checks_in(first, second) == (thing_is_small,)
    vars(second).update(twin=Check(case=thing_is_small.case, judge=lambda _: ()))
    with pytest.raises(InternalError, match="declared twice"):
        checks_in(first, second)


@pytest.mark.parametrize(
    ("effective", "version", "covered"),
    [
        (Effective(), (1, 0), True),
        (Effective(since=(4, 1)), (4, 0), False),
        (Effective(since=(4, 1)), (4, 1), True),
        (Effective(until=(4, 1)), (4, 1), True),
        (Effective(until=(4, 1)), (4, 2), False),
    ],
)
def test_a_case_holds_from_its_first_to_its_last_version(
    effective: Effective, version: tuple[int, int], covered: bool
) -> None:
    """Both ends of the range of versions belong to it."""
    assert effective.covers(version) is covered
