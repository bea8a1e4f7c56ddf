"""The pytest plugin: judges a trial submission when ``--trial`` names one, and keeps silent otherwise.

Every pytest process of a machine that has this package loads this module, so it imports nothing but pytest; what does
the work lies in ``pytest_shell`` and is imported only with ``--trial``.
"""

from __future__ import annotations

import pytest

from trialconformance import hookspecs
from trialconformance.device_options import DEVICE_OPTIONS
from trialconformance.options import OPTIONS, wanted

__all__: list[str] = []

_MARKERS = (
    "cases(*domains, others=False): expand this test to one item for every case of these domains",
    "case(id): this test is the procedure of a case that needs a live device",
)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Offer the hooks of ``hookspecs``."""
    pluginmanager.add_hookspecs(hookspecs)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the options, each with its ini twin."""
    group = parser.getgroup("trialconformance", "conformance of a smart metering trial")
    for option in (*OPTIONS, *DEVICE_OPTIONS):
        option.register(parser, group)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers; bring in the rest where a submission is to be judged."""
    for line in _MARKERS:
        config.addinivalue_line("markers", line)
    if wanted(config):
        from trialconformance.pytest_shell import activate  # noqa: PLC0415 -- not needed without --trial

        activate(config)
