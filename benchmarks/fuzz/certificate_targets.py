"""What is fuzzed of certificates: the DER walker, certificates, signing requests and revocation lists.

Any octets must be read or refused with ArtefactError, every place a finding names must lie inside them, and what the
walker calls DER must be what a writer of DER writes.
"""

from __future__ import annotations

from collections.abc import Callable

from trialconformance.core import ArtefactError
from trialconformance.smki import Certificate, der, load_profile
from trialconformance.smki.context import certificate_subjects
from trialconformance.smki.corpus import load_corpus, make_chain
from trialconformance.smki.der_writer import length_octets
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.lint import Judge
from trialconformance.smki.request import REQUEST, CertificateRequest, RequestInContext
from trialconformance.smki.revocation import REVOCATION_LIST, ListInContext, RevocationList

__all__ = ["TARGETS", "run"]

_PKI = SyntheticPki()
_PROFILE = load_profile("test-pki")
_JUDGE = Judge(_PROFILE)
_CA = _PKI.authority("device-issuing")


class EscapeError(AssertionError):
    """Something was accepted, or said, that must not be."""


def walk(octets: bytes) -> None:
    """Octets without a breach are what a writer of DER writes for the values in them."""
    tree = der.walk(octets)
    _inside([(each.offset, each.offset + each.length) for each in tree.faults], octets)
    if not tree.faults and (tree.root is None or _written(tree.root) != octets):
        raise EscapeError(f"called DER: {octets.hex()}")


def _written(node: der.Node) -> bytes:
    header = node.octets[node.start : node.content]
    identifier = header[
        : 1 if header[0] & 0x1F != 0x1F else 1 + next(at for at, o in enumerate(header[1:], 1) if o < 0x80)
    ]
    content = b"".join(map(_written, node.children)) if node.constructed else node.value
    return identifier + length_octets(len(content)) + content


def _inside(places: list[tuple[int, int]], octets: bytes) -> None:
    if any(not 0 <= start <= end <= len(octets) for start, end in places):
        raise EscapeError(f"a place outside {octets.hex()}: {places}")


def certificate(octets: bytes) -> None:
    """A certificate is judged by every case, alone and below a CA."""
    subjects = certificate_subjects(
        [Certificate.parse(octets, name="fuzz"), _CA],
        policies=_PROFILE.policies,
        anchors=_PROFILE.trusted(),
        clock=_PROFILE.clock,
    )
    for subject, found in _JUDGE.all(subjects):
        if subject.name == "fuzz":
            _inside([(each.finding.span.start, each.finding.span.end) for each in found if each.finding.span], octets)


def request(octets: bytes) -> None:
    """A signing request is judged by every case."""
    subject = RequestInContext(request=CertificateRequest.parse(octets), device=_PKI.entity("esme"))
    _JUDGE.judge(REQUEST, subject)


def revocations(octets: bytes) -> None:
    """A revocation list is judged by every case."""
    subject = ListInContext(revocations=RevocationList.parse(octets), issuer=_CA, clock=_PROFILE.clock)
    _JUDGE.judge(REVOCATION_LIST, subject)


_CHAINS = tuple(make_chain(_PKI, case).leaf for case in load_corpus().cases)
TARGETS: dict[str, tuple[Callable[[bytes], None], tuple[bytes, ...]]] = {
    "der": (walk, _CHAINS),
    "certificate": (certificate, _CHAINS),
    "request": (request, (_PKI.request("esme", "ds"), _PKI.request("esme", "ka"))),
    "list": (revocations, (_PKI.revocation_list("device-issuing", [1, 2]),)),
}


def run(target: str, octets: bytes) -> bool:
    """Run one target; ArtefactError is how a reader refuses.

    Args:
        target: name of the target.
        octets: the input.

    Returns:
        Whether the input was read.
    """
    try:
        TARGETS[target][0](octets)
    except ArtefactError:
        return False
    return True
