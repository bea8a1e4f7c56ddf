"""What the checks of this package look at, made from a list, the one before it, and what came with them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from trialconformance.cpl.change import ChangeManifest
from trialconformance.cpl.comparison import Comparison, Delivery
from trialconformance.cpl.crosscheck import (
    CertificateFacts,
    CertificateOnList,
    DeviceReading,
    ImageOnList,
    ReadingOnList,
    entry_of,
    entry_of_certificate,
    entry_of_reading,
)
from trialconformance.cpl.document import Document
from trialconformance.cpl.duis import FirmwareRequest, Prenotification
from trialconformance.cpl.image import Image
from trialconformance.cpl.notice import NoticeOnList
from trialconformance.cpl.register import RegisterEntry
from trialconformance.cpl.scopes import (
    CERTIFICATE_KIND,
    COMPARISON_KIND,
    DIGESTS_KIND,
    IMAGE_KIND,
    NOTICE_KIND,
    READING_KIND,
    REGISTER_KIND,
    REQUEST_KIND,
    SIGNED_KIND,
)

__all__ = ["compare", "missing", "subjects"]

_NOTHING_DELIVERED = Delivery()


def compare(
    *,
    before: Document,
    after: Document,
    changes: ChangeManifest | None = None,
    register: Iterable[RegisterEntry] | None = None,
    as_of: date | None = None,
    images: Iterable[Image] = (),
    image_key: ec.EllipticCurvePublicKey | None = None,
    readings: Iterable[DeviceReading] = (),
    certificates: Iterable[CertificateFacts] = (),
    notices: Iterable[Prenotification] = (),
    requests: Iterable[FirmwareRequest] = (),
    delivery: Delivery = _NOTHING_DELIVERED,
) -> Comparison:
    """Put two lists side by side.

    Args:
        before: the list that is known to load.
        after: the list that is to be loaded, read under the same profile.
        changes: the declared change, None to take the appended trial entries for it.
        register: the trial register.
        as_of: date of judgement.
        images: firmware images.
        image_key: public key that verifies signed images.
        readings: what devices say of themselves.
        certificates: what assurance certificates say.
        notices: DUIS pre-notifications.
        requests: DUIS requests that distribute firmware; their images are judged like those given by themselves.
        delivery: digests, signatures and copies that came with the lists.

    Returns:
        The comparison.
    """
    carried = tuple(requests)
    return Comparison(
        before=before,
        after=after,
        manifest=changes,
        register=None if register is None else tuple(register),
        as_of=as_of,
        images=(*images, *(each.image for each in carried)),
        image_key=image_key,
        readings=tuple(readings),
        certificates=tuple(certificates),
        notices=tuple(notices),
        requests=carried,
        delivery=delivery,
    )


def subjects(comparison: Comparison) -> dict[str, list[Any]]:
    """List what there is to judge.

    Args:
        comparison: two lists side by side, with all that was given beside them.

    Returns:
        Subjects by kind, each with ``name`` and ``octets``.
    """
    absent = missing(comparison)
    kinds = (COMPARISON_KIND, DIGESTS_KIND, SIGNED_KIND, REGISTER_KIND)
    found: dict[str, list[Any]] = {kind: [] if kind in absent else [comparison] for kind in kinds}
    if comparison.profile.integrity.signature == "none":
        found[SIGNED_KIND] = []
    if comparison.register is None or comparison.as_of is None:
        found[REGISTER_KIND] = []
    return found | _beside(comparison)


def _beside(comparison: Comparison) -> dict[str, list[Any]]:
    after = comparison.after
    return {
        IMAGE_KIND: [
            ImageOnList(
                document=after,
                row=entry_of(image, after),
                image=image,
                verified=(
                    None
                    if comparison.image_key is None or image.trailer is None
                    else image.verifies(comparison.image_key)
                ),
            )
            for image in comparison.images
        ],
        REQUEST_KIND: list(comparison.requests),
        READING_KIND: [
            ReadingOnList(document=after, row=entry_of_reading(reading, after), reading=reading)
            for reading in comparison.readings
        ],
        CERTIFICATE_KIND: [
            CertificateOnList(document=after, row=entry_of_certificate(each, after), certificate=each)
            for each in comparison.certificates
        ],
        NOTICE_KIND: [
            NoticeOnList(notice=notice, document=after, found=comparison.lookup.find(notice.key))
            for notice in comparison.notices
        ],
    }


def missing(comparison: Comparison) -> dict[str, str]:
    """Say which kinds could not be judged because something was not given, so that they do not pass in silence.

    Args:
        comparison: two lists side by side.

    Returns:
        Reason by kind. A case of such a kind is inconclusive.
    """
    delivery = comparison.delivery
    reasons = {}
    if delivery.before_sha256 is None or delivery.after_sha256 is None:
        suffix = comparison.profile.integrity.sidecar_suffix
        absent = [
            document.name
            for document, digest in (
                (comparison.before, delivery.before_sha256),
                (comparison.after, delivery.after_sha256),
            )
            if digest is None
        ]
        reasons[DIGESTS_KIND] = f"no published digest of {' and '.join(absent)}: put it in a file with suffix {suffix}"
    given = (delivery.before_signature, delivery.after_signature, delivery.public_key)
    if comparison.profile.integrity.signature != "none" and None in given:
        reasons[SIGNED_KIND] = "the profile says the list is signed: both signatures and the key are needed"
    if comparison.trial_rows and comparison.register is not None and comparison.as_of is None:
        reasons[REGISTER_KIND] = "trial entries are judged at a date: give one"
    return reasons
