"""GBCS messages, both ways: octets to typed messages and back, their protection, and the catalogue of use cases."""

from __future__ import annotations

from trialconformance.gbcs.captures import Capture, capture_files, read_captures
from trialconformance.gbcs.message import Kind, LengthWidths, Message
from trialconformance.gbcs.protection import Status, Verification, protect, verify
from trialconformance.gbcs.reading import decode
from trialconformance.gbcs.subjects import subjects
from trialconformance.gbcs.usecases import UseCase, UseCases

__all__ = [
    "Capture",
    "Kind",
    "LengthWidths",
    "Message",
    "Status",
    "UseCase",
    "UseCases",
    "Verification",
    "capture_files",
    "decode",
    "protect",
    "read_captures",
    "subjects",
    "verify",
]
