"""A complete, invented submission: every document, decision and register state that a trial about to start needs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from trialconformance.core import sha256_hex
from trialconformance.core.dsse import PrivateKey
from trialconformance.trial.decision import Decision, sign_decision
from trialconformance.trial.facts import DOCUMENTS, HUMAN_REQUIREMENTS
from trialconformance.trial.manifest import Device
from trialconformance.trial.months import end_of_trial
from trialconformance.trial.register import RegisterDocument, sign_state
from trialconformance.trial.register_entry import (
    DnoRecord,
    Entry,
    ModelRange,
    Outcome,
    Party,
    SponsorParty,
    SscDecision,
    TrialState,
)
from trialconformance.trial.templates import render

__all__ = ["ExampleFacts", "example_files"]

_WRITTEN = (
    "mvp",
    "use_case",
    "risk_assessment",
    "sponsor_letter",
    "consumer_selection",
    "end_of_trial_plan",
    "change_of_supplier_plan",
    "dcc_preliminary_assessment",
)
_NETWORK_OPERATORS = (("Example Networks North", "NORTH"), ("Example Networks South", "SOUTH"))
_SMETS_ITEMS = ("commissioning", "load control", "firmware update", "event log", "time synchronisation")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleFacts:
    """What the example is about.

    Args:
        as_of: the day it is judged at.
        submitted: day of the application.
        decided: day of the SSC's decision.
        listed: day on which the row was added to the list.
        start: first day of the trial.
        months: duration in calendar months.
        quantity: devices in the field at a time.
        reference: trial reference.
        manufacturer: name of the manufacturer.
        zigbee_id: manufacturer code.
        model_name: name of the product.
        device_type: physical device type.
        model_id: OTA image type.
        hardware: OTA hardware version.
        firmware: OTA file version.
        image_hash: SHA-256 of the Manufacturer Image, 64 hex digits.
        zigbee_reference: reference of the Zigbee certificate, as on the list.
        sc_version: version of the Security Characteristic, as on the list.
        gbcs: GBCS version.
        smets: SMETS version.
        use_cases: use cases that the ICS claims.
        devices: devices that take part in the captures.
        artefacts: table ``artefacts`` of the submission: paths, texts, or lists of paths by key.
    """

    as_of: date = date(2022, 10, 15)
    submitted: date = date(2022, 8, 15)
    decided: date = date(2022, 9, 28)
    listed: date = date(2022, 10, 3)
    start: date = date(2022, 10, 1)
    months: int = 12
    quantity: int = 100
    reference: str = "TRIAL-2022-0007-49"
    manufacturer: str = "Sample Switches plc"
    zigbee_id: str = "F0B2"
    model_name: str = "LoadMaster One"
    device_type: str = "HCALCS"
    model_id: str = "0302"
    hardware: str = "0001"
    firmware: str = "00000B01"
    image_hash: str
    zigbee_reference: str = "ZIG-EX-0005"
    sc_version: str = "1.4"
    gbcs: str = "3.2"
    smets: str = "4.2"
    use_cases: tuple[str, ...]
    devices: tuple[Device, ...] = ()
    artefacts: Mapping[str, str | list[str]]

    @property
    def end(self) -> date:
        """Last day of the trial."""
        return end_of_trial(self.start, self.months)


def example_files(facts: ExampleFacts, *, ssc: PrivateKey, keeper: PrivateKey) -> dict[str, bytes]:
    """Write the example.

    Args:
        facts: what it is about.
        ssc: key that stands for the SSC's.
        keeper: key that stands for the register keeper's.

    Returns:
        Octets by path relative to the folder of the submission, the same for the same facts; public keys only.
    """
    values = _values(facts)
    files = {DOCUMENTS[key].file: render(f"example/{DOCUMENTS[key].file}", values) for key in _WRITTEN}
    files["docs/gbcs-self-certification.toml"] = _self_certification(facts, "GBCS", facts.gbcs, facts.use_cases)
    files["docs/smets-self-certification.toml"] = _self_certification(facts, "SMETS", facts.smets, _SMETS_ITEMS)
    files["certificates/zigbee.md"] = render("example/certificates/zigbee.md", values)
    files["certificates/zigbee-mapping.md"] = render("example/certificates/zigbee-mapping.md", values)
    files["tests/session-1.md"] = render("example/tests/session-1.md", values)
    for operator, region in _NETWORK_OPERATORS:
        files[f"notices/dno-{region.lower()}.md"] = render(
            "example/notices/dno.md", values | {"dno": operator, "region": region}
        )
    for kind, words in json.loads(render("example/rehearsals.json", {})).items():
        files[f"rehearsals/{kind}.md"] = render("example/rehearsals/rehearsal.md", values | words)
    for requirement in HUMAN_REQUIREMENTS:
        files[f"decisions/{requirement}.dsse.json"] = sign_decision(_decision(facts, requirement, files), ssc)
    files |= {f"register/{name}": octets for name, octets in _register(facts, keeper)}
    for name, key in (("ssc", ssc), ("register", keeper)):
        files[f"trust/{name}.pem"] = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    files["submission.toml"] = _submission(facts)
    return dict(sorted(files.items()))


def _values(facts: ExampleFacts) -> dict[str, str]:
    return {
        "manufacturer": facts.manufacturer,
        "zigbee_id": facts.zigbee_id,
        "model_name": facts.model_name,
        "device_type": facts.device_type,
        "model_id": facts.model_id,
        "hardware": facts.hardware,
        "firmware": facts.firmware,
        "certified_firmware": f"{int(facts.firmware, 16) - 1:08X}",
        "image_hash": facts.image_hash,
        "zigbee_reference": facts.zigbee_reference,
        "sc_version": facts.sc_version,
        "quantity": str(facts.quantity),
        "start": facts.start.isoformat(),
        "end": facts.end.isoformat(),
        "complete_by": (facts.end + timedelta(days=28)).isoformat(),
        "volume_date": date(facts.end.year + 2, 1, 1).isoformat(),
        "as_of": facts.as_of.isoformat(),
        "months": str(facts.months),
        "reference": facts.reference,
        "gbcs": facts.gbcs,
        "smets": facts.smets,
        "submitted": facts.submitted.isoformat(),
        "notified": (facts.start - timedelta(days=1)).isoformat(),
        "tested_from": (facts.submitted - timedelta(days=28)).isoformat(),
        "tested_to": (facts.submitted - timedelta(days=14)).isoformat(),
        "rehearsed": (facts.submitted - timedelta(days=10)).isoformat(),
        "certified": (facts.submitted - timedelta(days=120)).isoformat(),
        "sponsor_name": "Example Supply Ltd",
        "sponsor_party": "EX-SUPPLIER",
        "sponsor_role": "ImportSupplier",
        "environment": "an integration environment of the DCC",
        "preliminary_assessment": "EX-PA-0042",
    }


def _self_certification(facts: ExampleFacts, specification: str, version: str, items: tuple[str, ...]) -> bytes:
    lines = [
        f"# Invented self-certification against {specification}.",
        'schema = "trialconformance-self-certification/1"',
        f'specification = "{specification}"',
        f'version = "{version}"',
        f"declared = {facts.submitted - timedelta(days=7)}",
        f'declared_by = "Head of Engineering, {facts.manufacturer}"',
        f'firmware = "{facts.firmware}"',
    ]
    for item in items:
        lines += ["", "[[results]]", f'item = "{item}"', 'result = "pass"', 'evidence = "test report 22-114"']
    return ("\n".join(lines) + "\n").encode()


_STATEMENTS = {
    "TR-07": "With the controls of the risk assessment the risk of so few devices is low enough for the trial.",
    "TR-14": "The rise in risk is bounded by number and time; the NCSC was heard and has no objection to this trial.",
    "TR-15": "The use case tests a hypothesis that no test environment can answer; it is no short cut to live.",
}
_RESTS_ON = {"TR-07": "risk_assessment", "TR-14": "risk_assessment", "TR-15": "use_case"}


def _decision(facts: ExampleFacts, requirement: str, files: dict[str, bytes]) -> Decision:
    key = _RESTS_ON[requirement]
    return Decision(
        requirement=requirement,
        id="SSC-EX-112",
        decided=facts.decided,
        decided_by="SSC chair (invented)",
        outcome=Outcome.APPROVED,
        statement=_STATEMENTS[requirement],
        binds={key: f"sha256:{sha256_hex(files[DOCUMENTS[key].file])}"},
    )


def _register(facts: ExampleFacts, keeper: PrivateKey) -> Iterator[tuple[str, bytes]]:
    decision = SscDecision(id="SSC-EX-112", date=facts.decided, outcome=Outcome.APPROVED, conditions=("C1",))
    notified = tuple(DnoRecord(party=party, date=facts.start - timedelta(days=1)) for party, _ in _NETWORK_OPERATORS)
    draft = Entry(
        application="EX-APP-0007",
        state=TrialState.DRAFT,
        manufacturer=Party(name=facts.manufacturer, zigbee_id=facts.zigbee_id),
        models=(
            ModelRange(
                type=facts.device_type,
                model_id=facts.model_id,
                hardware=facts.hardware,
                firmware=(facts.firmware,),
            ),
        ),
        quantity_cap=facts.quantity,
        start=facts.start,
        duration_months=facts.months,
        end=facts.end,
        sponsor_supplier=SponsorParty(party="EX-SUPPLIER", role="ImportSupplier"),
    )
    approved = {"trial_ref": facts.reference, "ssc_decision": decision}
    steps: list[tuple[date, dict[str, object]]] = [
        (facts.submitted - timedelta(days=30), {}),
        (facts.submitted, {"state": TrialState.SUBMITTED}),
        (facts.decided, {"state": TrialState.APPROVED, **approved}),
        (facts.listed, {"state": TrialState.LISTED, "dno_notified": notified, **approved}),
    ]
    previous: str | None = None
    for number, (day, change) in enumerate(steps, start=1):
        document = RegisterDocument(as_of=day, previous_digest=previous, entries=(draft.model_copy(update=change),))
        previous = document.digest
        yield f"state-{number:06d}.dsse.json", sign_state(document, keeper)


def _submission(facts: ExampleFacts) -> bytes:
    tables = {
        "use_cases": json.dumps(list(facts.use_cases)),
        "devices": "\n".join(
            f'[[devices]]\neui64 = "{each.eui64.hex("-").upper()}"\ntype = "{each.type}"\nrole = "{each.role}"\n'
            for each in facts.devices
        ),
        "artefacts": "\n".join(f"{key} = {json.dumps(value)}" for key, value in facts.artefacts.items()),
    }
    return render("example/submission.toml", _values(facts) | tables)
