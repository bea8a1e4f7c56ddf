"""Live devices: one session, four ways to provide it, and procedures that any of them can run.

What is named here is imported when it is first used: the catalogue needs the procedures, not the emulator.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trialconformance.harness.bench import Bench
    from trialconformance.harness.credentials import Credentials, Party
    from trialconformance.harness.emulator import Emulator, EmulatorSession
    from trialconformance.harness.procedures import PROCEDURES
    from trialconformance.harness.session import (
        Capability,
        Command,
        DeviceSession,
        FirmwareImage,
        Identity,
        Received,
        Trouble,
    )
    from trialconformance.harness.transcript import Transcript

__all__ = [
    "PROCEDURES",
    "Bench",
    "Capability",
    "Command",
    "Credentials",
    "DeviceSession",
    "Emulator",
    "EmulatorSession",
    "FirmwareImage",
    "Identity",
    "Party",
    "Received",
    "Transcript",
    "Trouble",
]

_MODULES = {
    "bench": ("Bench",),
    "credentials": ("Credentials", "Party"),
    "emulator": ("Emulator", "EmulatorSession"),
    "procedures": ("PROCEDURES",),
    "session": ("Capability", "Command", "DeviceSession", "FirmwareImage", "Identity", "Received", "Trouble"),
    "transcript": ("Transcript",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
