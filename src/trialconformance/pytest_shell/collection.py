"""Which suites are collected, and how a suite becomes one item for every case."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialconformance.core import TrialConformanceError
from trialconformance.packaged import packaged
from trialconformance.pytest_shell.attachments import clear_attachments
from trialconformance.pytest_shell.judging import CaseUnderTest, Procedure
from trialconformance.pytest_shell.settings import STATIC_SUITES, Settings, refuse
from trialconformance.pytest_shell.state import Prepared, is_worker

__all__ = ["Collection", "add_suites"]


def add_suites(config: pytest.Config, settings: Settings) -> None:
    """Add the shipped suites to what pytest was asked to collect.

    Suites of the user stay beside them: the files and folders on the command line, else the folder that pytest was
    called in. Test paths of an ini file are a project's own tests and are left out. Whoever names a shipped suite on
    the command line gets that one only.

    Args:
        config: the configuration; its ``args`` change.
        settings: what the options say.
    """
    shipped = packaged("suites")
    if config.args_source is config.ArgsSource.TESTPATHS:
        config.args = []
    elif config.args_source is config.ArgsSource.ARGS and any(_lies_in(each, shipped) for each in config.args):
        return
    config.args = [*config.args, *(str(shipped / name) for name in settings.suites)]


def _lies_in(argument: str, folder: Path) -> bool:
    path = Path(argument.partition("::")[0])
    return path.resolve().is_relative_to(folder)


class Collection:
    """Expands suites to cases.

    Args:
        prepared: the run.
    """

    def __init__(self, prepared: Prepared) -> None:
        self._prepared = prepared

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Read every artefact before anything is judged, so that bad input ends the run at once."""
        if is_worker(session.config):
            return
        settings = self._prepared.settings
        try:
            self._prepared.run.artefacts.load()
            _ = self._prepared.run.judge
            self._prepared.check_policy()
            if settings.official:
                self._prepared.check_official()
            if settings.device:
                clear_attachments(settings.output)
        except TrialConformanceError as error:
            refuse(session.config, error)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one item of a suite for every case, named after it."""
        if (marker := metafunc.definition.get_closest_marker("cases")) is not None:
            judge = self._prepared.run.judge
            cases = [
                case
                for case in judge.cases
                if case.id not in self._prepared.procedures
                and (case.domain in marker.args or (marker.kwargs.get("others") and case.domain not in STATIC_SUITES))
            ]
            metafunc.parametrize(
                "case", [CaseUnderTest(judge, case) for case in cases], ids=[case.id for case in cases]
            )
        markers = list(metafunc.definition.iter_markers("case"))
        if markers and "procedure" in metafunc.fixturenames:
            judge = self._prepared.run.judge
            found = [judge.case(marker.args[0]) for marker in markers]
            metafunc.parametrize(
                "procedure", [Procedure(judge, case) for case in found], ids=[case.id for case in found]
            )
