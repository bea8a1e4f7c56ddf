"""Bringing in the parts of the plugin, in every process of a run."""

from __future__ import annotations

from importlib import import_module

import pytest

from trialconformance.core import UsageError
from trialconformance.pytest_shell import fixtures
from trialconformance.pytest_shell.collection import Collection, add_suites
from trialconformance.pytest_shell.judging import Judging, Restraint
from trialconformance.pytest_shell.results import Results
from trialconformance.pytest_shell.settings import Settings, refuse
from trialconformance.pytest_shell.state import RUN, Prepared, is_worker
from trialconformance.pytest_shell.terminal import Terminal

__all__ = ["activate"]


def activate(config: pytest.Config) -> None:
    """Register what a run needs; bad options end it with exit code 3.

    Args:
        config: the configuration; its arguments gain the shipped suites.
    """
    try:
        settings = Settings.of(config)
        prepared = Prepared.of(config, settings)
    except UsageError as error:
        refuse(config, error)
    config.stash[RUN] = prepared
    plugins = config.pluginmanager
    plugins.register(fixtures, "trialconformance-fixtures")
    plugins.register(Collection(prepared), "trialconformance-collection")
    plugins.register(Judging(prepared), "trialconformance-judging")
    if settings.device:
        plugins.register(Restraint(prepared), "trialconformance-restraint")
        # Only here: the bench and the ways to a device are half a second of imports that static judging does not need.
        plugins.register(import_module("trialconformance.device_plugin"), "trialconformance-device")
    add_suites(config, settings)
    if is_worker(config):
        return
    results = Results(prepared)
    plugins.register(results, "trialconformance-results")
    plugins.register(Terminal(prepared, results), "trialconformance-terminal")
