"""A list beside the one before it: what differs, and what of that was declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric import ec

from trialconformance.core.dsse import PublicKey
from trialconformance.cpl.change import Addition, ChangeManifest, Update
from trialconformance.cpl.crosscheck import CertificateFacts, DeviceReading
from trialconformance.cpl.delimited import Row
from trialconformance.cpl.document import Document
from trialconformance.cpl.duis import FirmwareRequest, Prenotification
from trialconformance.cpl.image import Image
from trialconformance.cpl.legacy import LegacyList, load
from trialconformance.cpl.lookup import Lookup
from trialconformance.cpl.mutant import Mutant
from trialconformance.cpl.profile import Profile
from trialconformance.cpl.register import RegisterEntry
from trialconformance.cpl.trial_reference import Codec, Decoded, Trial, codec

__all__ = ["Comparison", "Delivery"]

Declared = TypeVar("Declared", Addition, Update)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came with the lists.

    Args:
        before_sha256: published digest of the list before, 64 hex digits.
        after_sha256: published digest of the list after.
        before_signature: signature over the list before.
        after_signature: signature over the list after.
        public_key: key that verifies both.
        dcc_copy: the copy that DCC received.
        load_seconds: time to load one record of the list before and of the list after, medians.
        diff_sha256: digest of the diff report that was recorded for this change.
    """

    before_sha256: str | None = None
    after_sha256: str | None = None
    before_signature: bytes | None = None
    after_signature: bytes | None = None
    public_key: PublicKey | None = None
    dcc_copy: bytes | None = None
    load_seconds: tuple[float, float] | None = None
    diff_sha256: str | None = None


# Not slotted: what follows from two lists is worked out once, when a check first asks for it.
@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Two lists under one profile.

    Args:
        before: the list that is known to load.
        after: the list that is to be loaded.
        manifest: the declared change, None where nobody declared one.
        register: the trial register, None where it was not given.
        as_of: date of judgement, None where none was given.
        images: firmware images.
        delivery: what came with the lists.
        image_key: public key that verifies signed images.
        readings: what devices say of themselves.
        certificates: what assurance certificates say.
        notices: DUIS pre-notifications.
        requests: DUIS requests that distribute firmware.
        kill_list: mutants to try instead of the shipped ones.
    """

    before: Document
    after: Document
    manifest: ChangeManifest | None = None
    register: tuple[RegisterEntry, ...] | None = None
    as_of: date | None = None
    images: tuple[Image, ...] = ()
    delivery: Delivery = Delivery()
    image_key: ec.EllipticCurvePublicKey | None = None
    readings: tuple[DeviceReading, ...] = ()
    certificates: tuple[CertificateFacts, ...] = ()
    notices: tuple[Prenotification, ...] = ()
    requests: tuple[FirmwareRequest, ...] = ()
    kill_list: tuple[Mutant, ...] | None = None

    @property
    def name(self) -> str:
        """Name of the list after."""
        return self.after.name

    @property
    def octets(self) -> bytes:
        """Octets of the list after."""
        return self.after.octets

    @property
    def profile(self) -> Profile:
        """The profile both were read under."""
        return self.after.profile

    @cached_property
    def codec(self) -> Codec:
        """The codec of trial references."""
        flag = self.profile.trial
        return codec(flag.codec, prefix=flag.prefix if flag.codec == "trial-alpha-1" else "")

    def decoded(self, document: Document, row: Row) -> Decoded:
        """What the reference of a record says (TD-01: of no other column)."""
        text = document.value(row, "cpa_ref")
        if text not in self._decoded:
            self._decoded[text] = self.codec.decode(text)
        return self._decoded[text]

    @cached_property
    def _decoded(self) -> dict[str, Decoded]:
        return {}

    def is_trial(self, document: Document, row: Row) -> bool:
        """Whether a record is marked as a trial."""
        return isinstance(self.decoded(document, row), Trial)

    @cached_property
    def trial_rows(self) -> tuple[Row, ...]:
        """Records of the list after that are marked as a trial."""
        return tuple(row for row in self.after.records if self.is_trial(self.after, row))

    @cached_property
    def added(self) -> tuple[Row, ...]:
        """Records of the list after without an identical record in the list before."""
        return _surplus(self.after.records, self.before.records)

    @cached_property
    def gone(self) -> tuple[Row, ...]:
        """Records of the list before without an identical record in the list after."""
        return _surplus(self.before.records, self.after.records)

    @cached_property
    def changes(self) -> ChangeManifest:
        """The declared change.

        Where nobody declared one, the appended records with a valid trial reference stand for it, and so does a
        trial record that was updated where updates may touch it. Anything else stays undeclared.
        """
        if self.manifest is not None:
            return self.manifest
        additions, updates = [], []
        for row in self.added:
            entry = self.after.entry(row)
            earlier = self.before.by_entry.get(entry)
            if earlier is None:
                if self.is_trial(self.after, row):
                    additions.append(Addition(entry=entry, cells=self._cells(self.after, row)))
                continue
            touched = {name for name in self.profile.names if self.differs(earlier, row, name)}
            if touched and touched <= self.profile.updatable_columns and self.is_trial(self.before, earlier):
                updates.append(
                    Update(
                        entry=entry,
                        trial=self.is_trial(self.after, row),
                        was={name: self.before.cell(earlier, name) for name in touched},
                        cells={name: self.after.cell(row, name) for name in touched},
                    )
                )
        return ChangeManifest(profile=self.profile.profile_id, additions=_once(additions), updates=_once(updates))

    def differs(self, earlier: Row, later: Row, column: str) -> bool:
        """Whether a record has another text in a column than it had before."""
        return self.before.cell(earlier, column) != self.after.cell(later, column)

    @staticmethod
    def _cells(document: Document, row: Row) -> dict[str, str]:
        return {name: document.cell(row, name) for name in document.profile.names}

    @cached_property
    def declared(self) -> frozenset[str]:
        """Entries that are declared to be added, updated or removed."""
        return frozenset(each.entry for each in self.changes.all)

    @cached_property
    def touched(self) -> frozenset[str]:
        """Entries of the list before that are declared to be updated or removed."""
        return frozenset(each.entry for each in self.changes.all if not isinstance(each, Addition))

    @cached_property
    def declared_rows(self) -> tuple[Row, ...]:
        """Records of the list after that a declaration adds or updates."""
        pairs = zip(self.after.records, self.after.entries, strict=True)
        return tuple(row for row, entry in pairs if entry in self.declared)

    @cached_property
    def legacy_before(self) -> LegacyList:
        """The list before as the legacy reader loads it."""
        return load(self.before)

    @cached_property
    def legacy_after(self) -> LegacyList:
        """The list after as the legacy reader loads it."""
        return load(self.after)

    def again(self) -> Comparison:
        """The same comparison with nothing kept of what was worked out."""
        return replace(self)

    @cached_property
    def lookup(self) -> Lookup:
        """How DUIS finds an entry of the list after."""
        return Lookup.of(self.after)

    @cached_property
    def kept(self) -> tuple[tuple[Row, Row], ...]:
        """Records of the list before that no declaration touches, each with the record of that entry after."""
        later = self.after.by_entry
        return tuple(
            (row, later[entry])
            for row, entry in zip(self.before.records, self.before.entries, strict=True)
            if entry not in self.touched and entry in later
        )


def _surplus(rows: Iterable[Row], others: Iterable[Row]) -> tuple[Row, ...]:
    left = Counter(row.octets for row in others)
    found = []
    for row in rows:
        if left[row.octets] > 0:
            left[row.octets] -= 1
        else:
            found.append(row)
    return tuple(found)


def _once(changes: list[Declared]) -> tuple[Declared, ...]:
    return tuple({each.entry: each for each in changes}.values())
