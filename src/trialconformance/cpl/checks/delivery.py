"""FI-080 to FI-089: digests, signatures, size, versions, and the change itself."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from trialconformance.core import Finding, Severity, Span, UsageError, finding, sha256_hex
from trialconformance.core.dsse import PublicKey
from trialconformance.cpl.change import apply_changes
from trialconformance.cpl.checks.declare import invariance
from trialconformance.cpl.checks.identity import first_difference
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.crosscheck import entry_of, hash_objection
from trialconformance.cpl.diff import diff
from trialconformance.cpl.document import read_document
from trialconformance.cpl.scopes import DCC_COPY, DIGESTS, LOAD_TIMES, PICTURED, SIGNED, TEXT, TOKENS

_TOLERANCE = 1.25  # ratio of load times of one record


@invariance(80, applies_to=DIGESTS)
def digests_are_those_published(c: Comparison) -> Iterator[Finding]:
    """The digest of each list is the one published beside it."""
    published = ((c.after, c.delivery.after_sha256), (c.before, c.delivery.before_sha256))
    for document, digest in published:
        seen = sha256_hex(document.octets)
        if digest is not None and digest.lower() != seen:
            yield finding(
                at=Span(start=0, length=len(document.octets), path="the whole file"),
                artefact=document.name,
                expected=f"SHA-256 {digest.lower()}",
                seen=f"SHA-256 {seen}",
            )


def _verifies(key: PublicKey, signature: bytes, octets: bytes) -> bool:
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, octets, ec.ECDSA(hashes.SHA256()))
        else:
            key.verify(signature, octets)
    except InvalidSignature:
        return False
    return True


@invariance(81, applies_to=SIGNED)
def signatures_are_over_these_octets(c: Comparison) -> Iterator[Finding]:
    """Each signature verifies over its own list with the expected key, and the old one does not fit the new list."""
    given = c.delivery
    if given.public_key is None or given.after_signature is None or given.before_signature is None:
        return
    algorithm = "ecdsa-p256-sha256" if isinstance(given.public_key, ec.EllipticCurvePublicKey) else "ed25519"
    if algorithm != c.profile.integrity.signature:
        yield finding(expected=f"a key for {c.profile.integrity.signature}", seen=f"a key for {algorithm}")
        return
    for document, signature in ((c.after, given.after_signature), (c.before, given.before_signature)):
        if not _verifies(given.public_key, signature, document.octets):
            yield finding(
                artefact=document.name, expected="a signature over these octets", seen="one that does not verify"
            )
    if c.after.octets != c.before.octets and _verifies(given.public_key, given.before_signature, c.after.octets):
        yield finding(expected="a new signature for a new list", seen="the signature of the list before")


@invariance(82, applies_to=PICTURED)
def hashes_are_those_of_the_images(c: Comparison) -> Iterator[Finding]:
    """The hash of an entry is SHA-256 over the Manufacturer Image of the given image, and over nothing else."""
    for image in c.images:
        row = entry_of(image, c.after)
        if row is None:
            yield finding(expected=f"an entry for {image.suggested_name}", seen="none")
        elif objection := hash_objection(c.after.value(row, "image_hash"), image):
            yield c.after.breach(row, c.profile.by_role["image_hash"], expected=image.hash, seen=objection)


@invariance(83, severity=Severity.SHOULD)
def growth_is_bounded(c: Comparison) -> Iterator[Finding]:
    """The list grows by no more than the declared records can take, and stays below the largest size."""
    container = c.profile.container
    growth = len(c.after.octets) - len(c.before.octets)
    most = len(c.changes.all) * (container.max_record_octets + len(container.ending))
    if growth > most:
        yield finding(
            at=Span(
                start=min(len(c.before.octets) + most, len(c.after.octets)),
                length=growth - most,
                path="end of the list",
            ),
            expected=f"at most {most} octets more",
            seen=f"{growth} octets more",
        )
    if len(c.after.octets) > container.max_file_octets:
        yield finding(expected=f"at most {container.max_file_octets} octets", seen=f"{len(c.after.octets)} octets")


@invariance(84, severity=Severity.SHOULD)
def record_count_grows_as_declared(c: Comparison) -> Iterator[Finding]:
    """There are as many more records as additions were declared, less the removals."""
    wanted = len(c.before.records) + len(c.changes.additions) - len(c.changes.removals)
    if len(c.after.records) != wanted:
        yield finding(expected=f"{wanted} records", seen=f"{len(c.after.records)} records")


@invariance(85, applies_to=TOKENS)
def version_tokens_increase(c: Comparison) -> Iterator[Finding]:
    """The version or date in the file name is later than that of the list before, and never stands for two lists."""
    changed = c.before.octets != c.after.octets
    if c.after.token < c.before.token or (changed and c.after.token == c.before.token):
        yield finding(expected=f"a version or date after that of {c.before.name}", seen=c.after.name)


@invariance(86, applies_to=TEXT)
def change_applies_once_and_can_be_undone(c: Comparison) -> Iterator[Finding]:
    """The declared change makes this list from the one before, twice as once, and undoing it restores that one."""
    try:
        once = apply_changes(c.before, c.changes)
        document = read_document(once.octets, profile=c.profile, name=c.after.name)
        twice = apply_changes(document, c.changes)
        restored = once.undo.restore(once.octets)
    except UsageError as error:
        yield finding(expected="a change that applies to the list before", seen=str(error))
        return
    if twice.octets != once.octets:
        yield finding(expected="applied twice as applied once", seen="another list")
    if restored != c.before.octets:
        yield finding(expected=f"{c.before.name} restored", seen="another list")
    if once.octets != c.after.octets:
        place = first_difference(once.octets, c.after.octets)
        yield finding(
            at=Span(start=place, length=1 if place < len(c.after.octets) else 0, path="the list as declared"),
            expected=once.octets[place : place + 16].hex(" ").upper() or "the end of the file",
            seen=c.after.octets[place : place + 16].hex(" ").upper() or "the end of the file",
        )


@invariance(87, severity=Severity.SHOULD, applies_to=LOAD_TIMES)
def load_time_is_as_before(c: Comparison) -> Iterator[Finding]:
    """Loading a record of the list takes no more than 1.25 times what it took before."""
    if c.delivery.load_seconds is not None:
        before, after = c.delivery.load_seconds
        if after > _TOLERANCE * before:
            yield finding(
                expected=f"at most {_TOLERANCE} times {before * 1e6:.1f} microseconds a record",
                seen=f"{after * 1e6:.1f}",
            )


@invariance(88, applies_to=DCC_COPY)
def dcc_has_the_published_list(c: Comparison) -> Iterator[Finding]:
    """The copy that DCC received is the published list, octet for octet."""
    copy = c.delivery.dcc_copy
    if copy is not None and copy != c.after.octets:
        place = first_difference(copy, c.after.octets)
        yield finding(
            at=Span(start=place, length=1 if place < len(c.after.octets) else 0, path="first difference"),
            expected=f"SHA-256 {sha256_hex(copy)}, the copy of DCC",
            seen=f"SHA-256 {sha256_hex(c.after.octets)}",
        )


@invariance(89, severity=Severity.INFO)
def diff_report_is_deterministic(c: Comparison) -> Iterator[Finding]:
    """The report of the difference is the same whenever it is made, and the same as the one recorded."""
    first = diff(c).sha256
    again = diff(c.again()).sha256
    if first != again:
        yield finding(expected=f"SHA-256 {first}", seen=f"SHA-256 {again} when made again")
    if c.delivery.diff_sha256 not in {None, first}:
        yield finding(expected=f"SHA-256 {c.delivery.diff_sha256}, as recorded", seen=f"SHA-256 {first}")
