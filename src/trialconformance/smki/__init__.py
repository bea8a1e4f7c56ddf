"""SMKI: strict DER, certificates, key stores and profiles. Checks are in ``checks``, the synthetic PKI in ``issue``."""

from __future__ import annotations

from trialconformance.smki.certificate import Certificate, CertificateKind, Signature
from trialconformance.smki.context import CertificateInContext
from trialconformance.smki.der import DerFault, DerRule, DerTree, Node, walk
from trialconformance.smki.extension import Extension, KeyUsage
from trialconformance.smki.keystore import KeyStore
from trialconformance.smki.keystore_folder import Oddity
from trialconformance.smki.name import Name
from trialconformance.smki.profile import PRODUCTION, PROFILES, TEST_PKI, Profile, load_profile
from trialconformance.smki.subjects import subjects

__all__ = [
    "PRODUCTION",
    "PROFILES",
    "TEST_PKI",
    "Certificate",
    "CertificateInContext",
    "CertificateKind",
    "DerFault",
    "DerRule",
    "DerTree",
    "Extension",
    "KeyStore",
    "KeyUsage",
    "Name",
    "Node",
    "Oddity",
    "Profile",
    "Signature",
    "load_profile",
    "subjects",
    "walk",
]
