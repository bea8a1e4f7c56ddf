"""A software trial device: real GBCS octets in and out, and faults on request."""

from __future__ import annotations

from trialconformance.harness.emulator.behaviour import Behaviour, Fault, Faults
from trialconformance.harness.emulator.device import Emulator, Outgoing
from trialconformance.harness.emulator.session import EmulatorSession, synthetic_credentials

__all__ = ["Behaviour", "Emulator", "EmulatorSession", "Fault", "Faults", "Outgoing", "synthetic_credentials"]
