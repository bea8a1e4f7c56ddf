"""Steps 6 and 8: what was judged is judged again from the bundle alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from trialconformance.core import ArtefactError, UsageError
from trialconformance.evidence.bundle.opened import Bundle
from trialconformance.evidence.verify.outcome import Step, step

if TYPE_CHECKING:  # judging again needs the whole engine, verifying digests and signatures does not
    from trialconformance.evidence.replay import Replay

__all__ = ["check_again"]

_SHOWN = 10  # cases named in one note
_CPL = "CPL-"


def check_again(bundle: Bundle, again: Callable[[Bundle], Replay] | None) -> tuple[Step, Step]:
    """Judge again and compare row by row.

    Args:
        bundle: the opened bundle, whose files are those of the manifest.
        again: how to judge again; None where the verifier does not want to.

    Returns:
        Steps 6 and 8. A difference that nothing explains is a fault; one that withheld inputs or another version of the
        tool can explain is a gap.
    """
    if again is None:
        skipped = ["not judged again on request"]
        return step(6, gaps=skipped), step(8, gaps=skipped)
    try:
        replayed = again(bundle)
    except (UsageError, ArtefactError) as error:
        cannot = [f"cannot be judged again: {error}"]
        return step(6, gaps=cannot), step(8, gaps=cannot)
    changed = [change.case for change in replayed.comparison.changes]
    other = [cause_words for words in replayed.comparison.differences.values() for cause_words in words]
    return (
        _step(6, [case for case in changed if case.startswith(_CPL)], [], replayed),
        _step(8, [case for case in changed if not case.startswith(_CPL)], other, replayed),
    )


def _step(number: int, changed: list[str], other: list[str], replayed: Replay) -> Step:
    found = []
    if changed:
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        found.append(f"judged differently: {', '.join(changed[:_SHOWN])}{more}")
    found += [f"the record differs: {words}" for words in other]
    if not found:
        return step(number, notes=["every row is the same again"])
    if replayed.explanations:
        return step(number, gaps=found, notes=[f"can be explained: {words}" for words in replayed.explanations])
    return step(number, faults=found)
