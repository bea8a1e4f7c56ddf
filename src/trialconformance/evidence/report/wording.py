"""Words of the report: what each verdict, severity and basis means to a reader who was not there."""

from __future__ import annotations

from trialconformance.core import Basis, Severity, Verdict

__all__ = ["BASIS", "PAPER", "SEVERITY", "SYMBOL", "VERDICT", "headline"]

# A symbol beside each colour: the report must be readable in black and white and to the colour-blind.
SYMBOL: dict[Verdict, str] = {
    Verdict.PASS: "✓",
    Verdict.FAIL: "✕",
    Verdict.INCONCLUSIVE: "?",
    Verdict.ERROR: "!",
    Verdict.WAIVED: "~",
    Verdict.NOT_APPLICABLE: "-",
    Verdict.NOT_EFFECTIVE: "-",
    Verdict.NOT_RUN: "!",
}

# Colours of the accounting bar where the style sheet does not reach into drawings (PDF); those of the print style.
PAPER: dict[Verdict, str] = {
    Verdict.PASS: "#14683b",
    Verdict.FAIL: "#a8171c",
    Verdict.INCONCLUSIVE: "#845000",
    Verdict.ERROR: "#a8171c",
    Verdict.WAIVED: "#5b3a91",
    Verdict.NOT_APPLICABLE: "#a9b0b7",
    Verdict.NOT_EFFECTIVE: "#cdd2d7",
    Verdict.NOT_RUN: "#a8171c",
}

VERDICT: dict[Verdict, str] = {
    Verdict.PASS: "every artefact the case looks at was judged and none breaks the requirement",
    Verdict.FAIL: "at least one artefact breaks the requirement",
    Verdict.INCONCLUSIVE: "a finding rests on an unconfirmed assumption, or the evidence does not decide the case",
    Verdict.ERROR: "the tool broke while it judged the case; never read as a pass",
    Verdict.WAIVED: "findings are covered by a waiver that is in force and names its owner and approver",
    Verdict.NOT_APPLICABLE: "ruled out by an item of the ICS, or the submission holds nothing the case looks at",
    Verdict.NOT_EFFECTIVE: "the case does not hold in the specification version judged against",
    Verdict.NOT_RUN: "no result reached the record: left out by a person, or lost",
}

SEVERITY: dict[Severity, str] = {
    Severity.MUST: "decides the verdict of the run",
    Severity.SHOULD: "remark: a breach is shown, the verdict does not depend on it",
    Severity.INFO: "information only",
}

BASIS: dict[Basis, str] = {
    Basis.SOURCE: "stated by the clause named",
    Basis.VECTORS: "shown by official test vectors",
    Basis.ASSUMED: "our reading, not confirmed by anyone",
}

_HEADLINES: dict[Verdict, str] = {
    Verdict.PASS: "No case that decides the verdict failed, and every case that applies was judged.",
    Verdict.FAIL: "At least one case that decides the verdict failed, broke or was lost, or nothing was judged.",
    Verdict.INCONCLUSIVE: "Nothing failed, but at least one case that decides the verdict is not settled.",
}


def headline(verdict: Verdict, *, partial: bool) -> str:
    """Explain the verdict of a run in one sentence.

    Args:
        verdict: the verdict of the run.
        partial: whether a person left cases out of the run.

    Returns:
        The sentence.
    """
    if partial and verdict is Verdict.INCONCLUSIVE:
        return "A person left cases out of this run: whatever the others say, it cannot end in a pass."
    return _HEADLINES[verdict]
