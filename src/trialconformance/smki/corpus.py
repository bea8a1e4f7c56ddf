"""The negative corpus: chains that a checker must refuse, as data, made from the synthetic PKI when they are needed.

Each case says what is wrong, who must report it, what the verdict is and with what status a device answers. A chain
that is refused by another case than the named ones is a failure of the checker, not a pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from trialconformance.core import load_json, read_data
from trialconformance.smki.certificate import Certificate, CertificateKind
from trialconformance.smki.deviation import Edit, Keys, issue
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.path import Anchor, Hierarchy
from trialconformance.smki.plan import Use
from trialconformance.smki.seed import private_key

__all__ = ["ChainCase", "Corpus", "MadeChain", "Step", "load_corpus", "make_chain"]

_DATA = "data/corpus.json"


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Step(_Row):
    """One certificate of a chain.

    Args:
        name: its name in the case.
        holder: party or device, or the name of a CA.
        use: what a party's or device's certificate is for; None for a CA.
        edits: what is wrong with it.
    """

    name: str
    holder: str
    use: Use | None = None
    edits: tuple[Edit, ...] = ()


class ChainCase(_Row):
    """One case.

    Args:
        id: fixed for ever.
        title: what is wrong.
        leaf: the leaf; the Device Certificate of the ESME by default.
        made: further certificates, each named by its name; CAs of the PKI need not be listed.
        path: names of the path certificates offered, the issuing CA of the leaf by default.
        anchors: names of the trusted CAs, the root of the leaf's hierarchy by default.
        clock: moment of judgement, None where time is disapplied.
        status: Repository status of the leaf, empty where it is not known.
        siblings: other certificates of the same identity, each named as in ``made``.
        verdict: whether the chain must be refused; undecided where only an assumption is broken.
        cases: exactly the cases that report something.
        predicted: the status code that a device should answer with.
        why: why it is accepted, or what else is to be known about it.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[NS][0-9]{3}[a-z]?$")]
    title: str
    leaf: Step = Step(name="leaf", holder="esme", use="ds")
    made: tuple[Step, ...] = ()
    path: tuple[str, ...] | None = None
    anchors: tuple[str, ...] | None = None
    clock: AwareDatetime | None = Field(default=datetime.fromisoformat("2018-06-01T00:00:00+00:00"))
    status: str = ""
    siblings: tuple[str, ...] = ()
    verdict: Literal["refuse", "undecided", "accept"] = "refuse"
    cases: frozenset[str]
    predicted: int
    why: str = ""


class Corpus(_Row):
    """Cases and what they are judged against.

    Args:
        description: what it is for.
        policies: policy identifiers by certificate kind.
        cases: the cases.
    """

    description: str
    policies: dict[CertificateKind, frozenset[str]]
    cases: tuple[ChainCase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeChain:
    """A case as octets.

    Args:
        case: the case.
        leaf: octets of the leaf.
        path: octets of the path certificates, in order.
        anchors: what is trusted.
        siblings: octets of other certificates of the same identity.
    """

    case: ChainCase
    leaf: bytes
    path: tuple[bytes, ...]
    anchors: tuple[Anchor, ...]
    siblings: tuple[bytes, ...]


def load_corpus(file: Path | None = None) -> Corpus:
    """Load the cases.

    Args:
        file: a user's own corpus instead of the one of this package.

    Raises:
        UsageError: the file cannot be read or is no corpus.
    """
    octets = read_data("trialconformance.smki", _DATA, override=file)
    return load_json(Corpus, octets, where=_DATA if file is None else str(file))


def make_chain(pki: SyntheticPki, case: ChainCase) -> MadeChain:
    """Make the certificates of a case.

    Args:
        pki: the PKI they deviate from.
        case: the case.

    Returns:
        The octets; the same for the same arguments.
    """
    steps = {each.name: each for each in case.made}
    issuing = pki.issuer_of(case.leaf.holder) if case.leaf.use is not None else "org-root"
    device = issuing.startswith("device")
    path = (issuing,) if case.path is None else case.path
    anchors = (("device-root" if device else "org-root"),) if case.anchors is None else case.anchors
    return MadeChain(
        case=case,
        leaf=_octets(pki, case.leaf),
        path=tuple(_named(pki, steps, name) for name in path),
        anchors=tuple(_anchor(pki, steps, name) for name in anchors),
        siblings=tuple(_named(pki, steps, name) for name in case.siblings),
    )


def _named(pki: SyntheticPki, steps: Mapping[str, Step], name: str) -> bytes:
    return _octets(pki, steps[name]) if name in steps else pki.authority(name).octets


def _anchor(pki: SyntheticPki, steps: Mapping[str, Step], name: str) -> Anchor:
    certificate = Certificate.parse(_named(pki, steps, name), name=name)
    hierarchy = Hierarchy.DEVICE if name.startswith("device") else Hierarchy.ORGANISATION
    return Anchor.of(certificate, hierarchy=hierarchy)


def _octets(pki: SyntheticPki, step: Step) -> bytes:
    others = {each.name: pki.authority_key(each.name) for each in pki.plan.authorities}
    others["stranger"] = private_key(pki.plan.seed, "corpus/stranger")
    others["gsme"] = pki.private_key("gsme", "ds")
    if step.use is None:
        own = pki.authority_key(step.holder)
        issuer = pki.authority_key(pki.issuer_of_authority(step.holder))
        return issue(pki.authority_recipe(step.holder), step.edits, Keys(issuer=issuer, own=own, others=others))
    own = pki.private_key(step.holder, step.use)
    issuer = pki.authority_key(pki.issuer_of(step.holder))
    return issue(pki.recipe(step.holder, step.use), step.edits, Keys(issuer=issuer, own=own, others=others))
