"""A copy of the packaged trial submission for every test, and a pytest that runs as a user's does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from trialconformance.core import Record
from trialconformance.packaged import packaged

# An inner pytest forgets what it imports, and cryptography cannot be imported twice: so everything is imported here.
import_module("trialconformance.pytest_shell")

_ALONE = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:cov")


class Bench:
    """A folder with a submission in it."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.folder = pytester.path
        self.submission = self.folder / "submission.toml"
        shutil.copytree(packaged("fixtures") / "demo", self.folder, dirs_exist_ok=True)

    def run(self, *words: str, process: bool = False) -> pytest.RunResult:
        """Run pytest over the submission, in this process unless a test needs another one."""
        run = self.pytester.runpytest_subprocess if process else self.pytester.runpytest_inprocess
        return run(*_ALONE, "--trial", "submission.toml", *words)

    def plugin(self, code: str) -> tuple[str, str]:
        """Write a plugin; the options that load it. Hooks of a conftest do not see items of the shipped suites."""
        self.pytester.makepyfile(disturbance=code)
        self.pytester.syspathinsert()
        return ("-p", "disturbance")

    @property
    def evidence(self) -> Path:
        """Where the results go."""
        return self.folder / "trial-evidence"

    @property
    def record(self) -> Record:
        """The record that the last run wrote."""
        return Record.from_json((self.evidence / "record.json").read_bytes())

    def captures(self) -> Iterator[Path]:
        """The captured messages."""
        yield from sorted((self.folder / "captures").rglob("*.hex"))

    def spoil_signature(self) -> Path:
        """Flip the last bit of a captured message."""
        path = next(self.captures())
        octets = bytearray.fromhex(path.read_text())
        octets[-1] ^= 1
        path.write_text(octets.hex())
        return path

    def edit(self, old: str, new: str) -> None:
        """Change the text of the submission."""
        text = self.submission.read_text()
        assert old in text
        self.submission.write_text(text.replace(old, new))

    def allure(self, folder: str) -> list[Any]:
        """The results that Allure was given."""
        return [json.loads(path.read_bytes()) for path in sorted((self.folder / folder).glob("*-result.json"))]


@pytest.fixture
def bench(pytester: pytest.Pytester) -> Bench:
    """A copy of the packaged trial submission."""
    return Bench(pytester)
