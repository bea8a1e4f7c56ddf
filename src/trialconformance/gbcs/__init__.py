"""GBCS messages, both ways: octets to typed messages and back, their protection, and the catalogue of use cases."""

from __future__ import annotations

from trialconformance.gbcs.message import Kind, LengthWidths, Message
from trialconformance.gbcs.protection import Status, Verification, protect, verify
from trialconformance.gbcs.reading import decode
from trialconformance.gbcs.usecases import UseCase, UseCases

__all__ = [
    "Kind",
    "LengthWidths",
    "Message",
    "Status",
    "UseCase",
    "UseCases",
    "Verification",
    "decode",
    "protect",
    "verify",
]
