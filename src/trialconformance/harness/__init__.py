"""Live devices: one session, four ways to provide it, and procedures that any of them can run."""

from __future__ import annotations

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
