"""The example application in a folder, with the ways that several test modules look at it and change it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from trialconformance import cpl
from trialconformance.core import Check, Finding
from trialconformance.cpl import Comparison, Document
from trialconformance.trial import Application, Policy, Submission, subjects
from trialconformance.trial.application import TRIAL_APPLICATION
from trialconformance.trial.checks import CHECKS
from trialconformance.trial.example import ExampleFacts, example_files
from trialconformance.trial.listing import Listing

DATA = Path(__file__).parents[1] / "data"
SSC = ec.derive_private_key(1111, ec.SECP256R1())
KEEPER = ec.derive_private_key(2222, ec.SECP256R1())
STRANGER = ec.derive_private_key(3333, ec.SECP256R1())
REFERENCE = "TRIAL-2022-0007-49"
IMAGE_HASH = "17AB4B55AA02FF240148C459BAD6953D65FA60A6F2527E21906096FAFAF315D8"
CERTIFIED_ROW = (
    b"6,Active,HCALCS,,F0B2,Sample Switches plc,0302,0001,00000C01,SMETS V4.2,3.2,"
    b"AAAB4B55AA02FF240148C459BAD6953D65FA60A6F2527E21906096FAFAF315D8,EXAMPLE-CPA-0302,,1.4,ZIG-EX-0006,,03/07/2023,\r\n"
)


def facts() -> ExampleFacts:
    """What the example is about."""
    artefacts: dict[str, str | list[str]] = {
        "cpl_before": "cpl/before.csv",
        "cpl_after": "cpl/after.csv",
        "register": "register",
    }
    return ExampleFacts(image_hash=IMAGE_HASH, use_cases=("CS06", "CS08"), artefacts=artefacts)


@cache
def example() -> dict[str, bytes]:
    """Every file of the example."""
    lists = {f"cpl/{name}.csv": (DATA / f"{name}.csv").read_bytes() for name in ("before", "after")}
    return example_files(facts(), ssc=SSC, keeper=KEEPER) | lists


_FORMAT: dict[tuple[bytes, bytes], list[Finding]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A folder with the example.

    Args:
        folder: where it lies.
    """

    folder: Path

    @property
    def path(self) -> Path:
        """The submission."""
        return self.folder / "submission.toml"

    @property
    def submission(self) -> Submission:
        """The submission as it is now."""
        return Submission.read(self.path)

    def edit(self, old: str, new: str, *, file: str = "submission.toml") -> None:
        """Replace some text of a file that must be there."""
        path = self.folder / file
        text = path.read_bytes().decode()
        assert old in text, f"{old!r} is not in {file}"
        path.write_bytes(text.replace(old, new).encode())

    def add(self, text: str) -> None:
        """Add tables to the end of the submission."""
        self.path.write_bytes(self.path.read_bytes() + f"\n{text}\n".encode())

    def write(self, file: str, octets: bytes) -> None:
        """Put a file into the folder."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(octets)

    def application(self, *, as_of: date | None = None, policy: Policy | None = None) -> Application:
        """The application as the cases see it."""
        read = self.submission
        before, after = (self._list(path) for path in (read.artefacts.cpl_before, read.artefacts.cpl_after))
        comparison: Comparison | None = None
        if before is not None and after is not None:
            comparison = cpl.compare(before=before, after=after)
        found = subjects(
            read, policy=policy or read.read_policy(), before=before, after=after, comparison=comparison, as_of=as_of
        )
        (application,) = found[TRIAL_APPLICATION]
        assert isinstance(application, Application)
        return application

    def judge(self, *, as_of: date | None = None, policy: Policy | None = None) -> dict[str, list[Finding] | str]:
        """Findings of every case by its id, or why it does not concern the application."""
        application = self.application(as_of=as_of, policy=policy)
        return {
            check.case.id: self._findings(check, application)
            if check.case.scope.admits(application)
            else check.case.scope.why_not(application)
            for check in CHECKS
        }

    def _findings(self, check: Check, application: Application) -> list[Finding]:
        """Findings of a case; TR-10 looks at nothing but the two lists, and each pair is judged once."""
        comparison = application.comparison
        if check.case.id != "TRIAL-TR-10" or comparison is None:
            return list(check(application))
        pair = (comparison.before.octets, comparison.after.octets)
        if pair not in _FORMAT:
            _FORMAT[pair] = list(check(application))
        return _FORMAT[pair]

    def broken(self, *, as_of: date | None = None, policy: Policy | None = None) -> set[str]:
        """Ids of the requirements whose case has a finding, those that the example leaves open aside."""
        judged = self.judge(as_of=as_of, policy=policy)
        return {
            case_id.removeprefix("TRIAL-") for case_id, found in judged.items() if found and not isinstance(found, str)
        } - {"TR-42"}

    def findings(self, requirement: str, *, as_of: date | None = None) -> list[Finding]:
        """Findings of one requirement, which must concern the application."""
        found = self.judge(as_of=as_of)[f"TRIAL-{requirement}"]
        assert not isinstance(found, str), found
        return found

    def _list(self, path: Path | None) -> Document | None:
        return read_list(path) if path else None


def read_list(path: Path) -> Document:
    """Read a list under the shipped profile."""
    return cpl.read_document(path.read_bytes(), profile=cpl.load_profile(), name=path.name)


def listing(*rows: bytes, name: str = "after.csv") -> Listing:
    """The list of the example with some rows more."""
    octets = (DATA / name).read_bytes() + b"".join(rows)
    return Listing.of(cpl.read_document(octets, profile=cpl.load_profile(), name=name))
