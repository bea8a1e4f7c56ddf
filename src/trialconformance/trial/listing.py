"""What the Central Products List says of Device Models, as the trial regime needs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from trialconformance.core import Span
from trialconformance.cpl.document import Document
from trialconformance.cpl.trial_reference import Certified, Codec, Decoded, Trial, codec

__all__ = ["ListedModel", "Listing"]

_ACTIVE = "Active"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedModel:
    """One row of the list.

    Args:
        entry: entry id.
        status: entry status.
        type: physical device type.
        manufacturer: manufacturer code.
        model_id: OTA image type.
        hardware: OTA hardware version.
        firmware: OTA file version.
        image_hash: SHA-256 of the Manufacturer Image, 64 hex digits.
        flag: what the CPA certificate reference decodes to.
        cpa_reference: that reference as it stands.
        expiry: the expiry date, None where there is none that can be read.
        expiry_text: the same as it stands.
        sc_version: version of the Security Characteristic.
        zigbee_reference: reference of the Zigbee certificate.
        dlms_reference: reference of the DLMS certificate.
        document: name of the list.
        span: where the row lies in it.
    """

    entry: str
    status: str
    type: str
    manufacturer: str
    model_id: str
    hardware: str
    firmware: str
    image_hash: str
    flag: Decoded
    cpa_reference: str
    expiry: date | None
    expiry_text: str
    sc_version: str
    zigbee_reference: str
    dlms_reference: str
    document: str
    span: Span

    @property
    def is_active(self) -> bool:
        """Whether the list says that the model may be used."""
        return self.status == _ACTIVE

    @property
    def is_certified(self) -> bool:
        """Whether it carries an ordinary CPA certificate reference."""
        return isinstance(self.flag, Certified)

    @property
    def words(self) -> str:
        """The model as a person writes it."""
        return f"{self.type} {self.manufacturer} {self.model_id} {self.hardware} {self.firmware}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list with its rows as the trial regime sees them.

    Args:
        name: name of the list.
        models: its rows.
        codec: the syntax of trial references under its profile.
    """

    name: str
    models: tuple[ListedModel, ...]
    codec: Codec

    @classmethod
    def of(cls, document: Document) -> Listing:
        """Read the rows of a list under its profile."""
        flag = document.profile.trial
        reader = codec(flag.codec, prefix=flag.prefix if flag.codec == "trial-alpha-1" else "")
        models = []
        for row in document.records:
            reference, expiry = document.value(row, "cpa_ref"), document.value(row, "cpa_expiry")
            models.append(
                ListedModel(
                    entry=document.value(row, "entry_id"),
                    status=document.value(row, "status"),
                    type=document.value(row, "device_type"),
                    manufacturer=document.value(row, "manufacturer"),
                    model_id=document.value(row, "model"),
                    hardware=document.value(row, "hardware"),
                    firmware=document.value(row, "firmware"),
                    image_hash=document.value(row, "image_hash"),
                    flag=reader.decode(reference),
                    cpa_reference=reference,
                    expiry=document.profile.dates.parse(expiry),
                    expiry_text=expiry,
                    sc_version=document.value(row, "sc_version"),
                    zigbee_reference=document.value(row, "zigbee_ref"),
                    dlms_reference=document.value(row, "dlms_ref"),
                    document=document.name,
                    span=document.span(row),
                )
            )
        return cls(name=document.name, models=tuple(models), codec=reader)

    def on_trial(self, reference: str) -> tuple[ListedModel, ...]:
        """Rows that carry a trial reference."""
        return tuple(each for each in self.models if isinstance(each.flag, Trial) and each.flag.reference == reference)

    def certified(self, *, manufacturer: str) -> tuple[ListedModel, ...]:
        """Rows of a manufacturer with an ordinary CPA certificate reference."""
        return tuple(each for each in self.models if each.manufacturer == manufacturer and each.is_certified)
