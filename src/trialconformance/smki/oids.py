"""Object identifiers of the SMKI profile, each with its clause."""

from __future__ import annotations

__all__ = ["ATTRIBUTES", "EXTENSIONS"]

# RFC 5480 2.1.1, RFC 5758 3.2
EC_PUBLIC_KEY = "1.2.840.10045.2.1"
P256 = "1.2.840.10045.3.1.7"
ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2"

# X.520
COMMON_NAME = "2.5.4.3"
ORGANISATIONAL_UNIT = "2.5.4.11"
UNIQUE_IDENTIFIER = "2.5.4.45"

# RFC 4108 5
HARDWARE_MODULE_NAME = "1.3.6.1.5.5.7.8.4"

# RFC 5280 4.2.1
SUBJECT_KEY_IDENTIFIER = "2.5.29.14"
KEY_USAGE = "2.5.29.15"
SUBJECT_ALT_NAME = "2.5.29.17"
BASIC_CONSTRAINTS = "2.5.29.19"
CERTIFICATE_POLICIES = "2.5.29.32"
AUTHORITY_KEY_IDENTIFIER = "2.5.29.35"

ATTRIBUTES = {COMMON_NAME: "CN", ORGANISATIONAL_UNIT: "OU", UNIQUE_IDENTIFIER: "UID"}
EXTENSIONS = {
    SUBJECT_KEY_IDENTIFIER: "subjectKeyIdentifier",
    KEY_USAGE: "keyUsage",
    SUBJECT_ALT_NAME: "subjectAltName",
    "2.5.29.18": "issuerAltName",
    BASIC_CONSTRAINTS: "basicConstraints",
    "2.5.29.30": "nameConstraints",
    "2.5.29.31": "cRLDistributionPoints",
    CERTIFICATE_POLICIES: "certificatePolicies",
    "2.5.29.33": "policyMappings",
    AUTHORITY_KEY_IDENTIFIER: "authorityKeyIdentifier",
    "2.5.29.36": "policyConstraints",
    "2.5.29.37": "extKeyUsage",
    "2.5.29.46": "freshestCRL",
    "2.5.29.54": "inhibitAnyPolicy",
    "1.3.6.1.5.5.7.1.1": "authorityInfoAccess",
}
