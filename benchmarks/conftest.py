"""Where benchmarks take captures and keys from: folders of the caller, or the demo of this project."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from trialconformance.core import parse_eui64
from trialconformance.gbcs import Message, decode
from trialconformance.gbcs.captures import capture_files, octets_of
from trialconformance.smki import KeyStore

_DEMO = Path(__file__).parent.parent / "fixtures" / "demo"


class Captures(NamedTuple):
    """What is measured.

    Args:
        octets: one entry for each message.
        messages: the same, decoded.
        keystore: certificates and private keys.
        acb: EUI-64 of the Access Control Broker.
    """

    octets: list[bytes]
    messages: list[Message]
    keystore: KeyStore
    acb: bytes | None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the caller name folders of captures and keys."""
    group = parser.getgroup("benchmarks of captures")
    group.addoption("--captures", type=Path, default=_DEMO / "captures", help="folder of captured messages")
    group.addoption("--keys", type=Path, default=_DEMO / "keystore", help="folder of certificates and keys")
    group.addoption("--broker", default="", help="EUI-64 of the Access Control Broker")


@pytest.fixture(scope="session")
def captures(request: pytest.FixtureRequest) -> Captures:
    """Every message of the folder that can be read to its last octet."""
    folder: Path = request.config.getoption("--captures")
    broker: str = request.config.getoption("--broker")
    octets: list[bytes] = []
    messages: list[Message] = []
    for file in capture_files(folder):
        content = octets_of(file.read_bytes(), where=str(file))
        if content[:2] == b"\xdd\x09":
            continue  # a block of a general block transfer is no message
        octets.append(content)
        messages.append(decode(content, name=file.name))
    return Captures(
        octets=octets,
        messages=messages,
        keystore=KeyStore.read(request.config.getoption("--keys")),
        acb=parse_eui64(broker) if broker else None,
    )
