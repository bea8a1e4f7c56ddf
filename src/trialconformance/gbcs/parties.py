"""Who a party is, told from its certificate."""

from __future__ import annotations

from trialconformance.smki import Certificate, CertificateKind, KeyStore, KeyUsage

__all__ = ["ACCESS_CONTROL_BROKER", "certificate_of", "party_text", "role_name", "sole_acb"]

ACCESS_CONTROL_BROKER = 4

# GBCS 12: remote party role in the OU of an Organisation Certificate, in the words of the use-case tables.
_ROLES = {
    0: "Root",
    1: "Recovery",
    2: "Supplier",
    3: "Network Operator",
    4: "Access Control Broker",
    5: "Transitional Change of Supplier",
    6: "WAN Provider",
    7: "Issuing Authority",
    8: "Load Controller",
    127: "Other",
}


def role_name(certificate: Certificate) -> str | None:
    """Name the remote party role of a certificate.

    Args:
        certificate: an Organisation Certificate.

    Returns:
        The name, its number where it has none, None for a certificate without a role.
    """
    if certificate.role is None:
        return None
    return _ROLES.get(certificate.role, f"role {certificate.role:02X}")


def certificate_of(entity: bytes, keystore: KeyStore | None) -> Certificate | None:
    """Find a certificate of a party, for what it says of the party itself.

    Args:
        entity: EUI-64, 8 octets.
        keystore: the certificates at hand.

    Returns:
        One for digital signatures or for key agreement; None where there is none.
    """
    if keystore is None:
        return None
    usages = (KeyUsage.DIGITAL_SIGNATURE, KeyUsage.KEY_AGREEMENT)
    found = (keystore.certificate(entity, usage) for usage in usages)
    return next((each for each in found if each is not None), None)


def party_text(entity: bytes, keystore: KeyStore | None) -> str:
    """Say who a party is: its role, ``Device``, or nothing where no certificate tells."""
    certificate = certificate_of(entity, keystore)
    if certificate is None:
        return ""
    return "Device" if certificate.kind is CertificateKind.DEVICE else role_name(certificate) or ""


def sole_acb(keystore: KeyStore | None) -> bytes | None:
    """The Access Control Broker of a key store that holds exactly one, None otherwise."""
    brokers = () if keystore is None else keystore.entities(ACCESS_CONTROL_BROKER)
    return brokers[0] if len(brokers) == 1 else None
