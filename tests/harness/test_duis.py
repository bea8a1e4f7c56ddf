"""DUIS: identifiers, routes, templates, responses, schema and XML signatures."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.verifier import SignatureConfiguration, XMLVerifier

from trialconformance.core import ArtefactError, UsageError
from trialconformance.harness.dccboxed import (
    BoxedError,
    CodeClass,
    DuisResponse,
    DuisSchema,
    RequestId,
    SignatureStatus,
    Signer,
    Template,
    TemplateFolder,
    build_request,
    route_of,
    sign,
    verify,
)
from trialconformance.harness.dccboxed.duis import signed_precommand
from trialconformance.harness.dccboxed.signature import signer_of
from trialconformance.harness.dccboxed.xml import DS, SR, compact, parse, serialise
from trialconformance.smki.issue import SyntheticPki

_ID = RequestId(originator=bytes.fromhex("00005eef10000002"), target=bytes.fromhex("00005eef100000a0"), counter=7)


@pytest.fixture(scope="module")
def signer(pki: SyntheticPki) -> Signer:
    """The supplier's XML signer."""
    return signer_of(pki.certificate("supplier", "ds"), pki.private_key("supplier", "ds"))


@pytest.fixture
def signed(signer: Signer, template_folder: Path) -> etree._Element:
    """A signed request."""
    root = TemplateFolder(template_folder).for_use_case("ECS17b").addressed(_ID)
    sign(root, signer)
    return parse(serialise(root))


@pytest.fixture
def key_of(signer: Signer) -> Callable[[int], ec.EllipticCurvePublicKey | None]:
    """Finds the key of the supplier's certificate."""
    return lambda serial: signer.key.public_key() if serial == signer.serial else None


@given(st.binary(min_size=8, max_size=8), st.binary(min_size=8, max_size=8), st.integers(0, 2**64 - 1))
def test_request_ids_read_back(originator: bytes, target: bytes, counter: int) -> None:
    """Every RequestID reads back from its text, in either case."""
    identifier = RequestId(originator=originator, target=target, counter=counter)
    assert RequestId.parse(str(identifier)) == identifier
    assert RequestId.parse(identifier.key) == identifier


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00-00-5E-EF-10-00-00-02:00-00-5E-EF-10-00-00-A0",
        "00-00-5E-EF-10-00-00-02:00-00-5E-EF-10-00-00-A0:01",
        "00-00-5E-EF-10-00-00-02:00-00-5E-EF-10-00-00-A0:-1",
        "00-00-5E-EF-10-00-00-02:00-00-5E-EF-10-00-00-A0:18446744073709551616",
        "00005EEF10000002:00-00-5E-EF-10-00-00-A0:1",
    ],
)
def test_other_request_ids_are_refused(text: str) -> None:
    """Identifiers of another form, with leading zeros or beyond 64 bits are refused."""
    with pytest.raises(UsageError, match="RequestID"):
        RequestId.parse(text)


@pytest.mark.parametrize("variant", [0, 3, 7, 9, 10])
def test_variants_without_a_route_are_refused(variant: int) -> None:
    """Command variants that DCC Boxed does not take are refused, and the accepted ones are named."""
    with pytest.raises(UsageError, match="accepted: 1, 2, 4, 5, 6, 8"):
        route_of(variant)


def test_signature_verifies_with_an_independent_implementation(signed: etree._Element, pki: SyntheticPki) -> None:
    """A signed request verifies with signxml under the certificate that it names."""
    certificate = x509.load_der_x509_certificate(pki.certificate("supplier", "ds").octets)
    config = SignatureConfiguration(
        signature_methods=frozenset({SignatureMethod.ECDSA_SHA256}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
        require_x509=True,
        default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    octets = serialise(signed)
    octets = serialise(signed)
    verified = XMLVerifier().verify(octets, x509_cert=certificate, expect_config=config, validate_schema=False)
    results = verified if isinstance(verified, list) else [verified]
    assert results[0].signed_xml is not None
    assert results[0].signed_xml.tag == f"{{{SR}}}Request"


def test_signature_has_exactly_the_profile(signed: etree._Element, signer: Signer) -> None:
    """One enveloped reference, exclusive C14N, ECDSA with SHA-256, the signer by issuer and decimal serial number."""
    text = serialise(signed).decode()
    assert re.findall(r'Algorithm="([^"]*)"', text) == [
        "http://www.w3.org/2001/10/xml-exc-c14n#",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        "http://www.w3.org/2001/04/xmlenc#sha256",
    ]
    assert f"<ds:X509SerialNumber>{signer.serial}</ds:X509SerialNumber>" in text
    assert "<ds:X509IssuerName>CN=TEST-ONLY-ORG-1,OU=07</ds:X509IssuerName>" in text
    assert "X509Certificate" not in text
    assert len(base64.b64decode(signed.findtext(f".//{{{DS}}}SignatureValue", ""))) == 64


def test_signature_survives_white_space_between_elements(
    signed: etree._Element, key_of: Callable[[int], ec.EllipticCurvePublicKey | None]
) -> None:
    """Ignorable white space outside the signature is dropped before checking, as the schema allows."""
    header = signed[0]
    header.text = "\n  "
    header.tail = "\n"
    assert verify(signed, key_of).status is SignatureStatus.VALID


def test_wrapped_base64_is_read(
    signed: etree._Element, key_of: Callable[[int], ec.EllipticCurvePublicKey | None]
) -> None:
    """A signature value broken into lines by CR LF, as Java writes it, is valid."""
    value = signed.find(f".//{{{DS}}}SignatureValue")
    assert value is not None
    assert value.text is not None
    value.text = value.text[:76] + "\r\n" + value.text[76:]
    assert verify(signed, key_of).status is SignatureStatus.VALID


def _change_counter(root: etree._Element) -> None:
    root[0][0].text = str(RequestId(originator=_ID.originator, target=_ID.target, counter=8))


def _add_attribute(root: etree._Element) -> None:
    root.set("extra", "1")


def _add_namespace(root: etree._Element) -> None:
    root[1].append(etree.Element("{urn:other}extra"))


def _move(root: etree._Element) -> None:
    root.insert(0, root[-1])


def _double(root: etree._Element) -> None:
    root.append(deepcopy(root[-1]))


def _nest(root: etree._Element) -> None:
    root[1].append(root[-1])


def _inclusive(root: etree._Element) -> None:
    root[-1][0][0].set("Algorithm", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315")


def _sha1(root: etree._Element) -> None:
    root[-1][0][1].set("Algorithm", "http://www.w3.org/2000/09/xmldsig#rsa-sha1")


def _uri(root: etree._Element) -> None:
    root[-1][0][2].set("URI", "#part")


def _two_transforms(root: etree._Element) -> None:
    transforms = root[-1][0][2][0]
    transforms.append(deepcopy(transforms[0]))


def _value(root: etree._Element, octets: bytes) -> None:
    root[-1][1].text = base64.b64encode(octets).decode()


def _der(root: etree._Element) -> None:
    raw = base64.b64decode(root[-1][1].text or "")
    _value(root, encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:])))


def _flipped(root: etree._Element) -> None:
    raw = bytearray(base64.b64decode(root[-1][1].text or ""))
    raw[5] ^= 1
    _value(root, bytes(raw))


def _no_base64(root: etree._Element) -> None:
    root[-1][1].text = "!"


def _no_serial(root: etree._Element) -> None:
    root[-1][2][0][0][1].text = "not a number"


_TAMPERS = {
    "another counter": _change_counter,
    "another attribute": _add_attribute,
    "another element": _add_namespace,
    "signature moved to the front": _move,
    "two signatures": _double,
    "signature inside the body": _nest,
    "inclusive canonicalisation of SignedInfo": _inclusive,
    "another algorithm": _sha1,
    "reference to a part": _uri,
    "two transforms": _two_transforms,
    "DER instead of r and s": _der,
    "one bit of the value": _flipped,
    "no base64": _no_base64,
    "no serial number": _no_serial,
}


@pytest.mark.parametrize("name", _TAMPERS)
def test_tampering_is_noticed(
    signed: etree._Element, key_of: Callable[[int], ec.EllipticCurvePublicKey | None], name: str
) -> None:
    """Whatever is changed after signing makes the signature invalid, with a reason."""
    _TAMPERS[name](signed)
    check = verify(signed, key_of)
    assert check.status is SignatureStatus.INVALID
    assert check.reason


def test_white_space_under_the_signature_is_noticed(signer: Signer, template_folder: Path) -> None:
    """A digest over pretty-printed XML differs from the one that the other side computes."""
    root = TemplateFolder(template_folder).for_use_case("ECS17b").addressed(_ID)
    sign(root, signer)
    root[1].text = "\n"
    root[-1][0][2][2].text = "AAAA"
    assert verify(root, lambda _: signer.key.public_key()).status is SignatureStatus.INVALID


def test_missing_signature_and_missing_key_are_told_apart(signed: etree._Element) -> None:
    """A document without signature is unsigned; one whose signer is not at hand is unverified."""
    assert verify(signed, lambda _: None).status is SignatureStatus.UNVERIFIED
    signed.remove(signed[-1])
    assert verify(signed, lambda _: None).status is SignatureStatus.UNSIGNED


def test_signer_shows_no_key(signer: Signer) -> None:
    """The text of a signer names the certificate and not the key."""
    assert "key=" not in repr(signer)


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "well-formed"),
        (b"<a", "well-formed"),
        (b"<!DOCTYPE a><a/>", "DTD"),
        (b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>', "DTD"),
        (b"<a>" * 70 + b"</a>" * 70, "too deep"),
        (b"<a>" + b" " * (4 * 1024 * 1024) + b"</a>", "too large"),
    ],
)
def test_hostile_xml_is_refused(octets: bytes, reason: str) -> None:
    """XML that is broken, carries a DTD, is too deep or too large is refused before anything reads it."""
    with pytest.raises(BoxedError, match=reason):
        parse(octets)


def test_template_is_readdressed(template_folder: Path) -> None:
    """A template gets another originator, target and counter, and loses its placeholder signature."""
    template = TemplateFolder(template_folder).load("ECS70_6.11")
    root = template.addressed(_ID)
    assert root.findtext(f"{{{SR}}}Header/{{{SR}}}RequestID") == str(_ID)
    assert root.find(f"{{{DS}}}Signature") is None
    assert (template.use_case, template.command_variant, template.body) == ("ECS70", 4, "SynchroniseClock")


def test_device_in_the_body_follows_the_target() -> None:
    """Elements of the body that named the old target name the new one."""
    body = etree.Element(f"{{{SR}}}UpdateInventory")
    etree.SubElement(body, f"{{{SR}}}DeviceID").text = str(_ID).split(":")[1]
    root = build_request(
        request_id=_ID, command_variant=8, service_reference="8.4", service_reference_variant="8.4", body=body
    )
    template = Template.of(serialise(root), name="inventory")
    other = RequestId(originator=_ID.originator, target=bytes(8), counter=9)
    assert template.addressed(other).findtext(f".//{{{SR}}}DeviceID") == "00-00-00-00-00-00-00-00"


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"<x/>", "no DUIS request"),
        (b"<x", "well-formed"),
        (f'<sr:Request xmlns:sr="{SR}"><sr:Header/><sr:Body><sr:A/></sr:Body></sr:Request>'.encode(), "RequestID"),
    ],
)
def test_broken_templates_are_named(octets: bytes, reason: str) -> None:
    """A template that is no DUIS request is refused by name."""
    with pytest.raises(ArtefactError, match=reason) as caught:
        Template.of(octets, name="mine")
    assert caught.value.artefact == "mine"


def test_template_with_odd_variant_is_refused(template_folder: Path) -> None:
    """A CommandVariant that is no number is refused."""
    octets = (template_folder / "ECS70_6.11.XML").read_bytes().replace(b">4<", b">four<")
    with pytest.raises(ArtefactError, match="CommandVariant"):
        Template.of(octets, name="mine")


def test_folder_of_templates(template_folder: Path, tmp_path: Path) -> None:
    """A folder lists its templates; an empty one and an unknown name are refused."""
    folder = TemplateFolder(template_folder)
    assert len(folder) == len(list(folder)) == 7
    with pytest.raises(UsageError, match="no template"):
        folder.load("other")
    with pytest.raises(UsageError, match="no DUIS templates"):
        TemplateFolder(tmp_path)


def _response(code: str, body: str, header: str = "") -> bytes:
    return (
        f'<sr:Response xmlns:sr="{SR}" schemaVersion="5.4"><sr:Header>{header}<sr:ResponseCode>{code}</sr:ResponseCode>'
        f"</sr:Header><sr:Body>{body}</sr:Body></sr:Response>"
    ).encode()


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("I0", CodeClass.SUCCESS),
        ("I99", CodeClass.ACKNOWLEDGED),
        ("I1", CodeClass.INFORMATION),
        ("W110101", CodeClass.WARNING),
        ("E65", CodeClass.ERROR),
        ("N999", CodeClass.ALERT),
        ("", CodeClass.UNKNOWN),
    ],
)
def test_response_codes_are_classified(code: str, meaning: CodeClass) -> None:
    """Each response code has one meaning; a warning is not an error and not a success."""
    assert DuisResponse.of(_response(code, "<sr:ResponseMessage/>")).code_class is meaning


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"<x/>", "no DUIS response"),
        (_response("I0", "<sr:Other/>"), "unknown body"),
        (_response("I0", "<sr:ResponseMessage/>", "<sr:RequestID>x</sr:RequestID>"), "malformed RequestID"),
        (
            _response("I0", "<sr:ResponseMessage><sr:GBCSPayload>!</sr:GBCSPayload></sr:ResponseMessage>"),
            "not base64",
        ),
    ],
)
def test_broken_responses_are_refused(octets: bytes, reason: str) -> None:
    """A response that cannot be used says why."""
    with pytest.raises(BoxedError, match=reason):
        DuisResponse.of(octets)


_SCHEMA = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:sr="{SR}" xmlns:ra="urn:missing"
  targetNamespace="{SR}" elementFormDefault="qualified">
  <xs:import namespace="urn:missing" schemaLocation="not published.xsd"/>
  <xs:element name="Request"><xs:complexType><xs:sequence>
    <xs:element name="Header" type="ra:Anything"/><xs:element name="Body"/>
    <xs:any minOccurs="0" processContents="lax" namespace="##other"/>
  </xs:sequence><xs:attribute name="schemaVersion"/></xs:complexType></xs:element>
</xs:schema>"""


def test_schema_with_an_import_that_is_not_there(tmp_path: Path, signed: etree._Element) -> None:
    """An import whose file is missing is named, its types accept anything, and the rest is checked."""
    path = tmp_path / "duis.xsd"
    path.write_text(_SCHEMA, "utf-8")
    schema = DuisSchema.read(path)
    assert schema.missing == ("not published.xsd",)
    schema.check(signed)
    signed.remove(signed[1])
    with pytest.raises(BoxedError, match="breaks the DUIS schema"):
        schema.check(signed)


@pytest.mark.parametrize("content", ["", "<x/>", "<xs:schema"])
def test_unusable_schema_is_refused(tmp_path: Path, content: str) -> None:
    """What is no schema is refused as the caller's mistake."""
    path = tmp_path / "duis.xsd"
    path.write_text(content, "utf-8")
    with pytest.raises(UsageError, match="schema"):
        DuisSchema.read(path)


def test_signed_precommand_is_base64() -> None:
    """The body of command variant 5 carries the octets in base64."""
    element = signed_precommand(b"\x01\x02")
    compact(element)
    assert base64.b64decode(element.findtext(f"{{{SR}}}GBCSPayload", "")) == b"\x01\x02"


@pytest.mark.official
def test_official_templates_are_signed_and_verify(duis: Path, signer: Signer) -> None:
    """Every official template loads, validates against the schema once signed, and verifies."""
    schema = DuisSchema.read(next((duis / "schema").glob("DUIS*.xsd")))
    folder = TemplateFolder(duis / "templates")
    for template in folder:
        root = template.addressed(RequestId(originator=_ID.originator, target=template.request_id.target, counter=1))
        sign(root, signer)
        schema.check(root)
        check = verify(parse(serialise(root)), lambda _: signer.key.public_key())
        assert check.status is SignatureStatus.VALID, template.name
    assert len(folder) >= 157


@pytest.mark.official
def test_official_samples_are_read_and_correlated(duis: Path) -> None:
    """The sample responses are read, classified, matched to their requests; signed ones have the right digest."""
    found = {path.stem: DuisResponse.of(path.read_bytes()) for path in sorted((duis / "samples").glob("*.xml"))}
    assert found["acknowledgement-error"].code_class is CodeClass.ERROR
    assert found["readfw-response"].gbcs is not None
    assert found["read-inventory-response-4g"].content == "DSPInventory"
    for name, response in found.items():
        assert response.request_id is not None
        expected = SignatureStatus.UNSIGNED if name == "acknowledgement-error" else SignatureStatus.UNVERIFIED
        # ``unverified`` means that the digest is right and only the signer's certificate is not at hand.
        assert verify(response.root, lambda _: None).status is expected
