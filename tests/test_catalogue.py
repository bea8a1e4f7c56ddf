"""The catalogue: one list of cases, committed, each with somebody who judges it."""

from __future__ import annotations

import ast
from collections import Counter
from importlib.resources import files

from trialconformance import catalogue
from trialconformance.core import Severity
from trialconformance.engine import CATALOGUE
from trialconformance.packaged import packaged


def _marked_cases() -> list[str]:
    found = []
    for path in sorted(packaged("suites").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.case":
                found += [ast.literal_eval(each) for each in node.args]
    return found


def test_the_committed_catalogue_is_the_real_one() -> None:
    """catalogue.json is what ``trialconformance catalogue --json`` prints."""
    committed = files("trialconformance").joinpath("catalogue.json").read_bytes()
    assert committed == catalogue.to_json(), (
        "run: trialconformance catalogue --json > src/trialconformance/catalogue.json"
    )


def test_ids_are_unique() -> None:
    """No id stands for two cases."""
    assert [case_id for case_id, count in Counter(case.id for case in catalogue.cases()).items() if count > 1] == []


def test_every_live_case_has_a_procedure_in_a_suite() -> None:
    """Each case that needs a device is decided by exactly one function of the suites."""
    assert sorted(_marked_cases()) == sorted(case.id for case in catalogue.PROCEDURES)


def test_cases_say_what_they_require() -> None:
    """Every case has a requirement that is a sentence, a clause and a scope."""
    for case in catalogue.cases():
        assert case.requirement.endswith("."), case.id
        assert case.clause, case.id
        assert case.scope.title, case.id
        assert case.severity in set(Severity)


def test_checks_and_procedures_are_the_whole() -> None:
    """The catalogue is what the engine checks and what the harness does, nothing more."""
    assert len(catalogue.cases()) == len(CATALOGUE) + len(catalogue.PROCEDURES)
