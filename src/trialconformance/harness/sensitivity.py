"""Sensitivity: the suites run against a device with each fault, and every fault must be noticed by its case.

A suite that passes a broken device is worth nothing. So each procedure, the very function that pytest runs,
is run against the emulator with one fault at a time; the score is the share of faults that the case they were written
for noticed.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import ArtefactError, InternalError, canonical_json
from trialconformance.harness.bench import Bench
from trialconformance.harness.emulator import Behaviour, EmulatorSession, Fault, Faults, synthetic_credentials
from trialconformance.harness.report import Collector, ProcedureEndedError, unreadable
from trialconformance.smki.issue import SyntheticPki

__all__ = ["FaultRow", "Procedure", "Sensitivity", "measure", "procedures_in", "run_procedure"]

_MARK = "case"
_BUDGET = 64  # mutants of a campaign; the suites send more


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A function of a suite and the case it decides.

    Args:
        case: id of the case.
        function: its steps; takes a bench.
    """

    case: str
    function: Callable[[Bench], None]


class FaultRow(BaseModel):
    """What became of one fault.

    Args:
        name: name of the fault.
        title: what a device with it does wrong.
        written_for: id of the case that must notice it.
        killed_by: ids of every case that noticed it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    written_for: str
    killed_by: tuple[str, ...]

    @property
    def killed(self) -> bool:
        """Whether the case it was written for noticed it."""
        return self.written_for in self.killed_by


class Sensitivity(BaseModel):
    """The score.

    Args:
        schema_id: name and version of this form.
        score: percent of the faults that the case they were written for noticed, rounded down.
        killed: how many of them that are.
        total: how many faults there are.
        faults: every fault.
        false_alarms: cases that found something wrong with a good device, by device type.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_id: Literal["trialconformance-sensitivity/1"] = "trialconformance-sensitivity/1"
    score: int
    killed: int
    total: int
    faults: tuple[FaultRow, ...]
    false_alarms: dict[str, tuple[str, ...]]

    @property
    def complete(self) -> bool:
        """Whether every fault was noticed and no good device was blamed."""
        return all(each.killed for each in self.faults) and not any(self.false_alarms.values())

    def to_json(self) -> bytes:
        """The canonical octets."""
        return canonical_json(self.model_dump(mode="json"))


def procedures_in(*folders: Path) -> tuple[Procedure, ...]:
    """Find the procedures of suites.

    Args:
        folders: folders with ``test_*.py`` modules whose functions carry ``@pytest.mark.case``.

    Returns:
        The procedures, by case id.

    Raises:
        InternalError: a case has two procedures, or a module cannot be loaded.
    """
    found: dict[str, Procedure] = {}
    for path in sorted(path for folder in folders for path in folder.glob("test_*.py")):
        for each in _procedures_of(path):
            if found.setdefault(each.case, each) is not each:
                raise InternalError(f"{each.case} has two procedures")
    return tuple(found[case] for case in sorted(found))


def run_procedure(procedure: Procedure, bench: Bench, collector: Collector) -> bool | None:
    """Run one procedure.

    Args:
        procedure: the procedure.
        bench: its bench.
        collector: what the bench reports to.

    Returns:
        True with findings, False without; None where it could not be decided.
    """
    try:
        procedure.function(bench)
    except ProcedureEndedError:
        return True if collector.findings else None
    except ArtefactError as error:
        unreadable(collector, error)
    return bool(collector.findings)


def measure(
    procedures: Sequence[Procedure],
    *,
    faults: Iterable[Fault] | None = None,
    progress: Callable[[], None] = lambda: None,
) -> Sensitivity:
    """Run every procedure and every attack against every fault, and against a good device of each type.

    Args:
        procedures: the procedures.
        faults: the faults, those of the emulator by default.
        progress: called after each fault.

    Returns:
        The score.
    """
    pki = SyntheticPki()
    credentials = synthetic_credentials(pki)

    def killers(device_type: str, behaviour: Behaviour | None) -> tuple[str, ...]:
        noticed = []
        for procedure in procedures:
            collector = Collector()
            session = EmulatorSession(device_type, behaviour=behaviour, pki=pki, credentials=credentials)
            bench = Bench(session, collector)
            bench.budget = _BUDGET
            with session:
                if run_procedure(procedure, bench, collector):
                    noticed.append(procedure.case)
        return tuple(noticed)

    rows = []
    chosen = tuple(faults) if faults is not None else Faults.shipped().faults
    for fault in chosen:
        killed_by = killers(fault.device, fault.behaviour)
        rows.append(FaultRow(name=fault.name, title=fault.title, written_for=fault.written_for, killed_by=killed_by))
        progress()
    device_types = sorted({fault.device for fault in chosen})
    false_alarms: dict[str, tuple[str, ...]] = {each: killers(each, None) for each in device_types}
    killed = sum(row.killed for row in rows)
    return Sensitivity(
        score=100 * killed // max(1, len(rows)),
        killed=killed,
        total=len(rows),
        faults=tuple(rows),
        false_alarms=false_alarms,
    )


def _procedures_of(path: Path) -> Iterator[Procedure]:
    specification = importlib.util.spec_from_file_location(f"_trialconformance_suite_{path.stem}", path)
    if specification is None or specification.loader is None:
        raise InternalError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    for function in vars(module).values():
        marks: Iterable[Any] = getattr(function, "pytestmark", ())
        for mark in marks:
            if mark.name == _MARK:
                yield Procedure(case=mark.args[0], function=function)
