"""The order of the steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from trialconformance.core import ArtefactError
from trialconformance.evidence.attest.trust import TrustPolicy
from trialconformance.evidence.bundle.archive import unpack
from trialconformance.evidence.bundle.opened import Bundle, opened
from trialconformance.evidence.verify.again import check_again
from trialconformance.evidence.verify.chain import check_chain, check_image
from trialconformance.evidence.verify.integrity import check_integrity
from trialconformance.evidence.verify.outcome import Outcome, Step, Verification, step
from trialconformance.evidence.verify.papers import check_dates, check_trace
from trialconformance.evidence.verify.signatures import check_signatures

if TYPE_CHECKING:  # judging again needs the whole engine, verifying digests and signatures does not
    from trialconformance.evidence.replay import Replay

__all__ = ["verify_bundle"]

_LAST = 10


def verify_bundle(
    octets: bytes, *, trust: TrustPolicy | None, on: date, again: Callable[[Bundle], Replay] | None
) -> Verification:
    """Verify a bundle from nobody knows whom.

    Args:
        octets: the archive.
        trust: whom the verifier trusts, None where nothing is said; never taken from the bundle.
        on: the day of verification, on which keys must be good.
        again: how to judge again, ``evidence.replay.replay``; None leaves steps 6 and 8 open.

    Returns:
        Every step with its outcome; steps that could not be reached count as failed.
    """
    try:
        files = unpack(octets)
    except ArtefactError as error:
        return _stopped([step(1, faults=[str(error)])])
    first = step(1, notes=[f"{len(files)} files, {sum(map(len, files.values())):,} octets"])
    try:
        bundle = opened(files)
    except ArtefactError as error:
        return _stopped([first, step(3, faults=[f"{error.artefact}: {error.message}"])])
    second, fourth, signed_by = check_signatures(bundle, trust, on=on)
    third = check_integrity(bundle)
    steps = [first, second, third, fourth]
    # What is not listed or was changed is not worth judging, and not safe to unpack.
    if third.outcome is Outcome.FAILED:
        return _stopped(steps, statement=bundle.record.statement)
    sixth, eighth = check_again(bundle, again)
    steps += [
        check_chain(bundle), sixth, check_image(bundle), eighth, check_dates(bundle), check_trace(bundle)
    ]  # fmt: skip
    return Verification(
        steps=tuple(sorted(steps, key=lambda each: each.number)),
        statement=bundle.record.statement,
        signed_by=signed_by,
    )


def _stopped(steps: list[Step], *, statement: str = "") -> Verification:
    done = {each.number for each in steps}
    open_steps = [
        Step(number=number, outcome=Outcome.NOT_REACHED) for number in range(1, _LAST + 1) if number not in done
    ]
    return Verification(steps=tuple(sorted([*steps, *open_steps], key=lambda each: each.number)), statement=statement)
