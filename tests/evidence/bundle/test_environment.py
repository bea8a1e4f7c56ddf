"""The environment and the bill of materials name the tool and all it needs, and no machine."""

from __future__ import annotations

import json
import platform
import socket

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from trialconformance import __version__
from trialconformance.evidence.bundle.environment import environment
from trialconformance.evidence.bundle.sbom import suite_sbom


def test_environment_lists_the_tool_and_its_dependencies() -> None:
    """The tool, its dependencies and theirs are listed with version and digest."""
    components = {each.name: each for each in environment().components}
    assert components["trialconformance"].version == __version__
    assert {"cryptography", "pydantic", "pydantic-core", "jinja2", "markupsafe"} <= set(components)
    assert all(each.version and len(each.sha256) == 64 for each in components.values())
    assert environment().python == platform.python_version()


def test_environment_names_no_machine() -> None:
    """Neither the host nor a path is in it."""
    text = environment().to_json().decode()
    assert socket.gethostname() not in text
    assert "/home" not in text
    assert "site-packages" not in text


def test_bill_of_materials_is_valid_cyclonedx() -> None:
    """The bill of materials meets the published schema of CycloneDX 1.6, strictly."""
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(suite_sbom(environment()).decode()) is None


def test_bill_of_materials_is_closed() -> None:
    """Every dependency that is named is a component that is listed."""
    bill = json.loads(suite_sbom(environment()))
    listed = {each["bom-ref"] for each in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    assert {each["ref"] for each in bill["dependencies"]} == listed
    assert {ref for each in bill["dependencies"] for ref in each["dependsOn"]} <= listed
