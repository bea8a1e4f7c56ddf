"""The part of the pytest plugin for live devices: the ``bench`` of a procedure, and the session behind it.

Loaded only with ``--trial`` and ``--device``. What a procedure finds goes to the ``procedure`` fixture; nothing
here decides a verdict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from trialconformance.core import ArtefactError, Record, UsageError
from trialconformance.device_options import ALLOW, DEVICE
from trialconformance.evidence import Note, folder_for, write_atomically
from trialconformance.harness import Bench, DeviceSession
from trialconformance.harness.opening import may_attack, open_session
from trialconformance.harness.report import unreadable
from trialconformance.harness.risk import RiskRegister, assess
from trialconformance.options import OUTPUT, path_of, value_of
from trialconformance.pytest_shell.judging import Procedure
from trialconformance.pytest_shell.state import RUN

__all__ = ["bench"]

_PLUGIN = "plugin"
_HOSTILE_DOMAIN = "risk"
_TRANSCRIPTS = "transcripts"
_RISK = "risk.json"


@pytest.hookimpl(trylast=True)
def pytest_trialconformance_open_session(config: pytest.Config, case: str) -> DeviceSession | None:
    """Open what ``--device`` names, where no conftest.py brought a session of its own."""
    word = str(value_of(config, DEVICE))
    if word == _PLUGIN:
        return None
    return open_session(word, case=case, device_type=_device_type(config))


@pytest.fixture
def bench(procedure: Procedure, pytestconfig: pytest.Config) -> Iterator[Bench]:
    """The bench of a procedure: a session of its own, closed afterwards, its transcript kept."""
    case = procedure.case
    session = pytestconfig.hook.pytest_trialconformance_open_session(config=pytestconfig, case=case.id)
    if not isinstance(session, DeviceSession):
        raise UsageError(
            "no session", where=DEVICE.flag, accepted="a conftest.py with pytest_trialconformance_open_session"
        )
    with session:
        if case.domain == _HOSTILE_DOMAIN and not may_attack(session.host, value_of(pytestconfig, ALLOW)):
            procedure.inconclusive(
                f"not run: {session.host} is not loopback; {ALLOW.flag} {session.host} lets this suite attack it"
            )
        yield Bench(session, procedure)
    _keep(pytestconfig, case.id, session)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """Turn an answer that a step cannot read into a finding: the device is at fault, not the procedure."""
    try:
        return (yield)
    except ArtefactError as error:
        used = pyfuncitem.funcargs.get("bench")
        if not isinstance(used, Bench):
            raise
        unreadable(used.report, error)
        return True


def pytest_trialconformance_report_sections(config: pytest.Config, record: Record) -> Iterable[Note]:
    """Write ``risk.json`` beside the record, and say in the report what it holds."""
    report = assess(RiskRegister.load(), record.cases)
    write_atomically(folder_for(_output(config)) / _RISK, report.to_json())
    counts = Counter(each.status for each in report.risks)
    told = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
    return [Note(title="Risk register", text=f"Attacks: {told}. Mitigation ids: {report.mitigations_source}.")]


def _device_type(config: pytest.Config) -> str:
    """Device type that the submission claims, where an emulator or a procedure knows it."""
    prepared = config.stash.get(RUN, None)
    submission = prepared.inputs.submission if prepared is not None else None
    claimed = submission.claims.device_type if submission is not None else ""
    return claimed if claimed in {"ESME", "GSME", "HCALCS"} else ""


def _output(config: pytest.Config) -> Path:
    """The folder of this run's evidence."""
    return path_of(config, OUTPUT) or Path(config.invocation_params.dir, "trial-evidence")


def _keep(config: pytest.Config, case: str, session: DeviceSession) -> None:
    folder = folder_for(_output(config) / _TRANSCRIPTS)
    write_atomically(folder / f"{case}.json", session.transcript.to_json())
