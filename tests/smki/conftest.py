"""What the tests of certificates share: the synthetic PKI, a strict judge, small builders."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from trialconformance.smki import Certificate, load_profile
from trialconformance.smki.corpus import Corpus, load_corpus
from trialconformance.smki.deviation import Edit, Keys, issue
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.lint import Judge
from trialconformance.smki.recipe import Recipe
from trialconformance.smki.seed import private_key

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def pki() -> SyntheticPki:
    """The synthetic PKI of this package."""
    return SyntheticPki()


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """The negative corpus of this package."""
    return load_corpus()


@pytest.fixture(scope="session")
def strict(corpus: Corpus) -> Judge:
    """A judge under ``production`` with the policies of the synthetic PKI configured."""
    return Judge(load_profile("production").model_copy(update={"policies": corpus.policies}))


@pytest.fixture(scope="session")
def spoil(pki: SyntheticPki) -> Callable[..., Certificate]:
    """Make a certificate of a party or device with edits."""

    def make(*edits: Edit, holder: str = "esme", use: Any = "ds", name: str = "spoilt.pem") -> Certificate:
        keys = Keys(
            issuer=pki.authority_key(pki.issuer_of(holder)),
            own=pki.private_key(holder, use),
            others={"stranger": private_key(pki.plan.seed, "tests/stranger")},
        )
        return Certificate.parse(issue(pki.recipe(holder, use), edits, keys), name=name)

    return make


@pytest.fixture(scope="session")
def with_fields(pki: SyntheticPki) -> Callable[..., Recipe]:
    """The recipe of the Device Certificate of the ESME with other fields."""

    def make(**fields: Any) -> Recipe:
        return replace(pki.recipe("esme", "ds"), **fields)

    return make


@pytest.fixture(scope="session")
def cases_of() -> Callable[[Iterable[Any]], set[str]]:
    """The ids of the cases that report something."""
    return lambda judged: {each.case.id for each in judged}


@pytest.fixture(scope="session")
def data() -> Callable[[str], Any]:
    """Read a data file of these tests."""
    return lambda name: json.loads((DATA / name).read_bytes())
