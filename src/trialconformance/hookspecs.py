"""The hooks of the plugin: implement any of them in a ``conftest.py`` or in a plugin of your own.

None of them is called unless ``--trial`` names a submission.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from trialconformance.core import Check, Record
    from trialconformance.engine import Inputs
    from trialconformance.evidence import Note, Signer
    from trialconformance.harness import DeviceSession
    from trialconformance.smki import KeyStore


@pytest.hookspec(firstresult=True)
def pytest_trialconformance_keystore(config: pytest.Config, inputs: Inputs) -> KeyStore | None:
    """Fires once in every process before anything is judged; the first answer replaces the key store of the submission.

    Args:
        config: the configuration.
        inputs: where the artefacts of the submission are.
    """


@pytest.hookspec(firstresult=True)
def pytest_trialconformance_cpl_profile(config: pytest.Config, inputs: Inputs) -> Path | None:
    """Fires once in every process before a CPL is read; the first answer replaces the format profile.

    Args:
        config: the configuration.
        inputs: where the artefacts of the submission are.
    """


@pytest.hookspec
def pytest_trialconformance_cases(config: pytest.Config) -> Iterable[Check]:  # type: ignore[empty-body]  # a spec
    """Fires once in every process before collection; the cases join the catalogue of the run, under ids of their own.

    Args:
        config: the configuration.
    """


@pytest.hookspec
def pytest_trialconformance_artefacts(  # type: ignore[empty-body]  # a spec
    config: pytest.Config, inputs: Inputs
) -> Mapping[str, Sequence[Any]]:
    """Fires at most once in a process, when a case first asks for a kind of subject that the package does not load.

    Args:
        config: the configuration.
        inputs: where the artefacts of the submission are.

    Returns:
        Subjects by kind; each has ``name`` and ``octets``.
    """


@pytest.hookspec
def pytest_trialconformance_signers(config: pytest.Config, record: Record) -> Iterable[Signer]:  # type: ignore[empty-body]  # a spec
    """Fires once at the end of a run, in the main process, before the bundle is written; each answer signs it.

    Args:
        config: the configuration.
        record: the finished record.
    """


@pytest.hookspec
def pytest_trialconformance_report_sections(config: pytest.Config, record: Record) -> Iterable[Note]:  # type: ignore[empty-body]  # a spec
    """Fires once at the end of a run, in the main process, before the report is written; each answer is a section.

    Args:
        config: the configuration.
        record: the finished record.
    """


@pytest.hookspec(firstresult=True)
def pytest_trialconformance_open_session(config: pytest.Config, case: str) -> DeviceSession | None:
    """Fires before each procedure of a live device, where it runs; the first answer is the way to the device.

    Args:
        config: the configuration.
        case: id of the case that the procedure decides.

    Returns:
        A session, opened for this procedure; it is closed afterwards. A rig that stays open returns a session whose
        ``close`` does nothing.
    """
