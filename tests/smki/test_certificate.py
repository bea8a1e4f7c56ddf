"""Certificates: read in full whatever is wrong with them, every field in its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialconformance.core import ArtefactError, UsageError
from trialconformance.smki import Certificate, CertificateKind, KeyUsage, der_writer, oids, p256
from trialconformance.smki.deviation import ChangeExtension, ChangeOctets, Keys, SetField, Signature, issue
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.recipe import Recipe

Spoil = Callable[..., Certificate]
_PKI = SyntheticPki()  # Hypothesis takes no fixtures of narrower scope


def _set(field: str, der: str) -> SetField:
    return SetField.model_validate({"op": "set", "field": field, "der": der})


def test_a_device_certificate_says_who_it_is(pki: SyntheticPki) -> None:
    """Identity, usage, validity, policies and key identifiers of a Device Certificate come out as issued."""
    certificate = pki.certificate("esme", "ds")
    assert certificate.kind is CertificateKind.DEVICE
    assert certificate.entity_id == pki.entity("esme")
    assert (certificate.role, certificate.subject.empty, str(certificate.subject)) == (None, True, "")
    assert certificate.not_before == datetime(2018, 1, 1, tzinfo=UTC)
    assert certificate.not_after == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert certificate.policies == ("1.3.6.1.4.1.32473.1.1",)
    assert certificate.ski == p256.key_identifier(certificate.point)
    assert certificate.aki == pki.authority("device-issuing").ski
    assert certificate.version == 2
    assert not certificate.is_authority
    assert certificate.public_key().curve.name == "secp256r1"


def test_an_organisation_certificate_says_its_role(pki: SyntheticPki) -> None:
    """Role, EUI-64 and names of an Organisation Certificate come from its subject."""
    certificate = pki.certificate("supplier", "ds")
    assert certificate.kind is CertificateKind.ORGANISATION
    assert (certificate.role, certificate.subject.unit) == (2, "02")
    assert str(certificate.subject) == "CN=TESTSUPPLIER1, OU=02, UID=00005EEF10000002"
    assert pki.certificate("esme", "ds").subject.unit is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("org-root", CertificateKind.ROOT),
        ("org-issuing", CertificateKind.ISSUING_CA),
        ("device-issuing", CertificateKind.ISSUING_CA),
    ],
)
def test_cas_are_known_by_their_names(pki: SyntheticPki, name: str, kind: CertificateKind) -> None:
    """Roots and issuing CAs are told apart, and say how deep they may issue."""
    certificate = pki.authority(name)
    assert certificate.kind is kind
    assert certificate.path_length == (None if kind is CertificateKind.ROOT else 0)


def test_a_certificate_with_no_telling_name_is_an_organisations(spoil: Spoil) -> None:
    """Whatever names neither device, CA nor role is judged as an Organisation Certificate."""
    subject = der_writer.sequence(
        der_writer.set_of(der_writer.sequence(der_writer.oid(oids.COMMON_NAME), der_writer.utf8_string("x")))
    )
    certificate = spoil(_set("subject", subject.hex()), holder="supplier")
    assert certificate.kind is CertificateKind.ORGANISATION
    assert certificate.entity_id is None


def test_spans_name_octets(pki: SyntheticPki) -> None:
    """The span of a field holds its octets, and that of an absent one no octets at the place where it would stand."""
    certificate = pki.certificate("esme", "ds")
    span = certificate.span("serialNumber")
    assert certificate.octets[span.start : span.end] == bytes.fromhex("02104da0c726508e2254bdbf1665684bf7ea")
    absent = certificate.span("basicConstraints")
    assert absent.length == 0
    assert absent.start == certificate.span("extensions").end
    with pytest.raises(UsageError, match="no field"):
        certificate.span("colour")


def test_spans_of_what_is_not_there_at_all(with_fields: Callable[..., Recipe], pki: SyntheticPki) -> None:
    """Without version and extensions their places are still known."""
    octets = with_fields(version=b"", extensions=()).signed_by(pki.authority_key("device-issuing"))
    certificate = Certificate.parse(octets)
    assert certificate.span("version").length == 0
    assert certificate.span("keyUsage").length == 0
    assert (certificate.version, certificate.usage, certificate.ski, certificate.aki) == (0, KeyUsage(0), None, None)


def test_equality_is_that_of_octets(pki: SyntheticPki) -> None:
    """Two certificates are equal when their octets are, whatever they are called."""
    certificate = pki.certificate("esme", "ds")
    again = Certificate.parse(certificate.octets, name="another name")
    assert again == certificate
    assert len({again, certificate}) == 1
    assert certificate != certificate.octets


def test_a_point_off_the_curve_is_the_artefacts_fault(spoil: Spoil, pki: SyntheticPki) -> None:
    """A key that is no point is read, never verifies anything, and is refused with its place when it is asked for."""
    point = b"\x04" + bytes(64)
    key = der_writer.sequence(
        der_writer.sequence(der_writer.oid(oids.EC_PUBLIC_KEY), der_writer.oid(oids.P256)), der_writer.bit_string(point)
    )
    certificate = spoil(_set("key", key.hex()))
    assert certificate.point == point
    assert not pki.certificate("gsme", "ds").issued_by(point)
    with pytest.raises(ArtefactError, match="point on the curve") as refused:
        certificate.public_key()
    assert refused.value.offset == certificate.octets.index(point)


@pytest.mark.parametrize("form", ["pad-r", "pad-s", "other-s"])
def test_a_valid_signature_verifies_in_any_encoding(spoil: Spoil, pki: SyntheticPki, form: str) -> None:
    """A signature with padded numbers, or with the other s, verifies: its encoding is judged apart."""
    certificate = spoil(Signature.model_validate({"op": "signature", "form": form}))
    assert certificate.issued_by(pki.authority("device-issuing").point)


@pytest.mark.parametrize("form", ["flip", "raw", "empty", "zero-r", "order-s"])
def test_a_bad_signature_never_verifies(spoil: Spoil, pki: SyntheticPki, form: str) -> None:
    """A signature with a changed bit, out of range or without numbers does not verify."""
    certificate = spoil(Signature.model_validate({"op": "signature", "form": form}))
    assert not certificate.issued_by(pki.authority("device-issuing").point)


@given(place=st.integers(0, 428), bit=st.integers(0, 7))
def test_any_changed_bit_is_noticed(place: int, bit: int) -> None:
    """Whatever bit of a certificate is flipped, it is no certificate, has a fault, or its signature fails."""
    good = _PKI.certificate("esme", "ds").octets
    changed = good[:place] + bytes([good[place] ^ 1 << bit]) + good[place + 1 :]
    try:
        certificate = Certificate.parse(changed)
    except ArtefactError:
        return  # refused, as the tests below show with its place
    issuer = _PKI.authority("device-issuing").point
    algorithms = {certificate.syntax.fields[each].encoding for each in ("signature", "signatureAlgorithm")}
    assert (
        certificate.faults
        or certificate.signature_faults
        or len(algorithms) != 1
        or not certificate.issued_by(issuer)
        or certificate.syntax.fields["signatureValue"].value[0]
    )


@given(st.binary(max_size=300))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    """Octets that are no certificate are refused with an offset, never with another exception."""
    with pytest.raises(ArtefactError) as refused:
        Certificate.parse(octets, name="noise")
    assert refused.value.offset is not None


@given(st.binary(min_size=1, max_size=60), st.integers(0, 6))
def test_any_extension_content_is_read(content: bytes, which: int) -> None:
    """Any octets inside an extension give a certificate that can be read and judged."""
    names = ("keyUsage", "subjectKeyIdentifier", "subjectAltName", "certificatePolicies", "authorityKeyIdentifier")
    extensions = list(_PKI.recipe("esme", "ds").extensions)
    name = names[which % len(names)]
    edit = ChangeExtension(op="change", name=name, value=content.hex())
    keys = Keys(issuer=_PKI.authority_key("device-issuing"), own=_PKI.private_key("esme", "ds"), others={})
    certificate = Certificate.parse(issue(_PKI.recipe("esme", "ds"), [edit], keys))
    assert len(certificate.extensions) == len(extensions)


@pytest.mark.parametrize(
    ("time", "moment"),
    [
        ("170d3439313233313233353935395a", datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("170d3530303130313030303030305a", datetime(1950, 1, 1, tzinfo=UTC)),
        ("180f32303530303130313030303030305a", datetime(2050, 1, 1, tzinfo=UTC)),
        ("170d3138303233303030303030305a", None),
        ("170b313830313031303030305a", None),
        ("1811323031383031303130303030302e355a", None),
        ("170d3138303130313030303030302b", None),
    ],
)
def test_times_are_read_in_their_one_form(spoil: Spoil, time: str, moment: datetime | None) -> None:
    """UTCTime turns over in 1950; a time without seconds, with a fraction or of no real day is no time."""
    assert spoil(_set("not_before", time)).not_before == moment


@pytest.mark.parametrize(
    ("field", "der"),
    [("issuer", "0500"), ("subject", "0500"), ("serial", "0500"), ("algorithm", "0500"), ("key", "0500")],
)
def test_a_missing_field_is_refused_with_its_place(spoil: Spoil, field: str, der: str) -> None:
    """A field of another type makes it no certificate; the error says which and where."""
    with pytest.raises(ArtefactError, match=r"no X\.509 certificate") as refused:
        spoil(_set(field, der))
    assert refused.value.offset
    assert refused.value.path


@pytest.mark.parametrize("octets", ["", "04", "0401ff", "3000", "30023000"])
def test_what_is_no_certificate_is_refused(octets: str) -> None:
    """Too few octets, another type and an empty SEQUENCE are refused."""
    with pytest.raises(ArtefactError, match=r"no X\.509 certificate"):
        Certificate.parse(bytes.fromhex(octets))


def test_octets_left_over_are_kept(spoil: Spoil) -> None:
    """Octets after a certificate belong to the artefact and are a fault of it."""
    certificate = spoil(ChangeOctets(op="octets", form="append", hex="00ff"))
    assert certificate.octets.endswith(b"\x00\xff")
    assert [fault.length for fault in certificate.faults] == [2]


@pytest.mark.parametrize(
    ("field", "der"),
    [
        ("version", "a000"),
        ("version", "a0030201" + "00"),
        ("version", "a003040102"),
        ("not_before", "0500"),
        ("unique_ids", "8401ff"),
        ("unique_ids", "a2030301ff"),
        ("unique_ids", "8103000001810300" + "0001"),
        ("key", "3000"),
        ("key", "300403020001"),
    ],
)
def test_fields_of_odd_shape_are_faults_not_errors(spoil: Spoil, field: str, der: str) -> None:
    """A field that is there but not of its shape is a fault with a place, and the rest is still read."""
    certificate = spoil(_set(field, der))
    assert certificate.faults
    assert certificate.entity_id is not None


def test_extensions_of_odd_shape_are_faults(with_fields: Callable[..., Recipe], pki: SyntheticPki) -> None:
    """An extension that is no extension, and an extension list that is no list, are faults."""

    class _Odd:
        def octets(self) -> bytes:
            return der_writer.sequence(der_writer.null())

    recipe = with_fields()
    odd = with_fields(extensions=(*recipe.extensions, _Odd()))
    certificate = Certificate.parse(odd.signed_by(pki.authority_key("device-issuing")))
    assert [fault.path for fault in certificate.faults] == ["extensions"]
    empty = with_fields(extensions=(), unique_ids=der_writer.explicit(3, der_writer.sequence()))
    assert Certificate.parse(empty.signed_by(pki.authority_key("device-issuing"))).faults


def test_usage_words_and_bits() -> None:
    """Key usages are named as RFC 5280 names them; bits beyond the nine are left out."""
    assert KeyUsage.of(bytes.fromhex("07ff80")).words.count("+") == 8
    assert KeyUsage(0).words == "no bit"
    assert KeyUsage.of(bytes.fromhex("0001")) is KeyUsage.ENCIPHER_ONLY
