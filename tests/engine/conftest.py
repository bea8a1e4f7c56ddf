"""A small world to judge: five checks, two artefacts, nothing of the real domains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from trialconformance.core import (
    ArtefactError,
    Basis,
    Case,
    Check,
    Claims,
    Effective,
    Finding,
    Scope,
    Severity,
    Span,
    check,
    finding,
    sha256_hex,
)
from trialconformance.engine.applicability import Applicability
from trialconformance.engine.judge import Judge
from trialconformance.engine.waivers import Waivable, Waiver

AS_OF = date(2026, 3, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An artefact that is good unless it holds FF."""

    name: str
    octets: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What there is to judge."""

    things: tuple[Thing, ...]
    asked: list[str] = field(default_factory=list)

    def subjects(self, domain: str, kind: str) -> Sequence[Any]:
        """All things, whatever domain asks."""
        self.asked.append(domain)
        return self.things if kind == "thing" else ()

    def missing(self, kind: str) -> str | None:
        """The digest is wanted."""
        return "no digest was given" if kind == "digest" else None

    @property
    def digests(self) -> Mapping[str, str]:
        """Digest by name."""
        return {each.name: sha256_hex(each.octets) for each in self.things}

    def octets(self, name: str) -> bytes | None:
        """Content by name."""
        return next((each.octets for each in self.things if each.name == name), None)


EVERY_THING = Scope(kind="thing", title="every thing")


@check("TOY-FF-01", clause="Toy 1", applies_to=EVERY_THING)
def no_ff(thing: Thing) -> Iterator[Finding]:
    """A thing holds no FF."""
    if (at := thing.octets.find(0xFF)) >= 0:
        yield finding(expected="no FF", seen="FF", at=Span(start=at, length=1, path="body"))


@check("TOY-FF-02", clause="Toy 2", applies_to=EVERY_THING, basis=Basis.ASSUMED)
def assumed_no_ff(thing: Thing) -> Iterator[Finding]:
    """It is assumed that a thing holds no FF."""
    yield from no_ff(thing)


@check("TOY-FF-03", clause="Toy 3", applies_to=EVERY_THING, severity=Severity.SHOULD, effective=Effective(since=(4, 0)))
def breaks_on_ff(thing: Thing) -> Iterator[Finding]:
    """This check breaks where a thing holds FF."""
    if 0xFF in thing.octets:
        raise RuntimeError(f"cannot <object at 0x7f{'0' * 10}>")
    yield from ()


@check("TOY-FF-04", clause="Toy 4", applies_to=EVERY_THING)
def unreadable_on_ff(thing: Thing) -> Iterator[Finding]:
    """A thing can be read."""
    if 0xFF in thing.octets:
        raise ArtefactError("cannot be read", offset=1, length=1, path="body", expected="no FF", seen="FF")
    yield from ()


@check(
    "TOY-FF-05",
    clause="Toy 5",
    applies_to=Scope(
        kind="thing",
        title="every big thing",
        admits=lambda thing: len(thing.octets) > 8,
        why_not=lambda thing: "small by decision 7" if thing.name == "small" else "",
        ruled_out_by=lambda claims: None if "ECS17b" in claims.use_cases else "ECS17b is not claimed",
    ),
)
def big_thing_names_another(thing: Thing) -> Iterator[Finding]:
    """A big thing is named together with the first one."""
    yield finding(expected="nothing big", seen="big", artefact="good", at=Span(start=0, length=1))


@check(
    "TOY-FF-07",
    clause="Toy 7",
    applies_to=Scope(
        kind="thing",
        title="every thing whose key is at hand",
        admits=lambda thing: not thing.name.startswith("keyless"),
        wants=lambda thing: "its key is not at hand" if thing.name.startswith("keyless") else "",
    ),
)
def key_opens(thing: Thing) -> Iterator[Finding]:
    """The key opens the thing."""
    yield from no_ff(thing)


@check("TOY-FF-06", clause="Toy 6", applies_to=Scope(kind="digest", title="the digest"))
def digest_agrees(thing: Thing) -> Iterator[Finding]:
    """The published digest is that of the thing."""
    yield from no_ff(thing)


CHECKS: tuple[Check, ...] = (
    digest_agrees,
    key_opens,
    no_ff,
    assumed_no_ff,
    breaks_on_ff,
    unreadable_on_ff,
    big_thing_names_another,
)
LIVE = Case(
    id="RISK-TOY-01",
    title="withstands",
    requirement="The device withstands it.",
    clause="SC toy",
    severity=Severity.MUST,
    basis=Basis.SOURCE,
    scope=Scope(kind="device", title="a live device"),
)


class Toy:
    """The small world, for tests that get it as a fixture."""

    AS_OF = AS_OF
    GOOD = Thing(name="good", octets=b"\x01\x02")
    BAD = Thing(name="bad", octets=b"\x01\xff\x03")
    BIG = Thing(name="big", octets=bytes(9))
    SMALL = Thing(name="small", octets=b"\x02")
    CHECKS = CHECKS
    LIVE = LIVE

    def waiver(self, **changes: Any) -> Waiver:
        """A waiver of the breach of TOY-FF-01 in ``bad`` that is in order, changed where a test says so."""
        values = {
            "case": "TOY-FF-01",
            "clause": "Toy 1",
            "reason": "known",
            "owner_role": "manufacturer",
            "approver_role": "SSC",
            "expiry": AS_OF,
            "artefact_digest": sha256_hex(self.BAD.octets),
        }
        return Waiver.model_validate(values | changes)

    def judge(self, *things: Thing, **changes: Any) -> Judge:
        """A judge of these things, with other settings where a test says so."""
        settings: dict[str, Any] = {
            "checks": CHECKS,
            "procedures": (LIVE,),
            "applicability": Applicability(
                claims=Claims(device_type="HCALCS", use_cases=frozenset({"ECS17b"})), gbcs_version=(4, 2), profiles={}
            ),
            "waivable": Waivable(clause="Toy", cases=("TOY-*", "RISK-*")),
            "waivers_name": "waivers.toml",
            "as_of": AS_OF,
        }
        return Judge(World(things=things), **(settings | changes))


@pytest.fixture
def toy() -> Toy:
    """The small world."""
    return Toy()
