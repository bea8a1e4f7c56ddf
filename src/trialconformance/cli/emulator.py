"""``trialconformance emulator``: the emulated device on a loopback socket, or behind a stand-in for DCC Boxed."""

from __future__ import annotations

import json
from threading import Event
from typing import Annotated

import typer

from trialconformance.cli import console
from trialconformance.core import ExitCode, UsageError
from trialconformance.harness.emulator import Emulator, Faults, synthetic_credentials
from trialconformance.harness.emulator.boxed_stand_in import BoxedStandIn
from trialconformance.harness.emulator.server import EmulatorServer
from trialconformance.smki import KeyStore
from trialconformance.smki.issue import SyntheticPki

__all__ = ["emulator"]

_XML_SIGNERS = ("supplier", "network-operator", "xml-sign", "dsp-xml-sign")


def emulator(
    *,
    device_type: Annotated[str, typer.Option("--type", help="ESME, GSME or HCALCS.")] = "ESME",
    fault: Annotated[str, typer.Option("--fault", help="Misbehave: a fault that `sensitivity` lists.")] = "",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="TCP port; 0 takes a free one.")] = 0,
    boxed: Annotated[bool, typer.Option("--boxed", help="Stand in for DCC Boxed instead of serving octets.")] = False,
    deliver_to: Annotated[
        str, typer.Option("--deliver-to", help="With --boxed: the receive address of the harness.")
    ] = "http://127.0.0.1:1880/smartdcc/duis",
) -> ExitCode:
    """Serve an emulated device on 127.0.0.1 until interrupted; the first line says where, as JSON."""
    if not deliver_to.startswith("http://127.0.0.1:"):
        raise UsageError("the stand-in delivers to this machine only", where="--deliver-to")
    behaviour = Faults.shipped().get(fault).behaviour if fault else None
    pki = SyntheticPki()
    device = Emulator(device_type, behaviour=behaviour, pki=pki)
    server = _stand_in(device, pki, port, deliver_to) if boxed else EmulatorServer(device, port=port)
    kind = "boxed" if boxed else "octets"
    line = {"serves": kind, "port": server.port, "device": device.entity.hex(), "device_type": device_type}
    server.start()
    try:
        console.write(json.dumps(line).encode() + b"\n")
        Event().wait()
    except KeyboardInterrupt:
        console.note("stopped")
    finally:
        server.stop()
    return ExitCode.PASS


def _stand_in(device: Emulator, pki: SyntheticPki, port: int, deliver_to: str) -> BoxedStandIn:
    certificates = [pki.certificate(name, "ds") for name in _XML_SIGNERS]
    keys = [pki.private_key(name, "ds") for name in _XML_SIGNERS]
    server = BoxedStandIn(
        device,
        credentials=synthetic_credentials(pki),
        xml_signers=KeyStore.of(certificates, keys),
        dcc=pki.entity("dsp-xml-sign"),
        port=port,
    )
    server.receive_url = deliver_to
    return server
