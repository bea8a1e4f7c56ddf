"""How fast certificates are judged, beside the ECDSA verification they cannot do without.

``pytest benchmarks/test_smki_speed.py -p no:randomly``. Certificates are issued here, each for another device. Absolute
rates move with the machine: compare inside one run only. The last test prints the ratios and fails where a target is
missed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from trialconformance.smki import Certificate, load_profile
from trialconformance.smki.context import certificate_subjects
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.lint import Judge
from trialconformance.smki.path import Anchor
from trialconformance.smki.prediction import ChainJudge

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

LINT_TARGET = 2_000  # certificates a second: strict parse, every case, signature
CHAIN_TARGET = 2_000  # two-link chains a second: the same for the leaf, and the way to the root
_DEVICES = 250
_ROUNDS = 7
_PROFILE = load_profile("test-pki")


class Bench:
    """Certificates of many devices and what judges them."""

    def __init__(self) -> None:
        self.pki = SyntheticPki()
        entities = [0x00005EEF_10010000 + number for number in range(_DEVICES)]
        self.leaves = [
            self.pki.certificate(entity.to_bytes(8), use).octets for entity in entities for use in ("ds", "ka")
        ]
        self.issuing = self.pki.authority("device-issuing")
        self.judge = Judge(_PROFILE)
        self.root = Anchor.of(self.pki.authority("device-root"))

    def parse(self) -> None:
        """Strict parse of every certificate."""
        for octets in self.leaves:
            Certificate.parse(octets)

    def lint(self) -> None:
        """Strict parse, every case and the signature of every certificate."""
        certificates = [Certificate.parse(octets, name=str(at)) for at, octets in enumerate(self.leaves)]
        subjects = certificate_subjects(
            [*certificates, self.issuing],
            policies=_PROFILE.policies,
            anchors=_PROFILE.trusted(),
            clock=_PROFILE.clock,
        )
        assert not any(found for _, found in self.judge.all(subjects))

    def chains(self, *, shared: bool = True) -> None:
        """Every certificate with its chain of two links; the upper one judged once, or anew for every leaf."""
        chains = self._chains()
        for octets in self.leaves:
            result = chains.judge(Certificate.parse(octets))
            assert not result.fatal
            chains = chains if shared else self._chains()

    def _chains(self) -> ChainJudge:
        return ChainJudge((self.issuing,), anchors=[self.root], judge=self.judge, clock=_PROFILE.clock)

    def verify(self) -> None:
        """The signature of every certificate, and nothing else."""
        for certificate in self.parsed:
            assert certificate.issued_by(self.issuing.point)

    @property
    def parsed(self) -> list[Certificate]:
        """The certificates, parsed once."""
        if not hasattr(self, "_parsed"):
            self._parsed = [Certificate.parse(octets) for octets in self.leaves]
        return self._parsed


@pytest.fixture(scope="module")
def bench() -> Bench:
    """Certificates of many devices."""
    return Bench()


@pytest.mark.parametrize("work", ["parse", "lint", "chains", "verify"])
def test_rate(benchmark: BenchmarkFixture, bench: Bench, work: str) -> None:
    """One pass over every certificate."""
    benchmark.extra_info["certificates"] = len(bench.leaves)
    benchmark(getattr(bench, work))


def best_rate(work: Callable[[], Any], count: int) -> float:
    """Operations a second of CPU time in the best of some rounds."""
    best = min(_cpu_time(work) for _ in range(_ROUNDS))
    return count / best


def _cpu_time(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def test_targets(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """The targets hold, told beside the rate of ECDSA verification in the same run."""
    count = len(bench.leaves)
    bench.verify()
    ecdsa, parsed = best_rate(bench.verify, count), best_rate(bench.parse, count)
    linted, chained = best_rate(bench.lint, count), best_rate(bench.chains, count)
    fresh = best_rate(lambda: bench.chains(shared=False), count)
    with capsys.disabled():
        print(  # noqa: T201  # the ratios are what this test is for
            f"\n{count} certificates; a second of one core: ECDSA verify {ecdsa:,.0f}, strict parse {parsed:,.0f}, "
            f"lint {linted:,.0f} ({linted / ecdsa:.2f} of ECDSA verify), two-link chains {chained:,.0f} "
            f"({chained / ecdsa:.2f}), with the issuing CA judged anew for each {fresh:,.0f}"
        )
    assert linted >= LINT_TARGET
    assert chained >= CHAIN_TARGET
