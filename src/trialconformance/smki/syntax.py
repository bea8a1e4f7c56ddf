"""The ASN.1 layer of a certificate: which field stands where, and every breach of DER on the way.

Clause: RFC 5280 4.1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from trialconformance.core import ArtefactError
from trialconformance.smki import der, oids
from trialconformance.smki.der import DerFault, DerRule, Node
from trialconformance.smki.extension import Extension

__all__ = ["CertificateSyntax", "ExtensionList", "SignatureSyntax", "read_extensions", "read_signature", "read_syntax"]

_TBS = (
    ("serialNumber", der.INTEGER),
    ("signature", der.SEQUENCE),
    ("issuer", der.SEQUENCE),
    ("validity", der.SEQUENCE),
    ("subject", der.SEQUENCE),
    ("subjectPublicKeyInfo", der.SEQUENCE),
)
# Unique identifiers are IMPLICIT BIT STRINGs; the constructed form of one is a breach of DER but still the field.
_OPTIONAL = {
    0x81: "issuerUniqueID",
    0xA1: "issuerUniqueID",
    0x82: "subjectUniqueID",
    0xA2: "subjectUniqueID",
    0xA3: "extensions",
}
_TYPES = {
    der.INTEGER: "INTEGER",
    der.SEQUENCE: "SEQUENCE",
    der.BIT_STRING: "BIT STRING",
    der.OCTET_STRING: "OCTET STRING",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSyntax:
    """A certificate as fields in places.

    Args:
        fields: nodes by field path, for example ``validity.notAfter`` or ``keyUsage``.
        extensions: every extension in order.
        first: the first extension of each type.
        faults: breaches of DER and of the ASN.1 of a certificate, the ECDSA-Sig-Value left out.
        signature_faults: breaches inside the ECDSA-Sig-Value.
    """

    fields: dict[str, Node]
    extensions: tuple[Extension, ...]
    first: dict[str, Extension]
    faults: tuple[DerFault, ...]
    signature_faults: tuple[DerFault, ...]


def read_syntax(octets: bytes, *, name: str) -> CertificateSyntax:
    """Find the fields of a certificate.

    Args:
        octets: the artefact.
        name: its name, for errors.

    Returns:
        Fields and breaches.

    Raises:
        ArtefactError: a field that every certificate has is missing or of another type.
    """
    reader = _Reader(octets, name)
    reader.certificate()
    return CertificateSyntax(
        fields=reader.fields,
        extensions=tuple(reader.extensions),
        first={each.oid: each for each in reversed(reader.extensions)},
        faults=tuple(sorted(reader.faults, key=lambda fault: fault.offset)),
        signature_faults=tuple(reader.signature_faults),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionList:
    """Extensions that stand somewhere else than in a certificate.

    Args:
        extensions: every extension in order.
        faults: breaches of DER and of the ASN.1 of an extension.
    """

    extensions: tuple[Extension, ...]
    faults: tuple[DerFault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureSyntax:
    """An ECDSA-Sig-Value.

    Args:
        r: first number, None where the signature does not hold two INTEGERs.
        s: second number.
        faults: breaches inside it.
    """

    r: int | None
    s: int | None
    faults: tuple[DerFault, ...]


def read_extensions(octets: bytes, node: Node | None, *, name: str) -> ExtensionList:
    """Read a SEQUENCE OF Extension of a request or a revocation list.

    Args:
        octets: the artefact.
        node: the SEQUENCE, None where there is none.
        name: name of the artefact.
    """
    reader = _Reader(octets, name)
    for each in node.children if node is not None else ():
        reader.extension(each)
    return ExtensionList(extensions=tuple(reader.extensions), faults=tuple(reader.faults))


def read_signature(octets: bytes, node: Node, *, name: str) -> SignatureSyntax:
    """Read the ECDSA-Sig-Value inside the BIT STRING of a request or a revocation list."""
    reader = _Reader(octets, name)
    reader.signature(node)
    r, s = reader.fields.get("signatureValue.r"), reader.fields.get("signatureValue.s")
    return SignatureSyntax(
        r=der.integer_value(r) if r is not None else None,
        s=der.integer_value(s) if s is not None else None,
        faults=tuple(reader.signature_faults),
    )


class _Reader:
    """One reading of one certificate."""

    __slots__ = ("extensions", "faults", "fields", "name", "octets", "paths", "signature_faults")

    def __init__(self, octets: bytes, name: str) -> None:
        self.octets = octets
        self.name = name
        self.fields: dict[str, Node] = {}
        self.paths: dict[str, str] = {}  # positions such as 0.3.1 to field paths
        self.extensions: list[Extension] = []
        self.faults: list[DerFault] = []
        self.signature_faults: list[DerFault] = []

    def certificate(self) -> None:
        """Read the whole."""
        tree = der.walk(self.octets)
        if tree.root is None or tree.root.identifier != der.SEQUENCE:
            raise self.refusal("certificate", tree.root, 0, "SEQUENCE")
        root = tree.root
        self.keep("certificate", root, "")
        tbs = self.required("tbsCertificate", root, 0, der.SEQUENCE)
        self.required("signatureAlgorithm", root, 1, der.SEQUENCE)
        signature = self.required("signatureValue", root, 2, der.BIT_STRING)
        for extra in root.children[3:]:
            self.misplaced(extra, "certificate", "three elements")
        self.to_be_signed(tbs)
        self.faults.extend(self.named(fault) for fault in tree.faults)
        self.signature(signature)

    def to_be_signed(self, tbs: Node) -> None:
        """Read the TBSCertificate."""
        position = 0
        if tbs.children and tbs.children[0].identifier == 0xA0:
            position = 1
            self.keep("version", tbs.children[0], "0.0")
            self.version(tbs.children[0])
        for field, identifier in _TBS:
            self.required(field, tbs, position, identifier, prefix="0.")
            position += 1
        self.pair("validity", ("notBefore", "notAfter"), (der.UTC_TIME, der.GENERALIZED_TIME))
        self.public_key_info()
        for index, node in enumerate(tbs.children[position:], start=position):
            field = _OPTIONAL.get(node.identifier, "")
            if not field or field in self.fields:
                self.misplaced(node, "tbsCertificate", "no further element")
                continue
            self.keep(field, node, f"0.{index}")
            if field == "extensions":
                self.extension_list(node)

    def version(self, node: Node) -> None:
        """Judge the version, whose default v1 must be left out."""
        inner = node.children[0] if len(node.children) == 1 else None
        if inner is None or inner.identifier != der.INTEGER:
            self.misplaced(node, "version", "one INTEGER")
        elif not der.integer_value(inner):
            self.default(inner, "version", "v1 left out")

    def pair(self, field: str, names: tuple[str, str], identifiers: tuple[int, ...]) -> None:
        """Name the two elements of a SEQUENCE."""
        node = self.fields[field]
        if len(node.children) != 2 or any(child.identifier not in identifiers for child in node.children):
            self.misplaced(node, field, " and ".join(names))
        for name, child in zip(names, node.children, strict=False):
            self.fields[f"{field}.{name}"] = child

    def public_key_info(self) -> None:
        """Name the elements of the SubjectPublicKeyInfo."""
        field = "subjectPublicKeyInfo"
        node = self.fields[field]
        if [child.identifier for child in node.children] != [der.SEQUENCE, der.BIT_STRING]:
            self.misplaced(node, field, "an AlgorithmIdentifier and a BIT STRING")
        for child in node.children:
            if child.identifier == der.SEQUENCE:
                self.fields.setdefault(f"{field}.algorithm", child)
            elif child.identifier == der.BIT_STRING:
                self.fields.setdefault(f"{field}.subjectPublicKey", child)

    def extension_list(self, node: Node) -> None:
        """Read the extensions."""
        if len(node.children) != 1 or node.children[0].identifier != der.SEQUENCE or not node.children[0].children:
            self.misplaced(node, "extensions", "one SEQUENCE of extensions")
        for each in node.children[0].children if node.children else ():
            self.extension(each)

    def extension(self, node: Node) -> None:
        """Read one extension and the value inside it."""
        shape = [child.identifier for child in node.children]
        if shape not in ([der.OID, der.OCTET_STRING], [der.OID, der.BOOLEAN, der.OCTET_STRING]):
            self.misplaced(node, "extensions", "OBJECT IDENTIFIER, BOOLEAN if critical, OCTET STRING")
            return
        critical = node.children[1] if len(shape) == 3 else None
        holder = node.children[-1]
        oid = der.oid_text(node.children[0].value)
        path = oids.EXTENSIONS.get(oid, oid)
        tree = der.walk(self.octets, start=holder.content, end=holder.content + holder.length, path=path)
        self.faults.extend(tree.faults)
        if critical is not None and critical.value == b"\0":
            self.default(critical, f"{path}.critical", "FALSE left out")
        if tree.root is not None:
            self.inner(oid, path, tree.root)
        self.fields.setdefault(path, node)
        self.extensions.append(
            Extension(
                oid=oid,
                # Any octet but 00 is TRUE in BER; DER's FF is judged with the other BOOLEANs.
                critical=critical is not None and any(critical.value),
                node=node,
                critical_node=critical,
                value_node=holder,
                inner=tree.root,
            )
        )

    def inner(self, oid: str, path: str, root: Node) -> None:
        """Judge what only the type of the extension tells: named bits and defaults."""
        if oid == oids.KEY_USAGE and root.identifier == der.BIT_STRING:
            if fault := der.named_bits_fault(root, path=path):
                self.faults.append(fault)
        elif oid == oids.BASIC_CONSTRAINTS and root.children and root.children[0].identifier == der.BOOLEAN:
            authority = root.children[0]
            if authority.value == b"\0":
                self.default(authority, f"{path}.cA", "FALSE left out")

    def signature(self, node: Node) -> None:
        """Walk the ECDSA-Sig-Value inside the signature."""
        start, end = node.content + 1, node.content + node.length
        path = "signatureValue"
        tree = der.walk(self.octets, start=min(start, end), end=end, path=path)
        root = tree.root
        self.paths |= {f"{path}.0": f"{path}.r", f"{path}.1": f"{path}.s"}
        self.signature_faults.extend(self.named(fault) for fault in tree.faults)
        if root is None:
            return
        if root.identifier != der.SEQUENCE or [each.identifier for each in root.children] != [der.INTEGER, der.INTEGER]:
            self.signature_faults.append(self.syntax_fault(root, path, "a SEQUENCE of two INTEGERs"))
            return
        for name, child in zip(("r", "s"), root.children, strict=True):
            self.fields[f"{path}.{name}"] = child

    def keep(self, field: str, node: Node, positions: str) -> None:
        """File a node under its field path."""
        self.fields[field] = node
        self.paths[positions] = field

    def required(self, field: str, parent: Node, index: int, identifier: int, *, prefix: str = "") -> Node:
        """Take a child that every certificate has."""
        node = parent.children[index] if index < len(parent.children) else None
        if node is None or node.identifier != identifier:
            raise self.refusal(field, node, parent.end, _TYPES[identifier])
        self.keep(field, node, f"{prefix}{index}")
        return node

    def named(self, fault: DerFault) -> DerFault:
        """Put field paths in place of positions."""
        known, rest = fault.path, ""
        while known and known not in self.paths:
            known, _, last = known.rpartition(".")
            rest = f".{last}{rest}"
        return replace(fault, path=f"{self.paths.get(known, known)}{rest}")

    def default(self, node: Node, path: str, expected: str) -> None:
        """Note a DEFAULT value that was written out: X.690 11.5."""
        self.faults.append(
            DerFault(
                rule=DerRule.DEFAULT,
                offset=node.start,
                length=node.end - node.start,
                path=path,
                expected=expected,
                seen=node.encoding.hex().upper(),
            )
        )

    def misplaced(self, node: Node, path: str, expected: str) -> None:
        """Note an element that is not what the ASN.1 puts there."""
        self.faults.append(self.syntax_fault(node, path, expected))

    def syntax_fault(self, node: Node, path: str, expected: str) -> DerFault:
        """An element that is not what the ASN.1 puts there."""
        return DerFault(
            rule=DerRule.SYNTAX,
            offset=node.start,
            length=node.end - node.start,
            path=path,
            expected=expected,
            seen=f"tag {node.identifier:02X} with {len(node.children)} elements and {node.length} octets",
        )

    def refusal(self, field: str, node: Node | None, place: int, expected: str) -> ArtefactError:
        """The error for something that is no certificate at all."""
        return ArtefactError(
            "this is no X.509 certificate",
            artefact=self.name,
            offset=place if node is None else node.start,
            length=0 if node is None else node.end - node.start,
            path=field,
            clause="RFC 5280 4.1",
            expected=expected,
            seen="nothing" if node is None else f"tag {node.identifier:02X}",
        )
