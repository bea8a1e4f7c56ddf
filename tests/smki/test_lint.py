"""Judging under a profile, and bounds on what hostile input may cost."""

from __future__ import annotations

import time
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from trialconformance.core import ArtefactError, Basis
from trialconformance.smki import Certificate, CertificateInContext, der_writer, load_profile
from trialconformance.smki.checks import CHECKS, encoding
from trialconformance.smki.context import CERTIFICATE, certificate_subjects
from trialconformance.smki.der import DerRule
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.lint import Judge
from trialconformance.smki.recipe import ExtensionRecipe, Recipe

_PKI = SyntheticPki()  # Hypothesis takes no fixtures of narrower scope
_JUDGE = Judge(load_profile("production"))
_FIELDS = ("version", "serial", "algorithm", "issuer", "not_before", "not_after", "subject", "key", "unique_ids")


def test_every_der_rule_belongs_to_one_case() -> None:
    """Each rule of the walker is reported by exactly one of the encoding cases."""
    groups = (
        encoding.WHOLE_RULES,
        encoding.LENGTH_RULES,
        encoding.BOOLEAN_RULES,
        encoding.INTEGER_RULES,
        encoding.BIT_STRING_RULES,
    )
    assert sorted(rule for group in groups for rule in group) == sorted(DerRule)


def test_every_case_says_what_it_asks_and_where_from() -> None:
    """Each case has a requirement sentence, a clause and a scope with a title."""
    for check in CHECKS:
        assert check.case.requirement.endswith("."), check.case.id
        assert check.case.clause
        assert check.case.scope.title
        assert check.case.domain == "smki"


def test_what_no_public_source_says_is_assumed() -> None:
    """The cases that the reference marks as unsure are assumed, so that they never fail a device."""
    unsure = {"TBS-12", "TBS-13", "EXT-04", "EXT-20", "CHN-11", "CRL-01"}
    assumed = {check.case.id.removeprefix("SMKI-") for check in CHECKS if check.case.basis is Basis.ASSUMED}
    assert unsure <= assumed


def test_findings_are_complete(strict: Judge, spoil: Callable[..., Certificate]) -> None:
    """A finding of the judge names its case and artefact and carries the octets around it."""
    bad = spoil()
    (found,) = strict.judge(CERTIFICATE, Certificate.parse(bad.octets + b"\x00", name="tail"))
    assert (found.finding.case, found.finding.artefact) == ("SMKI-ENC-01", "tail")
    assert found.finding.excerpt is not None
    assert found.finding.excerpt.octets.endswith("00")


def test_a_group_is_judged_in_context(strict: Judge) -> None:
    """Every certificate of a group is judged alone, beside the others and with its chain."""
    subjects = certificate_subjects(_PKI.keystore().certificates)
    names = [subject.name for subject, _ in strict.all(subjects)]
    assert len(names) == 3 * 35
    assert all(isinstance(each, CertificateInContext) for each in subjects["certificate-in-context"])


@settings(max_examples=60)
@given(st.sampled_from(_FIELDS), st.binary(max_size=80))
def test_any_field_content_is_judged(field: str, content: bytes) -> None:
    """Whatever octets stand in the place of a field, judging ends without an exception of ours."""
    recipe = _PKI.recipe("esme", "ds")
    changed = Recipe(**{name: getattr(recipe, name) for name in Recipe.__slots__} | {field: content})
    octets = changed.signed_by(_PKI.authority_key("device-issuing"))
    try:
        certificate = Certificate.parse(octets, name="hostile")
    except ArtefactError as refused:
        found = list(_JUDGE.unreadable(refused, name="hostile", octets=octets))
    else:
        found = [each for _, group in _JUDGE.all(certificate_subjects([certificate])) for each in group]
    assert all(each.finding.case for each in found)


def test_ten_thousand_extensions_are_judged_in_bounded_time(strict: Judge) -> None:
    """A certificate with 10,000 extensions, and one with 10,000 names, is judged in seconds."""
    recipe = _PKI.recipe("esme", "ds")
    many = tuple(
        ExtensionRecipe(oid=f"1.3.6.1.4.1.32473.7.{number}", value=der_writer.null()) for number in range(10_000)
    )
    names = der_writer.sequence(*(der_writer.context(2, b"x") for _ in range(10_000)))
    wide = ExtensionRecipe(oid="2.5.29.17", value=names)
    for extensions in (many, (*recipe.extensions, wide)):
        changed = Recipe(**{name: getattr(recipe, name) for name in Recipe.__slots__} | {"extensions": extensions})
        octets = changed.signed_by(_PKI.authority_key("device-issuing"))
        started = time.process_time()
        certificate = Certificate.parse(octets, name="wide")
        found = strict.judge(CERTIFICATE, certificate)
        assert time.process_time() - started < 10
        assert all(len(each.finding.seen) < 2_000 for each in found)


def test_findings_stay_short(strict: Judge) -> None:
    """What a finding shows of a hostile value is cut: no finding repeats megabytes of it."""
    recipe = _PKI.recipe("esme", "ds")
    huge = der_writer.tlv(0x0C, b"A" * 1_000_000)
    subject = der_writer.sequence(der_writer.set_of(der_writer.sequence(der_writer.oid("2.5.4.3"), huge)))
    changed = Recipe(**{name: getattr(recipe, name) for name in Recipe.__slots__} | {"subject": subject})
    certificate = Certificate.parse(changed.signed_by(_PKI.authority_key("device-issuing")), name="huge")
    for each in strict.judge(CERTIFICATE, certificate):
        assert len(each.finding.seen) + len(each.finding.expected) < 2_000
