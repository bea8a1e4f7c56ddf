"""Certificate signing requests: each bad one is reported by exactly the named cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import TypeAdapter

from trialconformance.core import ArtefactError
from trialconformance.smki import KeyUsage, der_writer, oids, p256
from trialconformance.smki.deviation import AddExtension, ChangeExtension, extensions_with
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.lint import Judge
from trialconformance.smki.request import REQUEST, CertificateRequest, RequestInContext, request_body, sign_request
from trialconformance.smki.seed import private_key

_USES = {"ds": KeyUsage.DIGITAL_SIGNATURE, "ka": KeyUsage.KEY_AGREEMENT}
_ASKED = frozenset({oids.KEY_USAGE, oids.SUBJECT_ALT_NAME})
_EDIT: TypeAdapter[AddExtension | ChangeExtension] = TypeAdapter(AddExtension | ChangeExtension)


def _request(pki: SyntheticPki, row: dict[str, Any]) -> bytes:
    use = row.get("use", "ds")
    fresh = private_key(pki.plan.seed, f"tests/request/{use}")
    key = pki.private_key("esme", row["key"]) if "key" in row else fresh
    extensions = tuple(each for each in pki.recipe("esme", use).extensions if each.oid in _ASKED)
    for edit in row.get("edits", ()):
        extensions = extensions_with(extensions, _EDIT.validate_python(edit))
    body = request_body(
        bytes.fromhex(row["point"]) if "point" in row else p256.point_of(key.public_key()),
        extensions,
        version=bytes.fromhex(row.get("version", "020100")),
        subject=bytes.fromhex(row.get("subject", "3000")),
        attribute=row.get("attribute", oids.EXTENSION_REQUEST),
    )
    signer = private_key(pki.plan.seed, "tests/stranger") if row.get("sign") == "stranger" else key
    return sign_request(body, signer) + bytes.fromhex(row.get("append", ""))


def test_requests_are_judged_by_the_named_cases(
    pki: SyntheticPki, strict: Judge, cases_of: Callable[..., set[str]], data: Callable[[str], Any]
) -> None:
    """Each request of the corpus is reported by exactly the cases named for it, at places inside it."""
    rows = data("requests.json")
    for row in rows:
        octets = _request(pki, row)
        subject = RequestInContext(
            request=CertificateRequest.parse(octets, name="request"),
            device=pki.entity(row.get("device", "esme")),
            asked=_USES[row.get("asked", row.get("use", "ds"))],
            certificates=pki.keystore().certificates,
        )
        found = strict.judge(REQUEST, subject)
        assert cases_of(found) == set(row["cases"]), row["title"]
        assert all(each.finding.span is not None and each.finding.span.end <= len(octets) for each in found)
    assert {case for row in rows for case in row["cases"]} == {f"SMKI-CSR-{number:02}" for number in range(1, 13)}


def test_a_request_inside_a_message_keeps_its_offsets(pki: SyntheticPki, strict: Judge) -> None:
    """A request that stands inside a longer message is read in place: offsets count from the start of the message."""
    octets = _request(pki, {"version": "020101"})
    message = b"\xdf" * 30 + octets + b"\x40" * 5
    request = CertificateRequest.parse(message, name="message", start=30, end=30 + len(octets))
    found = strict.judge(REQUEST, RequestInContext(request=request))
    assert [each.finding.span.start for each in found if each.finding.span] == [message.index(b"\x02\x01\x01")]


def test_the_issued_certificate_matches_its_request(pki: SyntheticPki) -> None:
    """A certificate issued for a request has the key, the name and the usage of the request."""
    request = CertificateRequest.parse(_request(pki, {}))
    certificate = pki.certify("esme", "ds", point=request.point)
    assert certificate.point == request.point
    assert (certificate.entity_id, certificate.usage) == (request.entity_id, request.usage)


@pytest.mark.parametrize("octets", ["", "3000", "300730003000030100", "0500"])
def test_what_is_no_request_is_refused(octets: str) -> None:
    """Octets that are no request are refused with their place."""
    with pytest.raises(ArtefactError, match="no certificate signing request") as refused:
        CertificateRequest.parse(bytes.fromhex(octets), name="noise")
    assert refused.value.offset is not None


def test_odd_attributes_ask_for_nothing() -> None:
    """An attribute that is no attribute, and an extensionRequest without a value, ask for no extension."""
    key = private_key("seed", "label")
    good = request_body(p256.point_of(key.public_key()), ())
    for attribute in (
        der_writer.null(),
        der_writer.sequence(der_writer.oid(oids.EXTENSION_REQUEST), der_writer.set_of()),
        der_writer.sequence(),
    ):
        body = der_writer.sequence(
            der_writer.integer(0),
            der_writer.sequence(),
            der_writer.sequence(),
            der_writer.explicit(0, attribute),
        )
        request = CertificateRequest.parse(sign_request(body, key))
        assert (request.extensions, request.usage, request.entity_id, request.point) == ((), KeyUsage(0), None, b"")
    assert CertificateRequest.parse(sign_request(good, key)).extensions == ()


def test_data_file_is_unique_by_title(data: Callable[[str], Any]) -> None:
    """No two rows of the corpora of requests and lists have the same title."""
    for name in ("requests.json", "lists.json"):
        titles = [row["title"] for row in data(name)]
        assert len(titles) == len(set(titles))
