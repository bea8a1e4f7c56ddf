"""What the commands of the trial regime read from the command line: days, keys, list, register, policy, inventory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trialconformance import cpl
from trialconformance.core import UsageError, parse_eui64, sha256_hex
from trialconformance.core.dsse import PrivateKey, PublicKey, read_private_key, read_public_key
from trialconformance.trial.listing import ListedModel, Listing
from trialconformance.trial.policy import PRESETS, Policy, load_policy
from trialconformance.trial.register import Register
from trialconformance.trial.register_folder import load_register

if TYPE_CHECKING:
    from trialconformance.trial.field.inputs import FieldInputs, Run

__all__ = [
    "AsJson",
    "AsOf",
    "Estate",
    "ListedCpl",
    "PolicyName",
    "RegisterFolder",
    "TrustedKeys",
    "day_of",
    "devices_in",
    "field_inputs",
    "need_polars",
    "octets_of",
    "policy_of",
    "private_key",
    "register_of",
    "runner",
    "target_row",
]

AsOf = Annotated[str, typer.Option("--as-of", help="Day, YYYY-MM-DD; today by default.")]
AsJson = Annotated[bool, typer.Option("--json", help="Machine output on standard output.")]
PolicyName = Annotated[str, typer.Option("--policy", help=f"Limits: {', '.join(PRESETS)}, or a policy file.")]
RegisterFolder = Annotated[Path, typer.Option("--register", help="Folder of the trial register.")]
TrustedKeys = Annotated[
    list[Path] | None, typer.Option("--trust", help="Public key of the register keeper; may be repeated.")
]
_SHORTEST_KEY = 16  # octets of a secret for pseudonyms
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day_of(text: str, *, where: str = "--as-of") -> date:
    """Read a day as people write it; an empty text is today. Raises UsageError otherwise."""
    if not text:
        return datetime.now(UTC).date()
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise UsageError(f"{text!r} is no day", where=where, accepted="YYYY-MM-DD")


def octets_of(path: Path, *, where: str) -> bytes:
    """Read a file; raises UsageError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=f"{where} {path}", accepted="a file") from error


def policy_of(name: str) -> Policy:
    """Load a preset by name, or a policy file."""
    return load_policy(Path(name) if name.endswith(".json") or Path(name).is_file() else name)


def private_key(path: Path) -> PrivateKey:
    """Read a private key to sign with."""
    return read_private_key(octets_of(path, where="--key"), where=str(path))


def public_keys(paths: list[Path] | None) -> tuple[PublicKey, ...]:
    """Read public keys to verify with."""
    return tuple(read_public_key(octets_of(path, where="--trust"), where=str(path)) for path in paths or ())


def register_of(folder: Path, trust: list[Path] | None) -> Register:
    """Load a register; where keys are given, every state must be signed by one of them.

    Args:
        folder: the register.
        trust: public keys of its keeper.

    Returns:
        The register.

    Raises:
        UsageError: it cannot be read, or a state is not signed by a trusted key.
        ArtefactError: its chain is broken.
    """
    register = load_register(folder, keys=public_keys(trust))
    if trust and register.unsigned:
        raise UsageError(
            f"{register.unsigned[0]} is not signed by a trusted key", where=str(folder), accepted="states of the keeper"
        )
    return register


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCpl:
    """A list with what a report says of it.

    Args:
        listing: its rows.
        sha256: its digest.
        profile: the profile it was read under, with its status.
    """

    listing: Listing
    sha256: str
    profile: str

    @classmethod
    def read(cls, path: Path, profile_file: Path | None) -> ListedCpl:
        """Read a list under the shipped profile or a user's own; raises ArtefactError where it cannot be read."""
        profile = cpl.load_profile(profile_file)
        document = cpl.read_file(path, profile=profile)
        if document.fault is not None:
            raise document.fault
        return cls(listing=Listing.of(document), sha256=sha256_hex(document.octets), profile=profile.label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """The options of every command that joins an inventory.

    Args:
        inventory: files or folders.
        register: folder of the register.
        trust: public keys of its keeper.
        listed: the list.
        columns: names of columns other than the shipped ones.
        drawn: the day the inventory was drawn, where it has no manifest.
        as_of: the day of the report.
        policy: limits.
        allowlist: devices that may take part.
        key: file with the secret of the pseudonyms.
    """

    inventory: list[Path]
    register: Path
    trust: list[Path] | None
    listed: ListedCpl
    columns: Path | None
    drawn: str
    as_of: str
    policy: str
    allowlist: Path | None
    key: Path | None


def field_inputs(estate: Estate) -> FieldInputs:
    """Bring together what an inventory is joined with.

    Args:
        estate: the options.

    Returns:
        The inputs of the join.

    Raises:
        UsageError: Polars is not installed, or something cannot be read.
        ArtefactError: the register's chain is broken.
    """
    need_polars()
    from trialconformance.trial.field.columns import load_inventory_facts  # noqa: PLC0415 -- an extra
    from trialconformance.trial.field.inputs import FieldInputs  # noqa: PLC0415 -- an extra
    from trialconformance.trial.field.sources import ExtractManifest, partitions  # noqa: PLC0415 -- an extra

    as_of = day_of(estate.as_of)
    return FieldInputs(
        partitions=partitions(estate.inventory),
        facts=load_inventory_facts(estate.columns),
        manifest=ExtractManifest.beside(estate.inventory),
        drawn=day_of(estate.drawn, where="--drawn") if estate.drawn else as_of,
        as_of=as_of,
        listing=estate.listed.listing,
        list_sha256=estate.listed.sha256,
        list_profile=estate.listed.profile,
        register=register_of(estate.register, estate.trust),
        policy=policy_of(estate.policy),
        allowlist=frozenset(devices_in(estate.allowlist)) if estate.allowlist else None,
        key=_secret(estate.key) if estate.key else None,
    )


def devices_in(path: Path) -> list[bytes]:
    """Read a list of devices: one EUI-64 a line, ``#`` begins a comment.

    Args:
        path: the file.

    Returns:
        8 octets each, in the order of the file.

    Raises:
        UsageError: it cannot be read, a line is no EUI-64, or a device stands twice (names the line).
    """
    found: dict[bytes, int] = {}
    lines = octets_of(path, where="devices").decode("utf-8", "replace").splitlines()
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        device = parse_eui64(text, where=f"{path}, line {number}")
        if device in found:
            raise UsageError(
                f"the device of line {found[device]} stands there again",
                where=f"{path}, line {number}",
                accepted="every device once",
            )
        found[device] = number
    return list(found)


def target_row(listing: Listing, register: Register, trial: str, firmware: str) -> ListedModel | None:
    """Find the row that a trial's devices are to be upgraded to, a certified one of the trial's hardware first.

    Args:
        listing: the list.
        register: the register.
        trial: trial reference.
        firmware: OTA file version, 8 hex digits, empty for none.

    Returns:
        The row, None where there is none of that firmware.
    """
    entry = register.entry(trial)
    if not firmware or entry is None:
        return None
    variants = {(each.type, each.model_id, each.hardware) for each in entry.models}
    rows = [row for row in listing.models if row.firmware == firmware.upper()]
    rows = [row for row in rows if row.manufacturer == entry.manufacturer.zigbee_id] or rows
    rows.sort(key=lambda row: ((row.type, row.model_id, row.hardware) not in variants, not row.is_certified, row.entry))
    return rows[0] if rows else None


@contextmanager
def runner(*, workers: int, address: str) -> Iterator[Run]:
    """Choose how partitions are worked through.

    Args:
        workers: worker processes of a cluster on this machine; 0 for none.
        address: scheduler of a cluster that runs already, empty for none.

    Yields:
        What the join takes as ``run``.

    Raises:
        UsageError: a cluster is asked for and Dask is not installed.
    """
    if not workers and not address:
        from trialconformance.trial.field.inputs import run_here  # noqa: PLC0415 -- an extra

        yield run_here
        return
    _need("distributed", "cluster")
    from trialconformance.trial.field.cluster import on_cluster  # noqa: PLC0415 -- an extra

    with on_cluster(workers=workers, address=address or None) as run:
        yield run


def _secret(path: Path) -> bytes:
    octets = octets_of(path, where="--pseudonym-key").strip()
    if len(octets) < _SHORTEST_KEY:
        raise UsageError("is too short to hide identities", where=str(path), accepted=f"{_SHORTEST_KEY} octets or more")
    return octets


def need_polars() -> None:
    """Raise UsageError where Polars is not installed."""
    _need("polars", "field")


def _need(module: str, extra: str) -> None:
    if find_spec(module) is None:
        raise UsageError(
            f"{module} is not installed", where="field report", accepted=f"pip install 'trialconformance[{extra}]'"
        )
