"""Which function executes which service; a function answers with a payload, or with None where it drops the command."""

from __future__ import annotations

from collections.abc import Callable

from trialconformance.gbcs import Message
from trialconformance.harness.emulator import (
    credentials_service,
    dlms_service,
    firmware,
    gas_clock,
    gbz_service,
    joins,
)
from trialconformance.harness.emulator.interface import Device, Executor

__all__ = ["EXECUTORS", "SERVICES"]

Service = Callable[[Device, Message], bytes | None]

SERVICES: dict[str, Service] = {
    "activate-firmware": firmware.activate,
    "certificate": credentials_service.provide,
    "certification-request": credentials_service.issue_request,
    "credentials": credentials_service.describe,
    "device-certificate": credentials_service.store_certificate,
    "dlms": dlms_service.serve,
    "firmware-version": firmware.version,
    "gas-clock": gas_clock.set_clock,
    "gbz": gbz_service.serve,
    "gbz-protected": gbz_service.serve_protected,
    "join": joins.join,
    "joined": joins.joined,
    "unjoin": joins.unjoin,
    "update-credentials": credentials_service.update,
}

EXECUTORS: dict[str, Executor] = {
    "charge": lambda device, _: dlms_service.apply_charge(device),
    "credentials": credentials_service.execute_update,
    "firmware": firmware.execute_activation,
    "payment-mode": gbz_service.apply_payment_mode,
}
