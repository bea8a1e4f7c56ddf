"""What the parts of the plugin share: the settings and the run, prepared once in every process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import pytest

from trialconformance.catalogue import PROCEDURES
from trialconformance.core import Assumption, Case
from trialconformance.engine import Extensions, Inputs, Run
from trialconformance.pytest_shell.settings import Settings
from trialconformance.trial import Submission

__all__ = ["RUN", "Prepared", "is_worker"]


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
        return cls(config, settings, Inputs.of(Submission.read(settings.submission), as_of=settings.as_of))

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
