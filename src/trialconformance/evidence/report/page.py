"""One HTML page that needs nothing but itself."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum

from markupsafe import Markup

from trialconformance.core import Record, sha256_hex
from trialconformance.evidence.report.asked import asked_for
from trialconformance.evidence.report.note import Note
from trialconformance.evidence.report.sections import sections, sensitivity
from trialconformance.evidence.report.templating import asset, fill
from trialconformance.evidence.report.view import overview
from trialconformance.evidence.trace import KINDS

__all__ = ["Standing", "render"]


class Standing(StrEnum):
    """Whether somebody vouches for a record."""

    ALONE = "alone"
    """Nobody: the page stands by itself."""

    BUNDLED = "bundled"
    """The bundle around the page says so, not the page."""

    VERIFIED = "verified"
    """Signatures were verified when the page was made."""


_FINDINGS_SHOWN = 25  # of one case; the record holds them all


def render(
    record: Record,
    *,
    inputs: Mapping[str, bytes],
    digest: str | None = None,
    notes: Sequence[Note] = (),
    attachments: Mapping[str, bytes] | None = None,
    standing: Standing = Standing.ALONE,
    signatures: Sequence[str] = (),
) -> str:
    """Render the report of a record.

    Args:
        record: the record.
        inputs: octets by artefact name, for the sections that show artefacts.
        digest: SHA-256 of the record where the caller knows it.
        notes: sections of a user's own plugin.
        attachments: what else the run left behind, by name: transcripts of a live device.
        standing: whether somebody vouches for the record, as far as the caller knows.
        signatures: who vouches for it, a line each; shown where the standing is verified.

    Returns:
        One HTML document: no request to anywhere, readable without JavaScript, the same text for the same record.
    """
    style, script = asset("report.css"), asset("report.js")
    return fill(
        "report.html",
        record=record,
        view=overview(record, digest=digest or sha256_hex(record.to_json()), kinds=KINDS),
        # Both are files of this package, never input.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=(
            f"default-src 'none'; style-src {_csp_hash(style)}; script-src {_csp_hash(script)}; "
            "img-src data:; base-uri 'none'; form-action 'none'"
        ),
        asked=asked_for(record, inputs),
        sensitivity=sensitivity.score(record, inputs),
        sections=sections(record, inputs, notes, attachments or {}),
        standing=standing,
        signatures=signatures,
        shown=_FINDINGS_SHOWN,
    )


def _csp_hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"
