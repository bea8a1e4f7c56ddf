"""Other libraries are asked about every chain of the corpus; where they disagree is on record, with the reason."""

from __future__ import annotations

import importlib.util
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from trialconformance.smki.corpus import load_corpus

_SCRIPT = Path(__file__).parents[2] / "docs" / "make_second_opinions.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script that asks the libraries."""
    spec = importlib.util.spec_from_file_location("make_second_opinions", _SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def record(script: ModuleType) -> dict[str, Any]:
    """What the libraries said when they were last asked."""
    read: dict[str, Any] = json.loads(script.DATA.read_bytes())
    return read


@pytest.mark.parametrize("library", ["cryptography", "pyhanko", "openssl"])
def test_libraries_still_say_what_is_on_record(script: ModuleType, record: dict[str, Any], library: str) -> None:
    """A library of the recorded version says of every chain what it said before."""
    if script.versions().get(library) != record["versions"][library]:
        pytest.skip(f"{library} {record['versions'][library]} is on record, here is {script.versions().get(library)}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd serial numbers are the point
        found = script.opinions(load_corpus().cases, libraries=[library])
    assert {case: each[library] for case, each in found.items()} == {
        case: each[library] for case, each in record["opinions"].items()
    }


def test_every_chain_is_on_record(record: dict[str, Any], script: ModuleType) -> None:
    """The record holds an opinion of every library on every chain of the corpus."""
    assert set(record["opinions"]) == {case.id for case in load_corpus().cases}
    assert all(set(each) == set(script.LIBRARIES) for each in record["opinions"].values())


def test_no_library_knows_better_without_a_reason(record: dict[str, Any], script: ModuleType) -> None:
    """Where a library refuses a chain that we accept, the reason is on record; nowhere else is one."""
    reasons: Callable[..., dict[str, str]] = script.reasons
    assert reasons(record["opinions"], record["reasons"]) == record["reasons"]
    assert all(record["reasons"].values())


def test_no_library_would_do_instead(record: dict[str, Any]) -> None:
    """Each library accepts many chains that must be refused: none is a substitute for the lint."""
    refused = [case.id for case in load_corpus().cases if case.verdict == "refuse"]
    for library in record["versions"]:
        missed = sum(record["opinions"][case][library] == "accept" for case in refused)
        assert missed > len(refused) / 3


def test_the_page_is_generated(record: dict[str, Any], script: ModuleType) -> None:
    """The page in ``docs`` is what the record says."""
    assert script.PAGE.read_text() == script.page(record)
