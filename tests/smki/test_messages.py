"""Certificates in messages: what devices and parties do with them is reported by exactly the named cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialconformance.core import Span
from trialconformance.smki import Certificate, KeyStore, KeyUsage, Profile, load_profile, p256, recipe, subjects
from trialconformance.smki import der_writer as write
from trialconformance.smki.binding import DEVICE_CERTIFICATE, REPLACEMENT
from trialconformance.smki.credentials import CarriedMessage
from trialconformance.smki.deviation import ChangeExtension, Edit, Keys, Sign, Signature, issue
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.lint import Judge, Judged
from trialconformance.smki.request import request_body, sign_request
from trialconformance.smki.seed import private_key
from trialconformance.smki.subjects import message_subjects

_BITS = {"ds": (0,), "ka": (4,), "pp-ka": (4,), "keyCertSign": (5,)}
_FAMILY = "SMKI-MSG-"
_OLD = (b"\x11" * 8, b"\x22" * 8)
_RESPONSES_AND_ALERTS = ("response", "alert")


class Bench:
    """Builds messages and the Responses to them."""

    def __init__(self, pki: SyntheticPki) -> None:
        self.pki = pki
        self.profile = load_profile("test-pki").model_copy(update={"severities": {}})
        self.party = pki.entity("supplier")
        self.device = pki.entity("esme")

    def message(self, payload: bytes, *, kind: str, code: int, **more: Any) -> CarriedMessage:
        """A message around a payload, from the supplier to the meter or back."""
        header = b"\xdd" * 20
        answer = kind in _RESPONSES_AND_ALERTS
        values: dict[str, Any] = {
            "originator": self.device if answer else self.party,
            "target": self.party if answer else self.device,
            "counter": 1,
        }
        return CarriedMessage(
            name=f"{kind}-{code:04X}",
            octets=header + payload,
            kind=kind,
            message_code=code,
            payload=Span(start=len(header), length=len(payload), path="payload"),
            **(values | more),
        )

    def certificate(self, holder: str, use: Any) -> bytes:
        """A certificate by name; ``stranger`` is issued by nobody known, ``rubbish`` is none."""
        if holder == "rubbish":
            return write.sequence(write.null())
        if use == "":
            return self.pki.authority(holder).octets
        keys = Keys(
            issuer=self.pki.authority_key("org-issuing"),
            own=self.pki.private_key("supplier", use if use != "pp-ka" else "ka"),
            others={"stranger": private_key(self.pki.plan.seed, "tests/stranger")},
        )
        if holder == "stranger":
            point = p256.point_of(keys.others["stranger"].public_key())
            aki = recipe.authority_key_identifier(point).value.hex()
            edits: list[Edit] = [
                ChangeExtension(op="change", name="authorityKeyIdentifier", value=aki),
                Sign(op="sign", key="stranger"),
            ]
            other = self.pki.recipe("supplier", use)
            return issue(other, edits, keys)
        return self.pki.certificate(holder, use).octets

    def issuing(self, form: str) -> tuple[bytes, ...]:
        """The path certificates: the issuing CA, good, with another one or tampered with, or none."""
        if form == "none":
            return ()
        if form in {"good", "spare"}:
            spare = (self.pki.authority("device-issuing").octets,) if form == "spare" else ()
            return (self.pki.authority("org-issuing").octets, *spare)
        keys = Keys(issuer=self.pki.authority_key("org-root"), own=self.pki.authority_key("org-issuing"), others={})
        edits = [Signature(op="signature", form="flip")]
        return (issue(self.pki.authority_recipe("org-issuing"), edits, keys),)

    def replacement(self, row: dict[str, Any]) -> list[CarriedMessage]:
        """A CS02b Command and, where the device answers, its Response."""
        command = row["command"]
        cells = [_cell(*each) for each in command["cells"]]
        certificates = [self.certificate(each[0], each[1]) for each in command["cells"]]
        pairs = [write.sequence(*pair) for pair in zip(certificates, cells, strict=True)]
        control = [write.integer(2)]
        control += [write.context(1, b"\x01")] if command.get("disapplied") else []
        replacements = write.sequence(*pairs)
        if command.get("long"):
            replacements = b"\x30\x83\x00" + len(replacements[4:]).to_bytes(2) + replacements[4:]
        path = write.sequence(*self.issuing(command.get("path", "good")))
        payload = write.sequence(write.sequence(*control), replacements, path)
        messages = [self.message(payload, kind="command", code=0x0102)]
        if row["statuses"] is not None:
            outcomes = [
                write.sequence(cell, write.tlv(0x0A, bytes([status])), *self.identities(octets, status, row))
                for cell, octets, status in zip(cells, certificates, row["statuses"], strict=False)
            ]
            outcome = write.sequence(write.integer(1), write.integer(2), write.sequence(), write.sequence(*outcomes))
            messages.append(self.message(write.sequence(write.null(), outcome), kind="response", code=0x0102))
        return messages

    def identities(self, octets: bytes, status: int, row: dict[str, Any]) -> list[bytes]:
        """Existing and new identities as the device reports them."""
        new = _OLD
        if row.get("identities", "old" if status else "new") == "new" and octets != self.certificate("rubbish", "ds"):
            certificate = Certificate.parse(octets)
            new = (certificate.entity_id or bytes(8), certificate.ski or bytes(8))
        return [write.octet_string(each) for each in (*_OLD, *new)]

    def exchange(self, row: dict[str, Any]) -> list[CarriedMessage]:
        """A CS02d or CS02e exchange, with the CS02c before it where a key is pending."""
        wanted = row["exchange"]
        if "gives" in wanted:
            asks = write.sequence(bytes.fromhex(wanted["asked"]))
            return [
                self.message(asks, kind="command", code=0x000C),
                self.message(self.pki.certificate(*wanted["gives"]).octets, kind="response", code=0x000C),
            ]
        holder, use = wanted["puts"]
        edits = []
        if "usage" in wanted:
            edits.append(ChangeExtension(op="change", name="keyUsage", value=wanted["usage"]))
        keys = Keys(issuer=self.pki.authority_key("device-issuing"), own=self.pki.private_key(holder, use), others={})
        octets = issue(self.pki.recipe(holder, use), edits, keys)
        messages = [self.message(octets, kind="command", code=0x000B)]
        if wanted["code"] is not None:
            messages.append(self.message(write.integer(wanted["code"]), kind="response", code=0x000B))
        if "pending" in wanted:
            key = self.pki.private_key("esme", "ds")
            if wanted["pending"] == "other":
                key = private_key(self.pki.plan.seed, "tests/pending")
            asked = [each for each in self.pki.recipe("esme", "ds").extensions if each.critical][:2]
            body = request_body(p256.point_of(key.public_key()), asked)
            asks = write.sequence(bytes.fromhex("03020780"))
            messages.append(self.message(asks, kind="command", code=0x000A, counter=2))
            messages.append(self.message(sign_request(body, key), kind="response", code=0x000A, counter=2))
        return messages

    def use(self, row: dict[str, Any]) -> list[CarriedMessage]:
        """One message that relies on a certificate of the key store, or carries one."""
        wanted = row["use"]
        kind = wanted.get("kind", "command")
        more: dict[str, Any] = {
            "originator": self.pki.entity(wanted["originator"]),
            "signed": wanted.get("signed", False),
            "maced": wanted.get("maced", False),
            "roles": frozenset(wanted["roles"]) if "roles" in wanted else None,
        }
        if "carries" in wanted:
            octets = self.pki.certificate(*wanted["carries"]).octets
            place = Span(start=20, length=len(octets), path="grouping_header.certificate")
            more |= {"certificate": place, "requester": self.pki.entity(wanted["requester"])}
            return [self.message(octets, kind=kind, code=0x0001, **more)]
        if "joins" in wanted:
            holder, use, entity = wanted["joins"]
            named = write.octet_string(self.pki.entity(entity))
            certificate = self.pki.certificate(holder, use).octets
            payload = write.sequence(write.integer(3), named, write.integer(5), certificate)
            return [self.message(payload, kind=kind, code=0x00AF, **more)]
        return [self.message(write.null(), kind=kind, code=0x0001, **more)]

    def store(self, row: dict[str, Any]) -> KeyStore:
        """The key store beside the messages."""
        only = row.get("use", {}).get("only")
        if only is None:
            return self.pki.keystore()
        return KeyStore.of([self.pki.certificate(row["use"]["originator"], only)])


def _cell(holder: str, use: str, role: int, usage: str = "") -> bytes:
    bits = write.named_bits(*_BITS[usage or use])
    prepayment = write.integer(1) if use == "pp-ka" else b""
    return write.sequence(write.integer(role), bits, prepayment)


def _judged(bench: Bench, row: dict[str, Any]) -> list[tuple[Any, Judged]]:
    builders = {"command": bench.replacement, "exchange": bench.exchange, "use": bench.use}
    messages = next(build(row) for name, build in builders.items() if name in row)
    clock = datetime.combine(date.fromisoformat(row.get("clock", "2018-06-01")), time(), tzinfo=UTC)
    profile = Profile.model_validate(bench.profile.model_dump() | {"waivers": load_profile("test-pki").waivers})
    found = message_subjects(messages, keystore=bench.store(row), profile=profile, clock=clock)
    return [
        (subject, each)
        for subject, judged in Judge(profile).all(found)
        for each in judged
        if each.case.id.startswith(_FAMILY)
    ]


def test_messages_are_judged_by_the_named_cases(pki: SyntheticPki, data: Callable[[str], Any]) -> None:
    """Each exchange of the corpus is reported by exactly the cases named for it; waived ones name their waiver."""
    bench = Bench(pki)
    rows = data("messages.json")
    for row in rows:
        judged = _judged(bench, row)
        assert {each.case.id for _, each in judged} == set(row["cases"]), row["title"]
        if "waived" in row:
            assert {each.waiver for _, each in judged} == {row["waived"]}
    assert {case for row in rows for case in row["cases"]} == {f"{_FAMILY}{number:02}" for number in range(1, 10)}


def test_findings_about_an_answer_name_the_answer(pki: SyntheticPki, data: Callable[[str], Any]) -> None:
    """What a device answered wrongly is reported in its Response, what it was sent in the Command."""
    bench = Bench(pki)
    for row in data("messages.json"):
        for _, each in _judged(bench, row):
            answers = each.case.id in {"SMKI-MSG-06", "SMKI-MSG-07"}
            if row.get("exchange", {}).get("code") is not None:
                answers = True
            if "use" not in row and "gives" not in row.get("exchange", {}):
                assert each.finding.artefact.startswith("response" if answers else "command"), row["title"]


def test_answers_are_those_of_the_same_attempt(pki: SyntheticPki) -> None:
    """Of two attempts with the same counter each has its own Response: by folder, and inside one by name."""
    bench = Bench(pki)
    good = bench.replacement({"command": {"cells": [["supplier", "ds", 2]]}, "statuses": [0]})
    bad = bench.replacement({"command": {"cells": [["stranger", "ds", 2]]}, "statuses": [10]})
    for names in (
        ("A_SUCCESS_COMMAND", "A_SUCCESS_RESPONSE", "A_ERROR_COMMAND", "A_ERROR_RESPONSE"),
        ("one/COMMAND", "one/RESPONSE", "other/COMMAND", "other/RESPONSE"),
    ):
        messages = [replace(each, name=name) for each, name in zip((*good, *bad), names, strict=True)]
        for captured in (messages, messages[::-1]):
            found = message_subjects(captured, keystore=pki.keystore(), profile=bench.profile)[REPLACEMENT]
            statuses = {each.name: (each.outcome.status, each.predicted.status) for each in found}
            assert statuses == {names[0]: (0, 0), names[2]: (10, 10)}


def test_without_roots_nothing_is_predicted(pki: SyntheticPki) -> None:
    """Under a profile that trusts nobody no status is predicted, and the rest is still judged."""
    bench = Bench(pki)
    messages = bench.replacement({"command": {"cells": [["supplier", "ds", 2]]}, "statuses": [10]})
    for profile in (None, load_profile("production")):
        found = message_subjects(messages, keystore=pki.keystore(), profile=profile)
        assert [each.predicted for each in found[REPLACEMENT]] == [None]


def test_precommands_are_left_out(pki: SyntheticPki) -> None:
    """A pre-command says what the Command says and is not judged beside it."""
    bench = Bench(pki)
    message = bench.message(write.null(), kind="precommand", code=0x0008, signed=True)
    found = message_subjects([message], keystore=pki.keystore())
    assert all(group == [] for group in found.values())


def test_everything_is_gathered_in_one_call(pki: SyntheticPki, tmp_path: Any) -> None:
    """A key store, its files and messages are listed together, the clock of the profile holding where none is given."""
    pki.write(tmp_path, parties=["supplier"], devices=["esme"])
    bench = Bench(pki)
    messages = bench.replacement({"command": {"cells": [["supplier", "ds", 2]]}, "statuses": [0]})
    found = subjects(KeyStore.read(tmp_path), profile=load_profile("test-pki"), messages=messages)
    assert len(found["keystore-file"]) == 9
    assert len(found["replaced-cell"]) == 1
    assert {each.clock for each in found["chain"]} == {datetime(2018, 6, 1, tzinfo=UTC)}


_CODES = (0x0102, 0x000A, 0x000B, 0x000C, 0x000D, 0x0125, 0x0008)


@given(st.binary(max_size=120), st.sampled_from(_CODES), st.sampled_from(["command", "response", "alert"]))
def test_any_payload_is_read(payload: bytes, code: int, kind: str) -> None:
    """Whatever the payload holds, gathering and judging never raise."""
    message = _BENCH.message(payload, kind=kind, code=code, signed=True, maced=True)
    answer = _BENCH.message(payload, kind="response", code=code)
    found = message_subjects([message, answer], keystore=_STORE, profile=_BENCH.profile)
    assert all(each.finding.case for _, judged in _JUDGE.all(found) for each in judged)


_BENCH = Bench(SyntheticPki())
_STORE = _BENCH.pki.keystore()
_JUDGE = Judge(_BENCH.profile)


@pytest.mark.parametrize(
    "payload",
    [
        write.sequence(write.sequence(), write.sequence(write.sequence(write.null(), write.null())), write.sequence()),
        write.sequence(write.sequence(), write.sequence(write.null()), write.sequence()),
        write.sequence(write.sequence(), write.null(), write.sequence()),
    ],
)
def test_payloads_of_another_shape_fill_no_cell(payload: bytes) -> None:
    """A replacement payload whose cells are no cells is left to the message cases."""
    message = _BENCH.message(payload, kind="command", code=0x0102)
    found = message_subjects([message], keystore=_STORE)
    assert (found[REPLACEMENT], found[DEVICE_CERTIFICATE]) == ([], [])


def test_an_outcome_of_another_shape_says_nothing() -> None:
    """Cells whose status is no ENUMERATED, or whose identities are short, are no outcome."""
    row = {"command": {"cells": [["supplier", "ds", 2]]}, "statuses": [0]}
    command, response = _BENCH.replacement(row)
    spoilt = response.octets.replace(b"\x0a\x01\x00", b"\x02\x01\x00")
    broken = _BENCH.message(spoilt[20:], kind="response", code=0x0102)
    found = message_subjects([command, broken], keystore=_STORE, profile=_BENCH.profile)
    assert [each.outcome for each in found[REPLACEMENT]] == [None]
    assert KeyUsage.of(b"\x07\x80") is KeyUsage.DIGITAL_SIGNATURE
