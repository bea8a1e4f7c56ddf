"""Steps 2 and 4: whose signatures count, and what exactly they vouch for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from pydantic import ValidationError

from trialconformance.core import ArtefactError
from trialconformance.core.dsse import Envelope, EnvelopeSignature, key_id
from trialconformance.evidence.attest.statement import (
    JUDGEMENT,
    PAYLOAD_TYPE,
    TEST_RESULT,
    Judgement,
    Statement,
    parse,
    subjects,
    test_result,
)
from trialconformance.evidence.attest.timestamp import STAMP_SUFFIX, authority_certificate, read_token
from trialconformance.evidence.attest.trust import TrustedKey, TrustPolicy
from trialconformance.evidence.bundle.manifest import MANIFEST
from trialconformance.evidence.bundle.opened import Bundle
from trialconformance.evidence.verify.outcome import Step, step

__all__ = ["check_signatures"]

_ENVELOPE = ".dsse.json"
_KEY_ID_SHOWN = 16  # hex digits


def check_signatures(bundle: Bundle, trust: TrustPolicy | None, *, on: date) -> tuple[Step, Step, tuple[str, ...]]:
    """Verify every envelope against the verifier's own trust.

    Args:
        bundle: the opened bundle.
        trust: whom the verifier trusts; None where nothing is said.
        on: the day of verification, on which a key must be good.

    Returns:
        Steps 2 and 4, and the roles whose signatures reach their threshold.
    """
    envelopes = {path: octets for path, octets in bundle.attestations.items() if path.endswith(_ENVELOPE)}
    if trust is None:
        return *_without_trust(envelopes), ()
    examination = _Examination(bundle=bundle, trust=trust, on=on)
    for path, octets in envelopes.items():
        examination.examine(path, octets)
    signers = examination.judged_by
    reached = tuple(name for name, role in sorted(trust.roles.items()) if len(signers.get(name, ())) >= role.threshold)
    missing = [
        f"role {name}: {len(signers.get(name, ()))} of {role.threshold} needed signers have signed"
        for name, role in sorted(trust.roles.items())
        if name not in reached
    ]
    unvouched = [] if signers else ["no key that the trust policy names vouches for this manifest"]
    return (
        step(2, faults=unvouched, notes=[f"vouched for in the role {name}" for name in sorted(signers)]),
        step(4, faults=[*examination.faults, *missing], gaps=examination.gaps, notes=examination.notes),
        reached,
    )


def _without_trust(envelopes: Mapping[str, bytes]) -> tuple[Step, Step]:
    if not envelopes:
        said = "UNSIGNED: nobody vouches for this bundle; anyone could have made it"
    else:
        said = f"{len(envelopes)} attestations were not verified: no trust policy says whose keys to believe"
    malformed = []
    for path, octets in envelopes.items():
        try:
            Envelope.from_json(octets, name=path)
        except ArtefactError as error:
            malformed.append(f"{path}: {error.message}")
    return step(2, gaps=[said]), step(4, faults=malformed, gaps=[said])


@dataclass(slots=True, kw_only=True)
class _Examination:
    """Examines the envelopes of one bundle.

    Args:
        bundle: the opened bundle.
        trust: whom the verifier trusts.
        on: the day on which keys must be good.
        faults: why an envelope is rejected.
        gaps: what says nothing either way.
        notes: who signed what.
        judged_by: ids of the keys whose judgement counts, by role.
    """

    bundle: Bundle
    trust: TrustPolicy
    on: date
    faults: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    judged_by: dict[str, set[str]] = field(default_factory=dict)

    def examine(self, path: str, octets: bytes) -> None:
        """Examine one envelope; its payload is read only once a trusted key has signed it."""
        try:
            envelope = Envelope.from_json(octets, name=path)
        except ArtefactError as error:
            self.faults.append(f"{path}: {error.message}")
            return
        if envelope.payload_type != PAYLOAD_TYPE:
            self.faults.append(f"{path}: has the payload type {envelope.payload_type!r}, not {PAYLOAD_TYPE}")
            return
        signers = self._signers(path, envelope, on=self._stamped(path, octets))
        if not signers:
            return
        try:
            statement = parse(envelope.payload)
        except (ValueError, RecursionError) as error:
            self.faults.append(f"{path}: is signed and is not an in-toto Statement v1: {_first_line(error)}")
            return
        faults = [f"{path}: {fault}" for fault in self._faults_of(statement, envelope.payload, {*signers})]
        self.faults += faults
        if not faults and statement.predicate_type == JUDGEMENT:
            for identity, role in signers.items():
                self.judged_by.setdefault(role, set()).add(identity)
        who = ", ".join(f"{role} ({identity[:_KEY_ID_SHOWN]})" for identity, role in signers.items())
        self.notes.append(f"{path}: signed by {who}")

    def _stamped(self, path: str, octets: bytes) -> date:
        """The day on which the keys of an envelope must be good: that of its time stamp, today's without one."""
        name = path + STAMP_SUFFIX
        token = self.bundle.files.get(name)
        if token is None:
            return self.on
        authorities = [authority_certificate(each, where=name) for each in self.trust.time_stamp_authorities]
        try:
            stamp = read_token(token, octets, authorities, name=name)
        except ArtefactError as error:
            self.faults.append(f"{name}: {error.message}")
            return self.on
        if stamp is None:
            self.gaps.append(f"{name}: is by no time-stamp authority that the trust policy names")
            return self.on
        self.notes.append(f"{path}: stamped {stamp.moment.isoformat()} by {stamp.authority}")
        return stamp.moment.date()

    def _signers(self, path: str, envelope: Envelope, *, on: date) -> dict[str, str]:
        known = {key_id(each.key): (name, each) for name, role in self.trust.roles.items() for each in role.keys}
        signers = {}
        for signature in envelope.signatures:
            identity = _verified_by(envelope, signature, [trusted for _, trusted in known.values()])
            if identity is None and signature.keyid in known:
                self.faults.append(f"{path}: the signature of {known[signature.keyid][0]} is not valid")
            elif identity is None:
                stranger = signature.keyid[:_KEY_ID_SHOWN]
                self.gaps.append(f"{path}: is signed by a key that the trust policy does not name ({stranger})")
            elif signature.keyid != identity:
                self.faults.append(f"{path}: names another key than the one that signed")
            elif not known[identity][1].good_on(on):
                self.faults.append(f"{path}: the key of {known[identity][0]} is not good on {on.isoformat()}")
            else:
                signers[identity] = known[identity][0]
        return signers

    def _faults_of(self, statement: Statement, payload: bytes, signers: set[str]) -> Iterator[str]:
        """Say what is wrong with a statement, the first thing only."""
        if statement.predicate_type not in {JUDGEMENT, TEST_RESULT}:
            yield f"has the predicate {statement.predicate_type!r}, which this tool does not know"
            return
        manifest, record = self.bundle.files[MANIFEST], self.bundle.record
        expected = subjects(manifest, record, self.bundle.digest)
        named = {each.name: each.digest.sha256 for each in statement.subject}
        if named.get(MANIFEST) != expected[MANIFEST]:
            yield "vouches for another manifest: it was made for another bundle or the manifest was changed"
            return
        other = next((name for name in sorted({*named, *expected}) if named.get(name) != expected.get(name)), None)
        if other is not None:
            yield f"gives another digest for the subject {other}"
        elif statement.predicate_type == JUDGEMENT:
            yield from self._judgement_faults(statement, signers)
        elif payload != test_result(manifest, record, self.bundle.digest):
            yield "states other test results than the record"

    def _judgement_faults(self, statement: Statement, signers: set[str]) -> Iterator[str]:
        try:
            predicate = Judgement.model_validate(statement.predicate)
        except ValidationError as error:
            yield f"is not a judgement: {_first_line(error)}"
            return
        allowed = self.trust.roles.get(predicate.role)
        ids = {key_id(each.key) for each in allowed.keys} if allowed else set()
        if signers - ids:
            yield f"speaks in the role {predicate.role} and is signed with a key of another role"
        restated = Judgement.of(self.bundle.record, role=predicate.role, claimed_time=predicate.claimed_time)
        # What another version of the tool says of the common format is no part of the judgement.
        if predicate.model_copy(update={"test_result_loses": restated.test_result_loses}) != restated:
            yield "states another judgement than the record"


def _verified_by(envelope: Envelope, signature: EnvelopeSignature, keys: list[TrustedKey]) -> str | None:
    alone = replace(envelope, signatures=(signature,))
    return next(iter(alone.verify(each.key for each in keys)), None)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
