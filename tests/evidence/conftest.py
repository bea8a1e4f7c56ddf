"""A made-up run that fills every part of the report: no check of any domain takes part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from trialconformance import __version__
from trialconformance.core import (
    ArtefactRow,
    Assumption,
    Basis,
    Case,
    CaseRow,
    Record,
    Scope,
    Severity,
    Span,
    Subject,
    Tool,
    Verdict,
    canonical_json,
    finding,
    sha256_hex,
    stamp,
)
from trialconformance.core.dsse import PrivateKey
from trialconformance.cpl import build_image, decode_image, load_profile, write_list
from trialconformance.evidence import Signer, make_bundle
from trialconformance.evidence.attest import TrustPolicy

Row = tuple[str, str, Severity, Basis, Verdict, str]

MESSAGE = bytes(range(40, 168))
MESSAGES = Scope(kind="gbcs-message", title="every message")

# id, title, severity, basis, verdict, reason
ROWS = (
    (
        "CPL-FI-003",
        "every octet decodes",
        Severity.MUST,
        Basis.ASSUMED,
        Verdict.INCONCLUSIVE,
        "1 finding rests on an assumption",
    ),
    ("CPL-FI-012", "no stray spaces", Severity.SHOULD, Basis.ASSUMED, Verdict.PASS, "2 files judged"),
    ("GBCS-HDR-001", "message code is known", Severity.MUST, Basis.SOURCE, Verdict.PASS, "24 messages judged"),
    ("GBCS-SEC-004", "mac is valid", Severity.MUST, Basis.VECTORS, Verdict.FAIL, "2 findings in 24 messages"),
    ("GBCS-STR-002", "lengths are minimal", Severity.MUST, Basis.SOURCE, Verdict.PASS, "24 messages judged"),
    (
        "GBCS-USE-017",
        "use case is claimed",
        Severity.MUST,
        Basis.SOURCE,
        Verdict.NOT_APPLICABLE,
        "ICS: device type HCALCS",
    ),
    ("SMKI-EXT-12", "subject key identifier is method 2", Severity.SHOULD, Basis.SOURCE, Verdict.FAIL, "1 finding"),
    (
        "SMKI-KEY-001",
        "key lies on the curve",
        Severity.MUST,
        Basis.SOURCE,
        Verdict.WAIVED,
        "waiver W-1: owner manufacturer, approver SSC, until 2022-12-31",
    ),
    ("TRIAL-TR-02", "number of devices is limited", Severity.MUST, Basis.SOURCE, Verdict.PASS, "1 trial judged"),
    ("TRIAL-TR-22", "mvp guideline is given", Severity.MUST, Basis.SOURCE, Verdict.PASS, "1 document judged"),
    (
        "TRIAL-TR-28",
        "network operators were told",
        Severity.MUST,
        Basis.SOURCE,
        Verdict.NOT_EFFECTIVE,
        "GBCS 3.2 is older than 4.0",
    ),
)


def case(row: Row) -> Case:
    """Catalogue entry of a made-up case."""
    return Case(
        id=row[0],
        title=row[1],
        requirement=f"{row[1].capitalize()}, as the clause says.",
        clause="GBCS 7.2.7",
        severity=row[2],
        basis=row[3],
        scope=MESSAGES,
    )


CAPTURE = "captures/ECS17b.hex"
IMAGE = "image/firmware.zigbee"
LIST = "cpl/after.csv"
REFERENCE = "TRIAL-2022-0007-49"


def made_up_image(*, payload: bytes = b"firmware of the trial") -> bytes:
    """An image for model 0302, hardware 0001, firmware 00000B01."""
    return build_image(
        manufacturer=0xF0B2,
        image_type=0x0302,
        file_version=0x00000B01,
        minimum_hardware=1,
        maximum_hardware=2,
        payload=payload,
    )


def made_up_list(**cells: str) -> bytes:
    """A list with one ordinary row and the row of the trial."""
    row = {
        "CPLEntryID": "5",
        "EntryStatus": "Active",
        "PhysicalDeviceType": "HCALCS",
        "ManufacturerID": "F0B2",
        "ManufacturerName": "Sample Switches plc",
        "ModelID": "0302",
        "HardwareVersion": "0001",
        "FirmwareVersion": "00000B01",
        "TechSpecVersion": "SMETS V4.2",
        "GBCSVersion": "3.2",
        "ManufacturerImageHash": decode_image(made_up_image()).hash,
        "CPACertificateRef": REFERENCE,
        "CPACertificateExpiry": "30/09/2023",
        "ZigbeeCertificateRef": "ZIG-EX-0005",
        "DateAdded": "03/10/2022",
    }
    return write_list([row | {"CPLEntryID": "4", "CPACertificateRef": "EXAMPLE-CPA-0101"}, row | cells], load_profile())


def made_up_inputs() -> dict[str, bytes]:
    """Octets of the inputs of the run by name."""
    return {CAPTURE: MESSAGE, IMAGE: made_up_image(), LIST: made_up_list()}


ROLES = {IMAGE: "image", LIST: "cpl-after", "submission.toml": "submission"}


def role_of(name: str) -> str:
    """Role of an input by its name."""
    return ROLES.get(name, "capture" if name.startswith("captures/") else "document")


def made_up_catalogue(rows: Sequence[Row] = ROWS) -> bytes:
    """The catalogue of the run."""
    return canonical_json({"cases": [{"id": row[0]} for row in rows]})


def made_up_record(rows: Sequence[Row] = ROWS, inputs: Mapping[str, bytes] | None = None, **changes: Any) -> Record:
    """A record in which every part of the report has something to show."""
    found = [
        finding(
            expected="the GMAC over the message under the key agreed with 90B3D51F30000002",
            seen="another value: <script>alert(1)</script>",
            at=Span(start=52, length=12, path="mac"),
        ),
        finding(expected="an octet more", seen="the end of the message", at=Span(start=128, length=0, path="payload")),
    ]
    case_rows = []
    for row in rows:
        has_findings = row[4] in {Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.WAIVED}
        stamped = stamp(found if has_findings else [], case=row[0], artefact=CAPTURE, octets={CAPTURE: MESSAGE})
        case_rows.append(CaseRow.of(case(row), row[4], row[5], judged=24, findings=stamped))
    settings: dict[str, Any] = {
        "tool": Tool(name="trialconformance", version=__version__, catalogue=sha256_hex(made_up_catalogue(rows))),
        "catalogue": [case(row) for row in rows],
        "rows": case_rows,
        "as_of": "2022-10-03",
        "subject": Subject(
            manufacturer="Sample Switches plc",
            model="F0B2 0302 0001 00000B01",
            device_type="HCALCS",
            trial_reference=REFERENCE,
            applicant="Sample Switches plc",
        ),
        "specifications": {"GBCS": "3.2", "SMETS": "4.2"},
        "settings": {"policy made-up": sha256_hex(SETTINGS["policy made-up"])},
        "assumptions": [
            Assumption(
                id="cpl-assumed-1",
                label="assumed format",
                text="The layout of the Central Products List is not published; SECAS could confirm it.",
            )
        ],
        "artefacts": [
            ArtefactRow(name=name, role=role_of(name), octets=len(octets), sha256=sha256_hex(octets))
            for name, octets in (made_up_inputs() if inputs is None else inputs).items()
        ],
    }
    return Record.account(**(settings | changes))


SETTINGS = {"policy made-up": b'{"max_devices":100}\n'}
PASSING = tuple(row for row in ROWS if row[4] in {Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.NOT_EFFECTIVE})

# Fixed keys: a test bundle is the same octets in every run.
KEYS: dict[str, PrivateKey] = {
    "manufacturer": ed25519.Ed25519PrivateKey.from_private_bytes(b"manufacturer key of the tests 01"),
    "laboratory": ec.derive_private_key(7001, ec.SECP256R1()),
    "stranger": ed25519.Ed25519PrivateKey.from_private_bytes(b"a key that nobody trusts, test02"),
}


def public_pem(key: PrivateKey) -> str:
    """The public key as PEM."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def made_up_trust(**changes: Any) -> TrustPolicy:
    """Trust in the manufacturer and the laboratory."""
    roles = {
        role: {"keys": [{"pem": public_pem(KEYS[role]), "not_after": "2030-12-31"}]}
        for role in ("manufacturer", "laboratory")
    }
    return TrustPolicy.model_validate({"roles": roles | changes})


class Workshop:
    """Makes bundles for tests.

    Args:
        folder: where they are written.
    """

    keys = KEYS
    passing = PASSING
    rows = ROWS
    record = staticmethod(made_up_record)
    inputs = staticmethod(made_up_inputs)
    catalogue = staticmethod(made_up_catalogue)
    image = staticmethod(made_up_image)
    list = staticmethod(made_up_list)
    trust = staticmethod(made_up_trust)
    public_pem = staticmethod(public_pem)
    settings = SETTINGS

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def bundle(
        self,
        *,
        rows: Sequence[Row] = PASSING,
        inputs: Mapping[str, bytes] | None = None,
        signers: Sequence[str] = ("manufacturer", "laboratory"),
        name: str = "bundle.zip",
        **options: Any,
    ) -> Path:
        """Write a bundle, by default one that passes and is signed twice."""
        given = made_up_inputs() if inputs is None else inputs
        return make_bundle(
            made_up_record(rows, given),
            self.folder / name,
            inputs=given,
            catalogue=made_up_catalogue(rows),
            settings=SETTINGS,
            signers=[Signer(role=role, key=KEYS[role]) for role in signers],
            **options,
        )


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


@pytest.fixture
def record() -> Record:
    return made_up_record()
