"""How fast messages are decoded, verified and decrypted, beside the cryptography they cannot do without.

``pytest benchmarks --captures FOLDER --keys FOLDER --broker EUI64 -p no:randomly``. Each benchmark is one pass over the
whole folder; divide by ``messages`` in its extra information. Absolute rates move with the machine: compare inside one
run only. The last test prints the ratios and fails where a target is missed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from trialconformance.gbcs import decode, verify
from trialconformance.gbcs.asn1 import Asn1Payload, structure_of
from trialconformance.gbcs.attribute_encryption import decrypt_payload
from trialconformance.gbcs.dlms import AccessRequest, AccessResponse, DataNotification, layout, read_apdu
from trialconformance.gbcs.gbz import GbzPayload

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

    from conftest import Captures

DECODE_TARGET = 20_000  # messages a second, envelope and whole payload
VERIFY_TARGET = 10_000  # messages a second, with signature, MAC and attributes
_ROUNDS = 9
_OPERATIONS = 400
_DECLARATIONS = {
    AccessRequest: layout.ACCESS_REQUEST,
    AccessResponse: layout.ACCESS_RESPONSE,
    DataNotification: layout.DATA_NOTIFICATION,
}


def decode_all(captures: Captures) -> None:
    """Envelope and whole payload of every message."""
    for octets in captures.octets:
        assert decode(octets).typed_payload.length


def verify_all(captures: Captures) -> None:
    """The same, with signature, MAC and encrypted attributes; secrets are kept by the key store."""
    for octets in captures.octets:
        message = decode(octets)
        verify(message, captures.keystore, acb=captures.acb)
        decrypt_payload(message, captures.keystore)


def best_rate(work: Callable[[], Any], count: int) -> float:
    """Operations a second of CPU time in the best of some rounds."""
    best = min(_cpu_time(work) for _ in range(_ROUNDS))
    return count / best


def _cpu_time(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def test_envelope(benchmark: BenchmarkFixture, captures: Captures) -> None:
    """Decode the envelope of every message."""
    benchmark.extra_info["messages"] = len(captures.octets)
    benchmark(lambda: [decode(octets) for octets in captures.octets])


def test_decode(benchmark: BenchmarkFixture, captures: Captures) -> None:
    """Decode envelope and payload of every message."""
    benchmark.extra_info["messages"] = len(captures.octets)
    benchmark(decode_all, captures)


def test_verify_and_decrypt(benchmark: BenchmarkFixture, captures: Captures) -> None:
    """Decode, verify and decrypt every message."""
    benchmark.extra_info["messages"] = len(captures.octets)
    benchmark(verify_all, captures)


def test_field_trees(benchmark: BenchmarkFixture, captures: Captures) -> None:
    """Decode every message and make its field tree."""
    benchmark.extra_info["messages"] = len(captures.octets)
    benchmark(lambda: [decode(octets).typed_payload.tree for octets in captures.octets])


def dlms_payloads(captures: Captures) -> list[tuple[Any, bytes]]:
    """Every DLMS payload with its declaration."""
    found = [(_DECLARATIONS.get(type(each.typed_payload.content)), each.payload) for each in captures.messages]
    return [(declaration, payload) for declaration, payload in found if declaration is not None]


@pytest.mark.parametrize("reader", ["fast", "declaration"])
def test_dlms_readers(benchmark: BenchmarkFixture, captures: Captures, reader: str) -> None:
    """Why DLMS payloads have a reader beside the construct declaration."""
    payloads = dlms_payloads(captures)
    benchmark.extra_info["payloads"] = len(payloads)
    if reader == "fast":
        benchmark(lambda: [read_apdu(payload) for _, payload in payloads])
    else:
        benchmark(lambda: [declaration.parse(payload) for declaration, payload in payloads])


@pytest.mark.parametrize("reader", ["fast", "declaration"])
def test_zcl_readers(benchmark: BenchmarkFixture, captures: Captures, reader: str) -> None:
    """Why ZCL payloads have a reader beside the construct declaration."""
    commands = [
        (component.codec, each.payload[component.content_start : component.end])
        for each in captures.messages
        if isinstance(content := each.typed_payload.content, GbzPayload)
        for component in content.components
        if component.values is not None and component.codec is not None
    ]
    benchmark.extra_info["commands"] = len(commands)
    if reader == "fast":
        benchmark(lambda: [codec.read(payload, 0, len(payload)) for codec, payload in commands])
    else:
        benchmark(lambda: [codec.layout.parse(payload) for codec, payload in commands])


@pytest.mark.parametrize("reader", ["fast", "asn1crypto"])
def test_asn1_readers(benchmark: BenchmarkFixture, captures: Captures, reader: str) -> None:
    """Why ASN.1 payloads have a reader beside the asn1crypto declaration, which also gives no offsets."""
    messages = [each for each in captures.messages if isinstance(each.typed_payload.content, Asn1Payload)]
    structures = [(structure_of(each.message_code, each.kind.value), each.payload) for each in messages]
    benchmark.extra_info["payloads"] = len(messages)
    if reader == "fast":
        benchmark(lambda: [decode(each.octets).typed_payload for each in messages])
    else:
        benchmark(lambda: [known.declaration.load(payload).native for known, payload in structures if known])


def test_targets(captures: Captures, capsys: pytest.CaptureFixture[str]) -> None:
    """The targets hold, told beside the rates of ECDSA and ECDH in the same run."""
    count = len(captures.octets)
    key = ec.derive_private_key(7, ec.SECP256R1())
    signature = key.sign(b"message", ec.ECDSA(hashes.SHA256()))
    public = key.public_key()

    def verifications() -> None:
        for _ in range(_OPERATIONS):
            public.verify(signature, b"message", ec.ECDSA(hashes.SHA256()))

    def agreements() -> None:
        for _ in range(_OPERATIONS):
            key.exchange(ec.ECDH(), public)

    ecdsa, ecdh = best_rate(verifications, _OPERATIONS), best_rate(agreements, _OPERATIONS)
    decoded = best_rate(lambda: decode_all(captures), count)
    verified = best_rate(lambda: verify_all(captures), count)
    with capsys.disabled():
        print(  # noqa: T201  # the ratios are what this test is for
            f"\n{count} messages; a second of one core: ECDSA verify {ecdsa:,.0f}, ECDH {ecdh:,.0f}, "
            f"decode {decoded:,.0f} ({decoded / ecdsa:.2f} of ECDSA verify), "
            f"decode + verify + decrypt {verified:,.0f} ({verified / ecdsa:.2f})"
        )
    assert decoded >= DECODE_TARGET
    assert verified >= VERIFY_TARGET
