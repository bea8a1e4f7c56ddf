"""The trial's own rows on the CPL of a run, read under the profile that the run was judged with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trialconformance.core import ArtefactError, Record, UsageError
from trialconformance.cpl import Document, Profile, load_profile, read_document
from trialconformance.cpl.delimited import Row
from trialconformance.cpl.profile import profile_of

__all__ = ["Listing", "listing", "octets_of_role"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The list after the change.

    Args:
        document: the list.
        rows: its rows that carry the trial reference of the record.
    """

    document: Document
    rows: tuple[Row, ...]

    def values(self, role: str) -> tuple[str, ...]:
        """What the trial's rows say in the column of a role."""
        return tuple(self.document.value(row, role) for row in self.rows)


def octets_of_role(record: Record, inputs: Mapping[str, bytes], role: str) -> tuple[str, bytes] | None:
    """Find the one artefact of a role.

    Args:
        record: the record.
        inputs: octets by artefact name.
        role: role of the artefact.

    Returns:
        Its name and octets, None where it was not given or is withheld.
    """
    return next(
        ((each.name, inputs[each.name]) for each in record.artefacts if each.role == role and each.name in inputs), None
    )


def listing(record: Record, inputs: Mapping[str, bytes], *, profile: Profile | None = None) -> Listing | None:
    """Read the trial's rows.

    Args:
        record: the record.
        inputs: octets by artefact name.
        profile: the profile of the run; one that is among the inputs is taken before it, the shipped one after it.

    Returns:
        The listing, None where there is no list or its profile cannot be read: their own cases say so.
    """
    found = octets_of_role(record, inputs, "cpl-after")
    if found is None:
        return None
    own = octets_of_role(record, inputs, "cpl-profile")
    try:
        profile = profile_of(own[1], where=own[0]) if own else profile or load_profile()
        document = read_document(found[1], profile=profile, name=found[0])
    except (ArtefactError, UsageError):
        return None
    reference = record.subject.trial_reference
    rows = tuple(row for row in document.records if reference and document.value(row, "cpa_ref") == reference)
    return Listing(document=document, rows=rows)
