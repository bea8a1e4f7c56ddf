"""The CI recipes hold against the published schemas of their services, and their commands against the command."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from trialconformance.cli import COMMANDS

RECIPES = Path(__file__).parents[2] / "examples" / "ci"
SCHEMAS = {
    "github-actions.yml": ["--builtin-schema", "vendor.github-workflows"],
    "gitlab-ci.yml": ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_recipe_holds_against_the_schema_of_its_service(name: str) -> None:
    """check-jsonschema accepts the recipe under the schema that the service publishes."""
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *SCHEMAS[name], str(RECIPES / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", SCHEMAS)
def test_recipe_is_tidy(name: str) -> None:
    """No tab, no line beyond 130 characters, one final line feed."""
    text = (RECIPES / name).read_text(encoding="utf-8")
    assert "\t" not in text
    assert max(map(len, text.splitlines())) <= 130
    assert text.rstrip("\n") + "\n" == text


def commands(name: str) -> list[list[str]]:
    """Every call of the command in a recipe, as words."""
    text = (RECIPES / name).read_text(encoding="utf-8")
    return [
        shlex.split(call.split("||")[0])[1:]
        for call in re.findall(r"trialconformance (?:run|report|bundle)[^;\n]*", text)
    ]


@pytest.mark.parametrize("name", SCHEMAS)
def test_commands_of_the_recipe_exist(name: str) -> None:
    """Sub-commands and options are those of the command; a renamed option breaks the recipe here, not at a user's."""
    calls = commands(name)
    assert {call[0] for call in calls} == {"run", "report", "bundle"}
    for call in calls:
        command = COMMANDS[call[0]].load(call[0])
        words = call[1:]
        if call[0] == "bundle":
            command, words = command.commands[words[0]], words[1:]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, call
