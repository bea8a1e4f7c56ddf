"""The options of the pytest plugin as a table; each has an ini twin, and the command line wins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest

__all__ = ["OPTIONS", "Option", "path_of", "value_of", "wanted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An option of the plugin.

    Args:
        flag: the option on the command line.
        ini: its twin in the ini file.
        kind: what it takes.
        metavar: what it is called in the help.
        help: what it does.
    """

    flag: str
    ini: str
    kind: Literal["string", "bool", "args"]
    metavar: str = ""
    help: str

    def register(self, parser: pytest.Parser, group: pytest.OptionGroup) -> None:
        """Register the option and its twin; without either its value is None, False or nothing."""
        if self.kind == "bool":
            group.addoption(self.flag, dest=self.dest, action="store_true", default=None, help=self.help)
        else:
            action = "append" if self.kind == "args" else "store"
            group.addoption(
                self.flag, dest=self.dest, action=action, default=None, metavar=self.metavar, help=self.help
            )
        default: Any = {"string": "", "bool": False, "args": []}[self.kind]
        parser.addini(self.ini, f"{self.help} Twin of {self.flag}.", type=self.kind, default=default)

    @property
    def dest(self) -> str:
        """Name under which pytest keeps the value."""
        return f"trialconformance_{self.ini}"


TRIAL = Option(
    flag="--trial",
    ini="trial",
    kind="string",
    metavar="SUBMISSION",
    help="Judge this submission.toml with the conformance suites.",
)
OUTPUT = Option(
    flag="--trial-output",
    ini="trial_output",
    kind="string",
    metavar="FOLDER",
    help="Where record, report and bundle go; trial-evidence by default.",
)
AS_OF = Option(
    flag="--trial-as-of",
    ini="trial_as_of",
    kind="string",
    metavar="DATE",
    help="Another day of judgement than the submission's, YYYY-MM-DD.",
)
GBCS = Option(
    flag="--trial-gbcs",
    ini="trial_gbcs",
    kind="string",
    metavar="VERSION",
    help="Another GBCS version than the submission's, for example 4.2.",
)
SUITES = Option(
    flag="--trial-suite",
    ini="trial_suites",
    kind="args",
    metavar="NAME",
    help="Only this shipped suite: gbcs, smki, cpl, trial, device or risk; may be repeated.",
)
OFFICIAL = Option(
    flag="--official",
    ini="trial_official",
    kind="bool",
    help="Official run: nothing may be left out or set otherwise than the submission says.",
)
CLAUSE_URL = Option(
    flag="--trial-clause-url",
    ini="trial_clause_url",
    kind="string",
    metavar="URL",
    help="Where Allure links a clause to; {clause} and {case} are filled in.",
)

OPTIONS = (TRIAL, OUTPUT, AS_OF, GBCS, SUITES, OFFICIAL, CLAUSE_URL)


def value_of(config: pytest.Config, option: Option) -> Any:
    """The value of an option: the command line, else the ini file, else None, False or nothing."""
    given = config.getoption(option.dest)
    return config.getini(option.ini) if given is None else given


def path_of(config: pytest.Config, option: Option) -> Path | None:
    """The value of an option that is a path.

    Args:
        config: the configuration.
        option: the option.

    Returns:
        The path: relative to where pytest was called from, in the ini file relative to that file. None without one.
    """
    given = config.getoption(option.dest)
    if given:
        return Path(config.invocation_params.dir, str(given))
    base = config.inipath.parent if config.inipath else config.rootpath
    twin = str(config.getini(option.ini))
    return base / twin if twin else None


def wanted(config: pytest.Config) -> bool:
    """Whether a submission is to be judged."""
    return bool(value_of(config, TRIAL))
