"""SMKI-FIL: what the file names of a key store say."""

from __future__ import annotations

from collections.abc import Iterator

from trialconformance.core import Basis, Finding, Severity, Span, check, finding
from trialconformance.smki.checks.scopes import KEYSTORE_FILES
from trialconformance.smki.keystore_folder import KeyStoreFile, identity


@check(
    "SMKI-FIL-01",
    clause="key store convention",
    applies_to=KEYSTORE_FILES,
    severity=Severity.SHOULD,
    basis=Basis.VECTORS,
)
def file_name_agrees_with_the_certificate(file: KeyStoreFile) -> Iterator[Finding]:
    """The file name of a certificate names the EUI-64 and the usage that the certificate names."""
    if file.certificate is not None and file.stated is not None and not file.stated.named_by(file.certificate):
        yield finding(
            at=Span(start=0, length=len(file.octets), path="certificate"),
            expected=str(file.stated),
            seen=identity(file.certificate),
        )


@check("SMKI-FIL-02", clause="key store convention", applies_to=KEYSTORE_FILES, basis=Basis.VECTORS)
def private_key_belongs_to_the_certificate(file: KeyStoreFile) -> Iterator[Finding]:
    """A private key file belongs to the certificate of the same file name."""
    if not file.key_belongs:
        yield finding(expected="the key of the certificate beside it", seen="the key of another certificate")
