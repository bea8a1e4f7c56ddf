"""Unsigned bundles are allowed and shouted; who signed decides what a verifier may believe."""

from __future__ import annotations

from datetime import date
from typing import Any

from trialconformance.core import ExitCode, canonical_json
from trialconformance.core.dsse import sign
from trialconformance.evidence.attest.trust import TrustPolicy
from trialconformance.evidence.bundle.archive import pack, unpack
from trialconformance.evidence.verify import Outcome, Verification, verify_bundle

DAY = date(2022, 10, 15)


def verified(octets: bytes, trust: TrustPolicy | None) -> Verification:
    """Verify without judging again."""
    return verify_bundle(octets, trust=trust, on=DAY, again=None)


def test_unsigned_is_a_gap_that_is_shouted(workshop: Any) -> None:
    """Without trust an unsigned bundle is verified with gaps, never silently."""
    verification = verified(workshop.bundle(signers=()).read_bytes(), None)
    assert verification.steps[1].outcome is verification.steps[3].outcome is Outcome.GAP
    assert verification.steps[1].notes[0].startswith("UNSIGNED")
    assert verification.exit_code is ExitCode.INCONCLUSIVE
    assert verification.signed_by == ()


def test_unsigned_is_rejected_by_who_trusts_somebody(workshop: Any) -> None:
    """A verifier who names roles wants their signatures."""
    verification = verified(workshop.bundle(signers=()).read_bytes(), workshop.trust())
    assert verification.conclusion == "rejected"


def test_signed_without_trust_policy_proves_nothing(workshop: Any) -> None:
    """Signatures that cannot be checked are a gap, and a malformed envelope is still a fault."""
    files = unpack(workshop.bundle().read_bytes())
    assert verified(pack(files), None).steps[1].outcome is Outcome.GAP
    files["attest/x.dsse.json"] = b"{}"
    step = verified(pack(files), None).steps[3]
    assert step.outcome is Outcome.FAILED
    assert "attest/x.dsse.json: is not a signed envelope" in step.notes[0]


def test_stranger_is_a_gap_beside_those_who_must_sign(workshop: Any) -> None:
    """A further signer whom nobody knows neither helps nor harms."""
    verification = verified(
        workshop.bundle(signers=("manufacturer", "laboratory", "stranger")).read_bytes(), workshop.trust()
    )
    step = verification.steps[3]
    assert step.outcome is Outcome.GAP
    assert "does not name" in step.notes[0]
    assert verification.signed_by == ("laboratory", "manufacturer")


def test_threshold_counts_different_keys(workshop: Any) -> None:
    """Two keys of one role are needed where the policy says so."""
    keys = [{"pem": workshop.public_pem(workshop.keys[name])} for name in ("manufacturer", "stranger")]
    trust = workshop.trust(manufacturer={"keys": keys, "threshold": 2})
    step = verified(workshop.bundle().read_bytes(), trust).steps[3]
    assert "role manufacturer: 1 of 2 needed signers have signed" in step.notes


def test_signed_payload_that_is_no_json_is_rejected(workshop: Any) -> None:
    """A trusted key under nonsense does not make sense of it."""
    files = unpack(workshop.bundle().read_bytes())
    for name, payload in {"text": b"nonsense", "keys": b'{"_type":1,"_type":2}', "deep": b"[" * 100_000}.items():
        envelope = sign("application/vnd.in-toto+json", payload, workshop.keys["manufacturer"])
        step = verified(pack({**files, f"attest/{name}.dsse.json": envelope.to_json()}), workshop.trust()).steps[3]
        assert any("is not an in-toto Statement v1" in note for note in step.notes), name


def test_withheld_inputs_leave_gaps(workshop: Any) -> None:
    """What is not here cannot be checked, and the steps say so."""
    bundle = workshop.bundle(withhold=["*"]).read_bytes()
    verification = verified(bundle, workshop.trust())
    assert "no image is here: its digest can only be followed by name" in verification.steps[4].notes
    assert "no CPL is here" in verification.steps[4].notes
    assert verification.steps[6].notes == ("image withheld, digest only",)
    assert verification.outcome is Outcome.GAP


def test_bundle_without_image_or_listed_row(workshop: Any) -> None:
    """A record without an image and a list without the trial's row are gaps."""
    octets = workshop.list(CPACertificateRef="EXAMPLE-CPA-0102")
    verification = verified(workshop.bundle(inputs={"cpl/after.csv": octets}).read_bytes(), workshop.trust())
    assert "no row of the CPL carries the trial reference of the record" in verification.steps[4].notes
    assert verification.steps[6].notes == ("the record names no image",)


def test_honest_failure_is_a_gap_not_a_forgery(workshop: Any) -> None:
    """Where the record itself fails, a broken chain is part of what it honestly reports."""
    inputs = workshop.inputs() | {
        "cpl/after.csv": workshop.list(ManufacturerImageHash="AB" * 32, HardwareVersion="wide"),
        "image/firmware.zigbee": b"not an image",
    }
    verification = verified(workshop.bundle(rows=workshop.rows, inputs=inputs).read_bytes(), workshop.trust())
    assert verification.outcome is Outcome.GAP, verification.report
    assert verification.statement == "fail"
    inputs["image/firmware.zigbee"] = workshop.image()
    notes = verified(
        workshop.bundle(rows=workshop.rows, inputs=inputs).read_bytes(), workshop.trust()
    ).steps[6].notes  # fmt: skip
    assert "cpl/after.csv: hardware 'wide' is no number" in notes


def test_verification_as_json_is_canonical(workshop: Any) -> None:
    """The JSON of a verification names all steps in order."""
    verification = verified(workshop.bundle().read_bytes(), workshop.trust()).report.model_dump(mode="json")
    assert canonical_json(verification)
    assert [step["number"] for step in verification["steps"]] == list(range(1, 11))
