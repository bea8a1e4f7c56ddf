"""Ways up from a leaf: found by key identifier, then by octets of the name, never by likeness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from trialconformance.smki import Certificate, CertificateKind
from trialconformance.smki import der_writer as write
from trialconformance.smki.context import CHAIN, certificate_subjects
from trialconformance.smki.deviation import ChangeExtension
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.lint import Judge
from trialconformance.smki.path import Anchor, ChainBuilder, Hierarchy, signs_certificates
from trialconformance.smki.prediction import ChainJudge
from trialconformance.smki.seed import serial_number

_CLOCK = datetime(2018, 6, 1, tzinfo=UTC)
Spoil = Callable[..., Certificate]


def _root(pki: SyntheticPki, **fields: object) -> Anchor:
    anchor = Anchor.of(pki.authority("device-root"), hierarchy=Hierarchy.DEVICE)
    return replace(anchor, **fields)  # type: ignore[arg-type]  # fields of an Anchor, by name


def test_a_chain_runs_from_leaf_to_root(pki: SyntheticPki) -> None:
    """A good leaf reaches its root in two links, each verified."""
    builder = ChainBuilder([pki.authority("device-issuing")], [_root(pki)], clock=_CLOCK)
    chain = builder.chain(pki.certificate("esme", "ds"))
    assert [link.verifies for link in chain.links] == [True, True]
    assert chain.anchor is not None
    assert chain.anchor.title == "OU=00, CN=TEST-ONLY-DEVICE-ROOT"
    assert chain.below_anchor == (pki.certificate("esme", "ds"), pki.authority("device-issuing"))
    assert chain.top == pki.authority("device-issuing")


def test_a_bare_key_is_an_anchor(pki: SyntheticPki, strict: Judge) -> None:
    """A bare key with a name anchors a chain as a certificate does; a recovered one is called so."""
    bare = _root(pki, certificate=None, subject=None, name="the root", recovered=True)
    chains = ChainJudge((pki.authority("device-issuing"),), anchors=[bare], judge=strict, clock=_CLOCK)
    result = chains.judge(pki.certificate("esme", "ds"))
    assert result.fatal == ()
    assert result.chain.anchor is not None
    assert result.chain.anchor.title == "the root (recovered key)"
    assert result.chain.links[-1].issuer_title == "the root (recovered key)"


def test_without_a_key_identifier_the_name_decides(pki: SyntheticPki, spoil: Spoil) -> None:
    """A certificate without authorityKeyIdentifier finds its issuer by the octets of the name."""
    leaf = spoil(ChangeExtension(op="remove", name="authorityKeyIdentifier"))
    chain = ChainBuilder([pki.authority("device-issuing")], [_root(pki)]).chain(leaf)
    assert [link.verifies for link in chain.links] == [True, True]


def test_of_several_with_one_key_the_one_of_the_right_name_is_taken(pki: SyntheticPki) -> None:
    """Of two CA certificates for one key, the one whose subject is the issuer is taken, in whatever order they come."""
    good = pki.authority("device-issuing")
    recipe = pki.authority_recipe("device-issuing")
    renamed = replace(
        recipe,
        subject=pki.authority_recipe("org-issuing").subject,
        serial=write.integer(serial_number("tests", "renamed")),
    )
    other = Certificate.parse(renamed.signed_by(pki.authority_key("device-root")), name="other")
    for pool in ([good, other], [other, good]):
        chain = ChainBuilder(pool, [_root(pki)]).chain(pki.certificate("esme", "ds"))
        assert chain.links[0].issuer == good


def test_an_anchor_needs_nobody_above_it(pki: SyntheticPki, strict: Judge) -> None:
    """The certificate of an anchor has no link and lacks none."""
    root = pki.authority("device-root")
    subjects = certificate_subjects([root], policies=strict.profile.policies, anchors=[_root(pki)], clock=_CLOCK)
    chain = subjects[CHAIN][0]
    assert (chain.links, chain.anchor is not None) == ((), True)
    assert [each for _, found in strict.all(subjects) for each in found] == []


def test_a_leaf_nobody_issued_stands_alone(pki: SyntheticPki) -> None:
    """Without path and anchors a chain is the leaf alone."""
    leaf = pki.certificate("esme", "ds")
    chain = ChainBuilder([], []).chain(leaf)
    assert (chain.links, chain.anchor, chain.anchored, chain.top) == ((), None, False, leaf)


def test_a_group_judges_leaves_under_cas_of_the_group(pki: SyntheticPki, strict: Judge) -> None:
    """In a key store the CA certificates of the store itself stand between leaves and anchors."""
    group = [pki.authority("device-issuing"), pki.certificate("esme", "ds")]
    subjects = certificate_subjects(group, anchors=[_root(pki)], clock=_CLOCK)
    assert {len(each.links) for each in subjects[CHAIN]} == {1, 2}
    assert all(each.anchor is not None for each in subjects[CHAIN])


def test_hierarchies_are_those_of_leaves() -> None:
    """Devices belong to one hierarchy, organisations to the other, CAs to either."""
    assert Hierarchy.of(CertificateKind.DEVICE) is Hierarchy.DEVICE
    assert Hierarchy.of(CertificateKind.XML_SIGN) is Hierarchy.ORGANISATION
    assert Hierarchy.of(CertificateKind.ISSUING_CA) is None


def test_only_cas_sign_certificates(pki: SyntheticPki) -> None:
    """A CA says that it signs certificates; a leaf does not."""
    assert signs_certificates(pki.authority("org-issuing"))
    assert not signs_certificates(pki.certificate("supplier", "ds"))


def test_a_disagreement_in_the_path_is_found_below_a_bad_ca(pki: SyntheticPki, strict: Judge) -> None:
    """The first fatal breach decides: a leaf that is bad in itself before a path that is bad."""
    leaf = pki.certificate("esme", "ds")
    chains = ChainJudge((), anchors=[_root(pki)], judge=strict, clock=datetime(2017, 6, 1, tzinfo=UTC))
    result = chains.judge(leaf)
    assert [each.case.id for each in result.fatal] == ["SMKI-CHN-04", "SMKI-CHN-05"]
    assert (result.predicted.status, result.predicted.reason, result.predicted.certain) == (10, "SMKI-CHN-04", True)
