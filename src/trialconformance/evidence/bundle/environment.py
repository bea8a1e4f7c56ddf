"""What the run was made with: the tool, Python and the dependencies, by version and digest."""

from __future__ import annotations

import platform
import re
import sys
from functools import cache
from importlib.metadata import PackageMetadata, PackageNotFoundError, distribution
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trialconformance.core import canonical_json, sha256_hex

__all__ = ["Component", "EnvironmentRecord", "environment"]

_TOOL = "trialconformance"
_LONGEST_LICENCE = 80  # characters; more is the text of a licence, not its name
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Component(_Row):
    """One installed distribution.

    Args:
        name: normalised name.
        version: version.
        licence: what the distribution says of its licence, empty if nothing.
        sha256: digest of its ``RECORD`` file, which lists each installed file by digest; empty if there is none.
        requires: names of the distributions it needs here.
    """

    name: str
    version: str
    licence: str
    sha256: str
    requires: tuple[str, ...]


class EnvironmentRecord(_Row):
    """The environment of a run; no host name, no user, no path.

    Args:
        python: version of Python.
        implementation: for example ``CPython``.
        system: operating system and machine, for example ``Linux x86_64``.
        components: the tool and everything it needs, sorted by name.
    """

    schema_id: Literal["trialconformance-environment/1"] = "trialconformance-environment/1"
    python: str
    implementation: str
    system: str
    components: tuple[Component, ...]

    def to_json(self) -> bytes:
        """The canonical octets."""
        return canonical_json(self.model_dump(mode="json"))


@cache
def environment() -> EnvironmentRecord:
    """Look at the environment of this process.

    Returns:
        The tool and its run-time dependencies, found by following their stated requirements.
    """
    components: dict[str, Component] = {}
    open_names = [_TOOL]
    while open_names:
        name = _normal(open_names.pop())
        if name in components:
            continue
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue  # needed on other systems or Pythons only
        metadata = found.metadata  # parsed anew at each access
        requires = _requirements(metadata)
        components[name] = Component(
            name=name,
            version=metadata["Version"],
            licence=_licence(metadata),
            sha256=sha256_hex(record.encode()) if (record := found.read_text("RECORD")) else "",
            requires=requires,
        )
        open_names.extend(requires)
    present = set(components)
    return EnvironmentRecord(
        python=platform.python_version(),
        implementation=sys.implementation.name,
        system=f"{platform.system()} {platform.machine()}",
        components=tuple(
            components[name].model_copy(
                update={"requires": tuple(each for each in components[name].requires if each in present)}
            )
            for name in sorted(components)
        ),
    )


def _requirements(metadata: PackageMetadata) -> tuple[str, ...]:
    names = set()
    for requirement in metadata.get_all("Requires-Dist") or ():
        text, _, marker = requirement.partition(";")
        match = _REQUIREMENT.match(text)
        if match and "extra" not in marker:
            names.add(_normal(match.group()))
    return tuple(sorted(names))


def _licence(metadata: PackageMetadata) -> str:
    stated = (*(metadata.get_all("License-Expression") or ()), *(metadata.get_all("License") or ()), "")[0]
    return stated if len(stated) < _LONGEST_LICENCE and "\n" not in stated else ""


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
