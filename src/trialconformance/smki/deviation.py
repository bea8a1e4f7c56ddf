"""Deviations on demand: edits, written as data, that turn the recipe of a good certificate into that of a bad one.

Every edit is small and says what it does, so that a negative case can be read without running it. Values are DER as hex
because what is wanted is often what no encoder would write.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from trialconformance.core import UsageError
from trialconformance.smki import der_writer as write
from trialconformance.smki import oids, p256
from trialconformance.smki.recipe import ExtensionRecipe, Recipe, signature_value

__all__ = [
    "AddExtension",
    "ChangeExtension",
    "ChangeOctets",
    "Edit",
    "Keys",
    "SetField",
    "Sign",
    "Signature",
    "extensions_with",
    "issue",
]

_Hex = Annotated[str, StringConstraints(pattern=r"^([0-9a-fA-F]{2})*$")]
_OIDS = {name: oid for oid, name in oids.EXTENSIONS.items()}


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SetField(_Row):
    """Put other octets in the place of a field.

    Args:
        field: the field.
        der: its DER.
    """

    op: Literal["set"]
    field: Literal[
        "version", "serial", "algorithm", "outer_algorithm", "issuer", "not_before", "not_after", "subject", "key",
        "unique_ids",
    ]  # fmt: skip
    der: _Hex


class ChangeExtension(_Row):
    """Change, remove or repeat an extension.

    Args:
        name: its name, for example ``keyUsage``.
        value: DER to put inside, None to keep it.
        critical: DER of the BOOLEAN, empty to leave it out, None to keep it.
    """

    op: Literal["change", "remove", "repeat"]
    name: str
    value: _Hex | None = None
    critical: _Hex | None = None


class AddExtension(_Row):
    """Add an extension at the end.

    Args:
        oid: its type, dotted.
        value: DER inside.
        critical: DER of the BOOLEAN, empty to leave it out.
    """

    op: Literal["add"]
    oid: str
    value: _Hex
    critical: _Hex = ""


class Sign(_Row):
    """Sign with another key.

    Args:
        key: ``own``, ``stranger`` or the name of a CA.
    """

    op: Literal["sign"]
    key: str


class Signature(_Row):
    """Spoil the signature after it was made.

    Args:
        form: what to do: pad r or s with a zero octet, flip a bit, take a number out of range, claim unused bits, use
            the other of the two values of s, write the two numbers without ASN.1, add octets inside.
    """

    op: Literal["signature"]
    form: Literal[
        "pad-r", "pad-s", "flip", "zero-r", "zero-s", "order-r", "order-s", "unused-bits", "other-s", "raw", "trailing",
        "empty",
    ]  # fmt: skip


class ChangeOctets(_Row):
    """Spoil the octets of the finished certificate.

    Args:
        form: append octets, cut the last ones off, write the outer length in a longer or the indefinite form.
        hex: the octets to append.
        count: how many octets to cut off.
    """

    op: Literal["octets"]
    form: Literal["append", "truncate", "long-length", "indefinite"]
    hex: _Hex = ""
    count: int = 0


Edit = Annotated[SetField | ChangeExtension | AddExtension | Sign | Signature | ChangeOctets, Field(discriminator="op")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys that an edit may sign with.

    Args:
        issuer: key of the CA that should sign.
        own: key of the certificate itself.
        others: further keys by name.
    """

    issuer: ec.EllipticCurvePrivateKey
    own: ec.EllipticCurvePrivateKey
    others: dict[str, ec.EllipticCurvePrivateKey]

    def named(self, name: str) -> ec.EllipticCurvePrivateKey:
        """The key of a name; raises UsageError where there is none."""
        known = {"own": self.own} | self.others
        if name not in known:
            raise UsageError(f"no key is called {name!r}", where="sign", accepted=", ".join(sorted(known)))
        return known[name]


def issue(recipe: Recipe, edits: Iterable[Edit], keys: Keys) -> bytes:
    """Make a certificate with deviations.

    Args:
        recipe: what a good one is made of.
        edits: what to make wrong, in order.
        keys: the keys to sign with.

    Returns:
        The octets; the same for the same arguments.

    Raises:
        UsageError: an edit names an extension or a key that does not exist.
    """
    key, signature, octets_edits = keys.issuer, "", []
    for edit in edits:
        if isinstance(edit, SetField):
            recipe = _with_field(recipe, edit)
        elif isinstance(edit, ChangeExtension | AddExtension):
            recipe = replace(recipe, extensions=extensions_with(recipe.extensions, edit))
        elif isinstance(edit, Sign):
            key = keys.named(edit.key)
        elif isinstance(edit, Signature):
            signature = edit.form
        else:
            octets_edits.append(edit)
    octets = _signed(recipe, key, signature)
    for edit in octets_edits:
        octets = _spoilt(octets, edit)
    return octets


def _with_field(recipe: Recipe, edit: SetField) -> Recipe:
    fields: dict[str, Any] = {edit.field: bytes.fromhex(edit.der)}
    return replace(recipe, **fields)


def extensions_with(
    extensions: tuple[ExtensionRecipe, ...], edit: ChangeExtension | AddExtension
) -> tuple[ExtensionRecipe, ...]:
    """Change a list of extensions, of a certificate or of a request.

    Args:
        extensions: the extensions in order.
        edit: what to change.

    Raises:
        UsageError: the edit names an extension that is not there.
    """
    if isinstance(edit, AddExtension):
        added = ExtensionRecipe(oid=edit.oid, critical=bytes.fromhex(edit.critical), value=bytes.fromhex(edit.value))
        return (*extensions, added)
    oid = _OIDS.get(edit.name)
    found = next((each for each in extensions if each.oid == oid), None)
    if found is None:
        raise UsageError(
            f"there is no extension {edit.name!r}",
            where=edit.op,
            accepted=", ".join(oids.EXTENSIONS.get(each.oid, each.oid) for each in extensions),
        )
    if edit.op == "remove":
        return tuple(each for each in extensions if each is not found)
    changed = ExtensionRecipe(
        oid=found.oid,
        critical=found.critical if edit.critical is None else bytes.fromhex(edit.critical),
        value=found.value if edit.value is None else bytes.fromhex(edit.value),
    )
    if edit.op == "repeat":
        return (*extensions, changed)
    return tuple(changed if each is found else each for each in extensions)


def _signed(recipe: Recipe, key: ec.EllipticCurvePrivateKey, form: str) -> bytes:
    to_be_signed = recipe.to_be_signed()
    r, s = p256.sign(key, to_be_signed)
    numbers = {
        "zero-r": (0, s),
        "zero-s": (r, 0),
        "order-r": (p256.ORDER, s),
        "order-s": (r, p256.ORDER),
        # Both s and n - s verify; official certificates use either.
        "other-s": (r, p256.ORDER - s),
        # The group order is odd, so one of the two is even and leaves its last bit unused.
        "unused-bits": (r, s if s % 2 == 0 else p256.ORDER - s),
    }.get(form, (r, s))
    content = signature_value(*numbers)
    if form in {"pad-r", "pad-s"}:
        padded = [_padded(each) if form == name else write.integer(each) for each, name in ((r, "pad-r"), (s, "pad-s"))]
        content = write.sequence(*padded)
    elif form == "flip":
        content = content[:-1] + bytes([content[-1] ^ 1])
    elif form == "raw":
        content = r.to_bytes(32) + s.to_bytes(32)
    elif form == "trailing":
        content += b"\x00"
    elif form == "empty":
        content = write.sequence()
    octets = recipe.around(to_be_signed, content)
    if form == "unused-bits":
        at = len(octets) - len(content) - 1
        octets = octets[:at] + b"\x01" + octets[at + 1 :]
    return octets


def _padded(number: int) -> bytes:
    content = write.integer(number)[2:]
    return write.tlv(0x02, b"\x00", content)


def _spoilt(octets: bytes, edit: ChangeOctets) -> bytes:
    if edit.form == "append":
        return octets + bytes.fromhex(edit.hex)
    if edit.form == "truncate":
        return octets[: -edit.count]
    content = octets[4:]  # after 30 82 and two octets of length
    if edit.form == "long-length":
        return b"\x30\x83\x00" + octets[2:4] + content
    return b"\x30\x80" + content + b"\x00\x00"
