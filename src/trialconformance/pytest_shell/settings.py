"""What the options of a run say, checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

import pytest

from trialconformance.core import ExitCode, TrialConformanceError, UsageError
from trialconformance.device_options import DEVICE
from trialconformance.engine import version_of
from trialconformance.options import AS_OF, CLAUSE_URL, GBCS, OFFICIAL, OUTPUT, SUITES, TRIAL, path_of, value_of

__all__ = ["LIVE_SUITES", "STATIC_SUITES", "Settings", "refuse"]

STATIC_SUITES = ("gbcs", "smki", "cpl", "trial")
LIVE_SUITES = ("device", "risk")
_OUTPUT = "trial-evidence"
_CLAUSE_URL = "urn:trialconformance:clause:{clause}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the options say.

    Args:
        submission: the ``submission.toml`` to judge.
        output: folder for record, report and bundle.
        as_of: another day of judgement; None for the submission's.
        specifications: other versions than the submission's, by name.
        suites: shipped suites to run.
        chosen: whether a person chose them.
        official: whether nothing may be left out or set otherwise.
        device: the live device, empty where there is none.
        clause_url: where Allure links a clause to.
    """

    submission: Path
    output: Path
    as_of: date | None
    specifications: dict[str, str]
    suites: tuple[str, ...]
    chosen: bool
    official: bool
    device: str
    clause_url: str

    @classmethod
    def of(cls, config: pytest.Config) -> Settings:
        """Read the options.

        Args:
            config: the configuration.

        Returns:
            The settings.

        Raises:
            UsageError: a value that is not accepted, or one that an official run does not allow.
        """
        device = str(value_of(config, DEVICE))
        chosen = tuple(dict.fromkeys(value_of(config, SUITES)))
        for name in chosen:
            _known_suite(name)
        version = value_of(config, GBCS)
        if version:
            version_of(version, where=GBCS.flag)
        settings = cls(
            submission=path_of(config, TRIAL) or Path(),
            output=path_of(config, OUTPUT) or config.invocation_params.dir / _OUTPUT,
            as_of=_day(value_of(config, AS_OF)),
            specifications={"GBCS": version} if version else {},
            suites=chosen or (*STATIC_SUITES, *(LIVE_SUITES if device else ())),
            chosen=bool(chosen),
            official=bool(value_of(config, OFFICIAL)),
            device=device,
            clause_url=value_of(config, CLAUSE_URL) or _CLAUSE_URL,
        )
        settings.check_official()
        return settings

    def check_official(self) -> None:
        """Refuse what an official run does not allow; raises UsageError."""
        if not self.official:
            return
        for given, flag in ((self.as_of, AS_OF.flag), (self.specifications, GBCS.flag), (self.chosen, SUITES.flag)):
            if given:
                raise UsageError("is not allowed in an official run", where=flag, accepted="what the submission says")


def _known_suite(name: str) -> None:
    known = (*STATIC_SUITES, *LIVE_SUITES)
    if name not in known:
        nearest = get_close_matches(name, known, n=1)
        raise UsageError(f"there is no shipped suite {name!r}", where=SUITES.flag, accepted=", ".join(nearest or known))


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no date", where=AS_OF.flag, accepted="YYYY-MM-DD") from error


def refuse(config: pytest.Config, error: TrialConformanceError) -> NoReturn:
    """End the run because of bad input: one line, exit code 3, nothing written.

    Args:
        config: the configuration.
        error: what is wrong with the input.
    """
    # The terminal reporter would say it a second time, as the cause of an interruption.
    if (reporter := config.pluginmanager.get_plugin("terminalreporter")) is not None:
        config.pluginmanager.unregister(reporter)
    pytest.exit(f"trialconformance: {error}", returncode=ExitCode.BAD_INPUT)
