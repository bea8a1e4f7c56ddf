"""Hypothesis strategies for ASN.1 payloads, from the declarations: every structure of every Message Code."""

from __future__ import annotations

import datetime
from typing import Any

from gbcs_samples import PKI
from hypothesis import strategies as st

from trialconformance.gbcs.asn1 import STRUCTURES, Form, Rule
from trialconformance.smki import KeyUsage

__all__ = ["CERTIFICATE", "certification_request", "natives", "structure_keys"]

_holder = PKI.keystore().certificate(PKI.entity("esme"), KeyUsage.DIGITAL_SIGNATURE)
assert _holder is not None
CERTIFICATE: bytes = _holder.octets

structure_keys = st.sampled_from(sorted(STRUCTURES))


def certification_request() -> bytes:
    """A certification request of the right shape; its signature is of no matter here."""
    point = bytes.fromhex("0403") + bytes(64)
    key = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107") + b"\x03\x42\x00" + point[:65]
    info = bytes.fromhex("020100 3000") + key + bytes.fromhex("a000")
    body = b"\x30" + bytes((len(info),)) + info + bytes.fromhex("300a06082a8648ce3d040302 0303003000")
    return b"\x30\x81" + bytes((len(body),)) + body if len(body) > 127 else b"\x30" + bytes((len(body),)) + body


def natives(rule: Rule) -> st.SearchStrategy[Any]:
    """Values that ``build_payload`` takes for a structure."""
    made: st.SearchStrategy[Any] = _MAKERS[rule.form](rule)
    return made


def _sequence(rule: Rule) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {field.name: natives(field.rule) for field in rule.fields if not field.optional},
        optional={field.name: natives(field.rule) for field in rule.fields if field.optional},
    )


def _choice(rule: Rule) -> st.SearchStrategy[tuple[str, Any]]:
    return st.one_of(*(st.tuples(st.just(field.name), natives(field.rule)) for field in rule.fields))


def _integer(rule: Rule) -> st.SearchStrategy[Any]:
    return st.sampled_from(sorted(rule.meanings.values())) if rule.meanings else st.integers(0, 2**63 - 1)


def _opaque(rule: Rule) -> st.SearchStrategy[Any]:
    return st.just(certification_request() if rule.title == "CertificationRequest" else CERTIFICATE)


_MAKERS: dict[Form, Any] = {
    Form.SEQUENCE: _sequence,
    Form.SEQUENCE_OF: lambda rule: st.lists(natives(rule.fields[0].rule), max_size=3),
    Form.CHOICE: _choice,
    Form.INTEGER: _integer,
    Form.OCTETS: lambda _: st.binary(max_size=40),
    Form.BITS: lambda rule: st.sets(st.sampled_from(sorted(rule.meanings.values())), min_size=1),
    Form.TIME: lambda _: st.datetimes(
        min_value=datetime.datetime(2000, 1, 1),  # noqa: DTZ001  # hypothesis wants it naive
        timezones=st.just(datetime.UTC),
    ).map(lambda moment: moment.replace(microsecond=0)),
    Form.NULL: lambda _: st.none(),
    Form.OPAQUE: _opaque,
}
