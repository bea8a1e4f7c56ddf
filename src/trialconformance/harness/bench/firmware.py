"""Steps about firmware: delivering an image in whole or in parts, and activating it."""

from __future__ import annotations

from trialconformance.harness.bench.core import BenchCore
from trialconformance.harness.observations import number
from trialconformance.harness.session import Capability, FirmwareImage

__all__ = ["FirmwareSteps"]


class FirmwareSteps(BenchCore):
    """Steps about firmware."""

    def deliver_image(self, *, part: float = 1.0) -> FirmwareImage:
        """Transfer the image of the harness to the device.

        Args:
            part: how much of it is transferred before the transfer breaks off.

        Returns:
            The image.
        """
        self.needs(Capability.FIRMWARE)
        image = self.session.take_image()
        if image is None:
            self.undecided("the harness has no firmware image to deliver")
        self.session.transfer(image.octets, last=int(len(image.octets) * part))
        return image

    def deliver_rest(self, image: FirmwareImage, *, part: float) -> None:
        """Go on with a transfer that broke off."""
        self.session.transfer(image.octets, first=int(len(image.octets) * part))

    def expect_activation(self, image_hash: bytes, code: int) -> None:
        """Ask for activation at once and note a finding where the code is another."""
        self.needs(Capability.FIRMWARE)
        answer = self.expect_answer(self.command("CS06", image_hash=image_hash), "an activation")
        if answer is not None:
            self.expect(number(answer) == code, expected=f"code {code}", seen=f"code {number(answer)}")

    def restart(self) -> None:
        """Take the device's power away and give it back."""
        self.needs(Capability.RESTART)
        self.session.cut_power()
