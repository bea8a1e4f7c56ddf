"""A made-up run that fills every part of the report: no check of any domain takes part."""

from __future__ import annotations

import pytest

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
    finding,
    sha256_hex,
    stamp,
)

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


def case(row: tuple[str, str, Severity, Basis, Verdict, str]) -> Case:
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


def made_up_record(**changes: object) -> Record:
    """A record in which every part of the report has something to show."""
    found = [
        finding(
            expected="the GMAC over the message under the key agreed with 90B3D51F30000002",
            seen="another value: <script>alert(1)</script>",
            at=Span(start=52, length=12, path="mac"),
        ),
        finding(expected="an octet more", seen="the end of the message", at=Span(start=128, length=0, path="payload")),
    ]
    rows = []
    for row in ROWS:
        has_findings = row[4] in {Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.WAIVED}
        stamped = stamp(
            found if has_findings else [],
            case=row[0],
            artefact="captures/ECS17b.hex",
            octets={"captures/ECS17b.hex": MESSAGE},
        )
        rows.append(CaseRow.of(case(row), row[4], row[5], judged=24, findings=stamped))
    settings: dict[str, object] = {
        "tool": Tool(name="trialconformance", version="0.1.0", catalogue=sha256_hex(b"catalogue")),
        "catalogue": [case(row) for row in ROWS],
        "rows": rows,
        "as_of": "2022-10-03",
        "subject": Subject(
            manufacturer="Sample Switches plc",
            model="F0B2 0302 0001 00000B01",
            device_type="HCALCS",
            trial_reference="TRIAL-2022-0007-49",
            applicant="Sample Switches plc",
        ),
        "specifications": {"GBCS": "3.2", "SMETS": "4.2"},
        "settings": {"cpl-profile": sha256_hex(b"profile"), "policy": sha256_hex(b"policy")},
        "assumptions": [
            Assumption(
                id="cpl-assumed-1",
                label="assumed format",
                text="The layout of the Central Products List is not published; SECAS could confirm it.",
            )
        ],
        "artefacts": [
            ArtefactRow(name="captures/ECS17b.hex", role="capture", octets=len(MESSAGE), sha256=sha256_hex(MESSAGE))
        ],
    }
    return Record.account(**(settings | changes))  # type: ignore[arg-type]  # a test overrides single parts


@pytest.fixture
def record() -> Record:
    return made_up_record()
