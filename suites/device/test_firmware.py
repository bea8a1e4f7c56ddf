"""Firmware: receipt, activation, and transfers that break off (GBCS 11)."""

from __future__ import annotations

import hashlib

import pytest

from trialconformance.harness import Bench, Capability
from trialconformance.harness.observations import firmware_version, number

_SUCCESS, _NO_IMAGE, _HASH_MISMATCH = 0, 1, 2


@pytest.mark.case("GBCS-FWR-001")
def test_right_hash_activates_the_image(bench: Bench) -> None:
    """An activation with the hash of the image that is held succeeds, and the new version is active."""
    image = bench.deliver_image()
    bench.expect_activation(hashlib.sha256(image.octets).digest(), _SUCCESS)
    version = firmware_version(bench)
    bench.expect(version == image.version, expected=f"version {image.version.hex()}", seen=version.hex())


@pytest.mark.case("GBCS-FWR-002")
def test_wrong_hash_activates_nothing(bench: Bench) -> None:
    """An activation with another hash is refused with code 2 and changes nothing."""
    bench.deliver_image()
    before = firmware_version(bench)
    bench.expect_activation(bytes(32), _HASH_MISMATCH)
    after = firmware_version(bench)
    bench.expect(after == before, expected=f"version {before.hex()}", seen=after.hex())


@pytest.mark.case("GBCS-FWR-003")
def test_nothing_to_activate_is_reported(bench: Bench) -> None:
    """An activation without an image is refused with code 1."""
    bench.expect_activation(bytes(32), _NO_IMAGE)


@pytest.mark.case("GBCS-FWR-004")
def test_receipt_alert_gives_the_hash_of_the_image(bench: Bench) -> None:
    """Once an image is whole, alert 8F72 gives the SHA-256 that the device computed."""
    bench.needs(Capability.ALERTS)
    image = bench.deliver_image()
    digest = hashlib.sha256(image.octets).digest()
    receipts = [alert for alert in bench.alerts() if b"\x8f\x72" in alert.payload]
    bench.expect(len(receipts) == 1, expected="one alert 8F72", seen=f"{len(receipts)} of them")
    for alert in receipts:
        bench.expect(digest in alert.payload, expected=f"hash {digest.hex()}", seen=alert.payload.hex())


@pytest.mark.case("GBCS-FWR-005")
def test_incomplete_image_is_not_activated(bench: Bench) -> None:
    """An image whose transfer broke off cannot be activated."""
    image = bench.deliver_image(part=0.5)
    before = firmware_version(bench)
    answer = bench.answer(bench.command("CS06", image_hash=hashlib.sha256(image.octets).digest()))
    if answer is not None:
        bench.expect(number(answer) != _SUCCESS, expected="a code other than 0", seen="code 0")
    after = firmware_version(bench)
    bench.expect(after == before, expected=f"version {before.hex()}", seen=after.hex())


@pytest.mark.case("GBCS-FWR-006")
def test_interrupted_transfer_is_resumed(bench: Bench) -> None:
    """A transfer that broke off is completed, and the whole image can be activated."""
    image = bench.deliver_image(part=0.5)
    bench.deliver_rest(image, part=0.5)
    bench.expect_activation(hashlib.sha256(image.octets).digest(), _SUCCESS)
    version = firmware_version(bench)
    bench.expect(version == image.version, expected=f"version {image.version.hex()}", seen=version.hex())


@pytest.mark.case("GBCS-FWR-007")
def test_power_loss_during_a_transfer_keeps_the_active_firmware(bench: Bench) -> None:
    """A device that loses power while it receives an image runs what it ran before, and can complete the transfer."""
    bench.needs(Capability.RESTART)
    before = firmware_version(bench)
    image = bench.deliver_image(part=0.5)
    bench.restart()
    after = firmware_version(bench)
    bench.expect(after == before, expected=f"version {before.hex()}", seen=after.hex())
    bench.deliver_image()
    bench.expect_activation(hashlib.sha256(image.octets).digest(), _SUCCESS)


@pytest.mark.case("GBCS-FWR-008")
def test_counter_inside_the_command_must_be_its_own(bench: Bench) -> None:
    """An activation whose inner counter differs from that of the header changes nothing."""
    image = bench.deliver_image()
    before = firmware_version(bench)
    bench.answer(bench.command("CS06", image_hash=hashlib.sha256(image.octets).digest(), originator_counter=1))
    after = firmware_version(bench)
    bench.expect(after == before, expected=f"version {before.hex()}", seen=after.hex())
