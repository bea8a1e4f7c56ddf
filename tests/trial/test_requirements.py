"""The 48 requirements, judged on the example application and on ways to break it."""

from __future__ import annotations

import ssl
from datetime import date

import pytest
from trial_bench import IMAGE_HASH, Bench, example

from trialconformance.core import Basis, Severity
from trialconformance.smki.issue import SyntheticPki
from trialconformance.trial import REQUIREMENTS, load_policy
from trialconformance.trial.checks import CHECKS
from trialconformance.trial.facts import Force, Kind
from trialconformance.trial.policy import Eligibility

WITHOUT_A_DOCUMENT_OF_ITS_OWN = ("submission.toml", "cpl/", "register/", "trust/")
# The one requirement that each file of the example serves.
SERVES = {
    "certificates/zigbee-mapping.md": "TR-19",
    "certificates/zigbee.md": "TR-19",
    "decisions/TR-07.dsse.json": "TR-07",
    "decisions/TR-14.dsse.json": "TR-14",
    "decisions/TR-15.dsse.json": "TR-15",
    "docs/change-of-supplier-plan.md": "TR-32",
    "docs/consumer-selection.md": "TR-27",
    "docs/dcc-preliminary-assessment.md": "TR-43",
    "docs/end-of-trial-plan.md": "TR-31",
    "docs/gbcs-self-certification.toml": "TR-20",
    "docs/mvp-guideline.md": "TR-22",
    "docs/risk-assessment.toml": "TR-24",
    "docs/smets-self-certification.toml": "TR-21",
    "docs/sponsor-letter.md": "TR-26",
    "docs/use-case.md": "TR-23",
    "notices/dno-north.md": "TR-28",
    "notices/dno-south.md": "TR-28",
    "rehearsals/change-of-supplier.md": "TR-32",
    "rehearsals/exchange.md": "TR-31",
    "rehearsals/ota-after-interrupted-transfer.md": "TR-46",
    "rehearsals/ota-after-power-loss.md": "TR-46",
    "rehearsals/ota-after-restart.md": "TR-46",
    "rehearsals/ota-upgrade.md": "TR-31",
    "rehearsals/supplier-of-last-resort.md": "TR-39",
    "tests/session-1.md": "TR-25",
}


def test_every_requirement_has_one_case_of_its_weight() -> None:
    """R decides, V should, N informs; human ones rest on an assumed form so that software never fails them either."""
    by_id = {check.case.id: check.case for check in CHECKS}
    weights = {Force.RULE: Severity.MUST, Force.VIEW: Severity.SHOULD, Force.NOTE: Severity.INFO}
    assert list(by_id) == [each.case for each in REQUIREMENTS]
    for each in REQUIREMENTS:
        case = by_id[each.case]
        assert case.severity is weights[each.force]
        assert each.id in case.clause
        assert (case.basis is Basis.ASSUMED) == (each.kind is Kind.HUMAN or each.id == "TR-42")


def test_the_example_passes(bench: Bench) -> None:
    """Nothing is broken; what does not apply says why; the three human requirements name the decision."""
    judged = bench.judge()
    assert bench.broken() == set()
    aside = {case_id: why for case_id, why in judged.items() if isinstance(why, str)}
    assert all(aside.values())
    for requirement in ("TR-07", "TR-14", "TR-15"):
        assert aside[f"TRIAL-{requirement}"].startswith("for people to judge: SSC chair")
    assert {case_id.removeprefix("TRIAL-") for case_id in aside} == {
        "TR-04", "TR-06", "TR-07", "TR-11", "TR-12", "TR-13", "TR-14", "TR-15", "TR-16", "TR-17", "TR-18",
        "TR-29", "TR-34", "TR-35", "TR-36", "TR-38", "TR-40", "TR-41",
    }  # fmt: skip


def test_every_file_of_the_example_serves_a_requirement() -> None:
    """The table below covers the example."""
    assert set(SERVES) == {name for name in example() if not name.startswith(WITHOUT_A_DOCUMENT_OF_ITS_OWN)}


@pytest.mark.parametrize("name", sorted(SERVES))
def test_deleting_a_file_breaks_exactly_its_requirement(bench: Bench, name: str) -> None:
    """A file that is gone is a finding of the one requirement it serves, and everything else is still judged."""
    (bench.folder / name).unlink()
    assert bench.broken() == {SERVES[name]}


@pytest.mark.parametrize("name", sorted(SERVES))
def test_emptying_a_file_breaks_exactly_its_requirement(bench: Bench, name: str) -> None:
    """So is a file with nothing in it; and decisions do not hold for a document that is another one now."""
    bench.write(name, b"")
    bound = {"docs/risk-assessment.toml": {"TR-07", "TR-14"}, "docs/use-case.md": {"TR-15"}}
    assert bench.broken() == {SERVES[name]} | bound.get(name, set())


# What to change in the submission, and the requirements that are broken then.
BREAKS: list[tuple[str, str, set[str]]] = [
    ('contact = "Trial Office"', 'contact = ""', {"TR-01"}),
    ("submitted = 2022-08-15", "", {"TR-01", "TR-25"}),
    ("submitted = 2022-08-15", "submitted = 2022-10-16", {"TR-01"}),
    ("quantity = 100", "quantity = 99", {"TR-02"}),  # the register says 100
    ("quantity = 100", "quantity = 101", {"TR-02", "TR-04"}),
    ("quantity = 100", "quantity = 0", {"TR-02"}),
    ('preset = "100-12"', 'preset = "ssc-set"', {"TR-02", "TR-03"}),
    ("months = 12", "months = 13", {"TR-03", "TR-04"}),
    ("months = 12", "months = 0", {"TR-03", "TR-37"}),
    ("start = 2022-10-01", "start = 2022-10-02", {"TR-03"}),
    ("as_of = 2022-10-15", "as_of = 2023-10-01", {"TR-03", "TR-33"}),
    ('justification = "One whole winter', 'justification = ""#', {"TR-05"}),
    ("as_of = 2022-10-15", "as_of = 2022-09-27", {"TR-07", "TR-08", "TR-14", "TR-15"}),
    ("TRIAL-2022-0007-49", "TRIAL-2022-0007-50", {"TR-08", "TR-09"}),
    ("TRIAL-2022-0007-49", "EXAMPLE-CPA-0207", {"TR-08", "TR-09"}),
    ('register = "register"', "", {"TR-08"}),
    ('register = "trust/register.pem"', "", {"TR-08"}),
    ('cpl_after = "cpl/after.csv"', "", {"TR-09", "TR-10", "TR-48"}),
    ('cpl_before = "cpl/before.csv"', "", {"TR-10"}),
    ('firmware = "00000B01"', 'firmware = "00000B02"', {"TR-09", "TR-20", "TR-21", "TR-48"}),
    ('kind = "zigbee"', 'kind = "dlms"', {"TR-19"}),
    ('reference = "ZIG-EX-0005"', 'reference = "ZIG-EX-0006"', {"TR-19"}),
    ("issued = 2022-04-17", "issued = 2023-01-01", {"TR-19"}),
    ('mapping = "certificates/zigbee-mapping.md"', "", {"TR-19"}),
    ('GBCS = "3.2"', 'GBCS = "4.2"', {"TR-20"}),
    ('use_cases = ["CS06", "CS08"]', 'use_cases = ["CS06", "CS07"]', {"TR-20"}),
    ('SMETS = "4.2"', 'SMETS = "5.0"', {"TR-21"}),
    ("last = 2022-08-01", "last = 2022-08-15", {"TR-25"}),
    ("last = 2022-08-01", "last = 2022-07-01", {"TR-25"}),
    (f'firmware_hash = "{IMAGE_HASH}"', f'firmware_hash = "{"0" * 64}"', {"TR-25"}),
    ('role = "ImportSupplier"', 'role = "GasSupplier"', {"TR-26"}),
    ('party = "EX-SUPPLIER"', 'party = "EX-OTHER"', {"TR-26"}),
    ("sent = 2022-09-30", "sent = 2022-10-01", {"TR-28"}),
    ('waived = ["CPA"]', 'waived = ["CPA", "DLMS"]', {"TR-30"}),
    ('waived = ["CPA"]', "", {"TR-30"}),
    ('held = 2022-08-05\nresult = "pass"\nfile = "rehearsals/ota-upgrade.md"',
     'held = 2022-08-05\nresult = "fail"\nfile = "rehearsals/ota-upgrade.md"', {"TR-31"}),
    ('held = 2022-08-05\nresult = "pass"\nfile = "rehearsals/change-of-supplier.md"',
     'held = 2022-12-05\nresult = "pass"\nfile = "rehearsals/change-of-supplier.md"', {"TR-32"}),
    ('kind = "supplier-of-last-resort"', 'kind = "exchange"', {"TR-39"}),
    ("complete_by = 2023-10-28", "complete_by = 2023-11-28", {"TR-37"}),
    ('routes = ["ota", "exchange", "removal"]', "", {"TR-37"}),
    ('preliminary_assessment = "EX-PA-0042"', "", {"TR-43"}),
    ('results = "tests/session-1.md"', 'results = "tests/session-1.md"\nclaimed_as_field_evidence = true', {"TR-44"}),
    ("volume_date = 2025-01-01", "volume_date = 2024-09-29", {"TR-45"}),
    ('body = "Security Sub-Committee"', 'body = "Sample Switches plc"', {"TR-47"}),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "broken"), BREAKS, ids=[f"{'-'.join(sorted(each[2]))}" for each in BREAKS])
def test_a_change_breaks_exactly_these_requirements(bench: Bench, old: str, new: str, broken: set[str]) -> None:
    """Every machine requirement notices what is wrong, and no other requirement complains about it."""
    bench.edit(old, new)
    assert bench.broken() == broken


@pytest.mark.parametrize(
    ("table", "broken"),
    [
        ('[trial.sponsor]\nparty = "EX-SUPPLIER"\nrole = "ImportSupplier"\nname = "Example Supply Ltd"', {"TR-26"}),
        ('[verification]\nbody = "Security Sub-Committee"\nkind = "ssc"\nreference = "SSC-EX-112"', {"TR-47"}),
        ('mvp = "docs/mvp-guideline.md"', {"TR-22"}),
        ('TR-07 = "decisions/TR-07.dsse.json"', {"TR-07"}),
    ],
)  # fmt: skip
def test_leaving_an_entry_out_breaks_its_requirement(bench: Bench, table: str, broken: set[str]) -> None:
    """An entry that is not there at all is a finding as well."""
    bench.edit(table, "")
    assert bench.broken() == broken


def test_leaving_whole_tables_out_breaks_their_requirements(bench: Bench) -> None:
    """Without certificates, sessions, notices, scenarios and plan of the end, each requirement says what it wants."""
    text = bench.path.read_text()
    bench.path.write_text(text[: text.index("[[certificates]]")] + '[dcc]\npreliminary_assessment = "EX-PA-0042"\n')
    assert bench.broken() == {"TR-19", "TR-25", "TR-28", "TR-31", "TR-32", "TR-37", "TR-39", "TR-46", "TR-47"}


def test_a_type_without_cpa_needs_no_trial(bench: Bench) -> None:
    """A PPMID needs no CPA certificate: TR-01 does not apply and says so."""
    bench.edit('type = "HCALCS"', 'type = "PPMID"')
    assert bench.judge()["TRIAL-TR-01"] == "a PPMID needs no CPA certificate"


def test_before_the_ssc_decides_there_is_no_reference(bench: Bench) -> None:
    """An application without reference leaves TR-08 to TR-10 and TR-48 aside and says why."""
    bench.edit('reference = "TRIAL-2022-0007-49"', 'reference = ""')
    judged = bench.judge()
    for requirement in ("TR-08", "TR-09", "TR-10", "TR-48"):
        assert "has issued no trial reference yet" in str(judged[f"TRIAL-{requirement}"])
    assert judged["TRIAL-TR-13"] == "the trial is not registered"


def test_a_confirmed_assessment_settles_the_effect(bench: Bench) -> None:
    """TR-42 is met once the DCC's assessment is named and held."""
    assert len(bench.findings("TR-42")) == 2
    bench.edit("[dcc]", '[dcc]\nassessment = "EX-IA-7"')
    bench.edit("[documents]", '[documents]\ndcc_assessment = "docs/dcc.md"')
    bench.write("docs/dcc.md", b"# Assessment\n\nNo effect.\n")
    assert bench.findings("TR-42") == []


def test_the_ssc_may_set_limits_by_decision(bench: Bench) -> None:
    """An override with decision, day and reason lifts both limits; without them it lifts none and TR-06 says so."""
    bench.edit("quantity = 100", "quantity = 150")
    bench.add('[[overrides]]\nlimit = "max_devices"\nvalue = 150\ndecision = "D"\ndecided = 2022-09-01\nreason = "r"')
    judged = bench.judge()
    assert judged["TRIAL-TR-06"] == []
    assert [each.expected for each in bench.findings("TR-02")] == ["the quantity of the submission, 150, as cap"]
    assert [each.seen for each in bench.findings("TR-04")] == ["150 devices for 12 months"]
    bench.edit('reason = "r"', "")
    assert {"TR-02", "TR-06"} <= bench.broken()
    bench.edit("decided = 2022-09-01", 'decided = 2023-09-01\nreason = "r"')
    assert [each.seen for each in bench.findings("TR-06")] == ["2023-09-01"]
    strict = load_policy("100-12").model_copy(update={"ssc_override": False})
    assert "TR-06" in bench.broken(policy=strict)


@pytest.mark.parametrize(
    ("eligibility", "type_", "broken"),
    [
        ("any_cpa", "HCALCS", set()),
        ("same_type_cpa", "HCALCS", set()),
        ("same_type_cpa", "ESME", {"TR-17"}),
    ],
)
def test_eligibility_is_what_the_policy_says(bench: Bench, eligibility: str, type_: str, broken: set[str]) -> None:
    """Any certified row of the manufacturer, or one of the type, is found on the list before the change."""
    policy = load_policy("100-12").model_copy(update={"eligibility": Eligibility(eligibility)})
    bench.edit('type = "HCALCS"', f'type = "{type_}"')
    judged = bench.judge(policy=policy)
    found = {each for each in ("TR-16", "TR-17") if isinstance(judged[f"TRIAL-{each}"], list)}
    found = {each for each in found if judged[f"TRIAL-{each}"]}
    assert found == broken


def test_a_manufacturer_without_certificates_is_not_eligible(bench: Bench) -> None:
    """Where the policy asks for a certificate and the manufacturer has none on the list, TR-16 says so."""
    bench.edit("EXAMPLE-CPA-0207", "", file="cpl/before.csv")
    policy = load_policy("100-12").model_copy(update={"eligibility": Eligibility.ANY_CPA})
    assert "TR-16" in bench.broken(policy=policy)


def test_claimed_certificates_must_be_on_the_list(bench: Bench) -> None:
    """References that the application points to are looked up for this manufacturer."""
    bench.add('[eligibility]\ncertificates = ["EXAMPLE-CPA-0207"]')
    assert bench.broken() == set()
    bench.edit('"EXAMPLE-CPA-0207"]', '"EXAMPLE-CPA-0101"]')
    assert bench.broken() == {"TR-18"}


def test_advice_that_is_named_must_be_held(bench: Bench) -> None:
    """Advice of the NCSC is optional; where it is named it must be there."""
    bench.edit("[documents]", '[documents]\nncsc_advice = "docs/ncsc.md"')
    assert bench.broken() == {"TR-12"}
    bench.write("docs/ncsc.md", b"# Advice\n\nNone against it.\n")
    assert bench.broken() == set()


LABORATORY = f"""schema = "trialconformance-laboratory-assessment/1"
report = "L-1"
title = "Risk assessment"
laboratory = "Example Laboratory"
accreditation = "0000"
customer = "Sample Switches plc"
place_of_work = "Example Town"
received = 2022-08-01
tested_from = 2022-08-02
tested_to = 2022-08-20
issued = 2022-09-01
method = "EX-1"
samples = ["S1"]
firmware_hash = "{IMAGE_HASH}"
within_scope = true
relates_only_to_the_samples = true
authorised_by = "Head of Laboratory"
[security_characteristic]
name = "HCALCS"
version = "1.4"
[[mitigations]]
id = "EX-DEV-01"
status = "met"
"""


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        ("", "", None),
        ("tested_to = 2022-08-20", "tested_to = 2022-09-20", "2022-08-01, 2022-08-02, 2022-09-20"),
        (IMAGE_HASH, "0" * 64, "0" * 64),
        ("within_scope = true", "within_scope = false", "a result outside its scope"),
        ("relates_only_to_the_samples = true", "relates_only_to_the_samples = false", "samples: False"),
        ("[[mitigations]]", "[[mitigation]]", "mitigations"),
    ],
)  # fmt: skip
def test_more_assurance_wants_a_laboratory(bench: Bench, old: str, new: str, seen: str | None) -> None:
    """Where the SSC asks for more assurance, a laboratory's report on the listed image is held and makes sense."""
    bench.edit("months = 12", "months = 12\nmore_assurance = true")
    assert bench.broken() == {"TR-11"}
    bench.edit("[documents]", '[documents]\nlab_report = "docs/lab.toml"')
    bench.write("docs/lab.toml", LABORATORY.replace(old, new).encode())
    findings = bench.findings("TR-11")
    assert findings == [] if seen is None else any(seen in each.seen for each in findings)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("assessed = 2022-08-01", "assessed = 2023-01-01", "a day by 2022-10-15"),
        ('version = "1.4"', 'version = "1.2"', "Security Characteristic version 1.4, as on the list"),
        ('id = "EX-DEV-02"', 'id = "EX-DEV-01"', "every mitigation once"),
        ('mitigation = "EX-DEP-01"', 'mitigation = "EX-DEP-09"', "a risk for mitigation EX-DEP-01, which is unmet"),
        ('mitigation = "EX-DEP-01"', 'mitigation = "EX-DEP-09"', "risk R3: a mitigation of the list"),
        ('"EX-DEV-03"\nstatus = "partly"\ncomp', '"EX-DEV-03"\nstatus = "met"\ncomp', "risk R1: status partly"),
        ('residual = "medium"', 'residual = "some"', "Input should be 'low', 'medium' or 'high'"),
        ('owner = "Head of Smart Operations, Example Supply Ltd"', 'owner = ""', "String should have at least 1"),
        ('risk = "the load', 'risk = "REPLACE THIS the load', "a finished document"),
    ],
)  # fmt: skip
def test_the_risk_assessment_is_complete(bench: Bench, old: str, new: str, expected: str) -> None:
    """Every mitigation that is not met has a risk with control, residual and owner, of one status, in this version."""
    bench.edit(old, new, file="docs/risk-assessment.toml")
    assert bench.broken() >= {"TR-24"}
    assert any(each.expected.startswith(expected) for each in bench.findings("TR-24"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('specification = "GBCS"', 'specification = "SMETS"'),
        ("declared = 2022-08-08", "declared = 2023-08-08"),
        ('result = "pass"', 'result = "fail"'),
        ('result = "pass"', 'result = "not-applicable"'),
        ('result = "pass"', 'result = "perhaps"'),
    ],
)
def test_self_certification_is_of_this_device(bench: Bench, old: str, new: str) -> None:
    """Another specification, a day to come, or a use case without a passed result breaks TR-20 alone."""
    bench.edit(old, new, file="docs/gbcs-self-certification.toml")
    assert bench.broken() == {"TR-20"}


def test_smets_self_certification_of_another_form_is_refused(bench: Bench) -> None:
    """A document that is no self-certification at all is a finding of TR-21."""
    bench.write("docs/smets-self-certification.toml", b'schema = "other"\n')
    assert bench.broken() == {"TR-21"}


def test_credentials_are_of_the_right_role(bench: Bench) -> None:
    """Certificates read from the device's slots are Organisation Certificates of supplier and network operator."""
    pki = SyntheticPki()
    for name in ("supplier", "network-operator"):
        octets = pki.certificate(name, "ds").octets
        bench.write(f"credentials/{name}.pem", ssl.DER_cert_to_PEM_cert(octets).encode())
    bench.add(
        '[credentials]\nsupplier = "credentials/supplier.pem"\nnetwork_operator = ["credentials/network-operator.pem"]'
    )
    assert bench.broken() == set()
    bench.edit('supplier = "credentials/supplier.pem"', 'supplier = "credentials/network-operator.pem"')
    assert bench.broken() == {"TR-28"}
    bench.write("credentials/network-operator.pem", b"no certificate")
    assert all("no PEM certificate" in each.seen for each in bench.findings("TR-28"))
    (bench.folder / "credentials/network-operator.pem").unlink()
    assert [each.seen for each in bench.findings("TR-28")] == ["no such file", "no such file"]


@pytest.mark.parametrize(
    ("replaced", "checked", "count"),
    [("2022-10-08", "2022-10-08", 0), ("2022-10-09", "2022-10-08", 1), ("", "2022-10-01", 1), ("", "", 2)],
)
def test_duties_after_commissioning_have_their_days(bench: Bench, replaced: str, checked: str, count: int) -> None:
    """Seven days after commissioning is in time, the day after is not, and what was not done is late as well."""
    bench.edit("[documents]", '[documents]\ncommissioning_checklist = "docs/commissioning.toml"')
    rows = [
        'schema = "trialconformance-commissioning/1"',
        "[[devices]]",
        'device = "0473"',
        "commissioned = 2022-10-01",
        f"credentials_replaced = {replaced}" if replaced else "",
        f"certificates_checked = {checked}" if checked else "",
    ]
    bench.write("docs/commissioning.toml", "\n".join(rows).encode())
    assert len(bench.findings("TR-29")) == count
    bench.write("docs/commissioning.toml", b'schema = "other"')
    assert bench.broken() == {"TR-29"}


def test_the_list_is_held_against_the_register(bench: Bench) -> None:
    """Rows of another maker or firmware under the reference, or a second active row, are noticed where they stand."""
    row = (
        "6,Active,HCALCS,,F0B2,Sample Switches plc,0302,0001,00000B02,SMETS V4.2,3.2,"
        f"{'AB' * 32},TRIAL-2022-0007-49,30/09/2023,1.4,ZIG-EX-0005,,03/10/2022,\r\n"
    )
    original = (bench.folder / "cpl/after.csv").read_bytes()
    bench.write("cpl/after.csv", original + row.encode())
    assert [each.expected for each in bench.findings("TR-09")] == ["a model and firmware of the register entry"]
    bench.write("cpl/after.csv", original + row.replace("F0B2", "F0A1").encode())
    assert [each.expected for each in bench.findings("TR-09")] == ["rows of manufacturer F0B2 only"]
    bench.write("cpl/after.csv", original + row.replace("00000B02", "00000B01").encode())
    (finding,) = bench.findings("TR-48")
    assert finding.seen == "2 of 2"


def test_a_row_without_expiry_never_expires(bench: Bench) -> None:
    """A trial row without a last day breaks TR-03 and TR-33."""
    bench.edit("TRIAL-2022-0007-49,30/09/2023", "TRIAL-2022-0007-49,", file="cpl/after.csv")
    assert {"TR-03", "TR-33"} <= bench.broken()


def test_a_row_that_was_there_before_is_noticed(bench: Bench) -> None:
    """The list before the change must not have the trial already."""
    bench.write("cpl/before.csv", (bench.folder / "cpl/after.csv").read_bytes())
    assert "TR-48" in bench.broken()


def test_a_format_that_changed_breaks_tr_10(bench: Bench) -> None:
    """A broken case of format invariance is named by TR-10, once for each case."""
    bench.edit("DateAdded,DateRemoved", "DateAdded,IsTrial", file="cpl/after.csv")
    findings = bench.findings("TR-10")
    assert any(each.expected.startswith("CPL-FI-020") for each in findings)


def test_the_day_of_judgement_may_be_another(bench: Bench) -> None:
    """The engine may judge at another day than the submission's."""
    assert bench.broken(as_of=date(2023, 9, 30)) == set()
    assert bench.broken(as_of=date(2023, 10, 1)) == {"TR-03", "TR-33"}
