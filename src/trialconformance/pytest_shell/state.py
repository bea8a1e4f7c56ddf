"""What the parts of the plugin share: the settings and the run, prepared once in every process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from trialconformance.catalogue import PROCEDURES, refuse_unknown
from trialconformance.core import Assumption, Case, UsageError
from trialconformance.engine import Extensions, InputFile, Inputs, Run
from trialconformance.options import OFFICIAL
from trialconformance.pytest_shell.settings import Settings
from trialconformance.trial import Submission, load_policy

__all__ = ["RUN", "Prepared", "is_worker"]


# How many faults of the emulator the suites of this release notice: the evidence says how far they can be relied on.
_SENSITIVITY = InputFile(
    role="sensitivity", name="sensitivity.json", path=Path(__file__).parent.parent / "sensitivity.json"
)

# What stands in for a live device, by the first word of --device.
_STAND_INS = {
    "emulator": Assumption(
        id="emulated-device",
        label="emulated device",
        text="Procedures were run on the emulator of this package, not on a real device.",
    ),
    "replay": Assumption(
        id="replayed-device",
        label="replayed device",
        text="Procedures were run on a recorded transcript, not on a device that was there.",
    ),
}


class Prepared:
    """A run that is about to start.

    Args:
        config: the configuration.
        settings: what the options say.
        inputs: where the artefacts are.
    """

    def __init__(self, config: pytest.Config, settings: Settings, inputs: Inputs) -> None:
        self.config = config
        self.settings = settings
        self.inputs = inputs

    @classmethod
    def of(cls, config: pytest.Config, settings: Settings) -> Prepared:
        """Read the submission.

        Args:
            config: the configuration.
            settings: what the options say.

        Raises:
            UsageError: the submission cannot be used.
        """
        inputs = Inputs.of(Submission.read(settings.submission), as_of=settings.as_of)
        carried = (_SENSITIVITY,) if settings.device else ()
        return cls(config, settings, replace(inputs, carried=carried))

    @cached_property
    def run(self) -> Run:
        """The run, with what plugins add; made when it is first asked for, after every conftest was loaded."""
        return Run(
            self.inputs,
            procedures=PROCEDURES,
            extensions=self._extensions(),
            specifications=self.settings.specifications,
            assumptions=[assumed] if (assumed := _STAND_INS.get(self.settings.device.partition(":")[0])) else [],
        )

    @cached_property
    def procedures(self) -> Mapping[str, Case]:
        """The cases that need a live device, by id."""
        return {case.id: case for case in PROCEDURES}

    def check_policy(self) -> None:
        """Refuse a policy that promotes a case that does not exist; raises UsageError."""
        artefacts = self.run.artefacts
        known_beside = [*PROCEDURES, *(check.case for check in artefacts.extensions.checks)]
        refuse_unknown(artefacts.policy, extra=known_beside)

    def check_official(self) -> None:
        """Refuse what would make an official run depend on more than the submission and the shipped policy.

        Raises:
            UsageError: a plugin replaces an input, or the policy lets go a case that the shipped one fails.
        """
        extensions = self.run.artefacts.extensions
        for given, what in ((extensions.keystore, "key store"), (extensions.cpl_profile, "CPL profile")):
            if given is not None:
                raise UsageError(
                    f"a plugin gives another {what}", where=OFFICIAL.flag, accepted="what the submission names"
                )
        if let_go := sorted(load_policy().promoted - self.run.artefacts.policy.promoted):
            raise UsageError(
                f"the policy does not promote {', '.join(let_go)}",
                where=OFFICIAL.flag,
                accepted="a policy that promotes what the shipped one does",
            )

    def _extensions(self) -> Extensions:
        hook, config, inputs = self.config.hook, self.config, self.inputs

        def load(inputs: Inputs) -> Mapping[str, Sequence[Any]]:
            found: dict[str, list[Any]] = {}
            for answer in hook.pytest_trialconformance_artefacts(config=config, inputs=inputs):
                for kind, subjects in answer.items():
                    found.setdefault(kind, []).extend(subjects)
            return found

        answers = hook.pytest_trialconformance_cases(config=config)
        return Extensions(
            checks=tuple(check for answer in answers for check in answer),
            keystore=hook.pytest_trialconformance_keystore(config=config, inputs=inputs),
            cpl_profile=hook.pytest_trialconformance_cpl_profile(config=config, inputs=inputs),
            loaders=(load,),
        )


RUN: pytest.StashKey[Prepared] = pytest.StashKey()


def is_worker(config: pytest.Config) -> bool:
    """Whether this process is a worker of pytest-xdist, whose results the main process gathers."""
    return hasattr(config, "workerinput")
