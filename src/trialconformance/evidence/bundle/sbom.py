"""The suite's bill of materials in CycloneDX 1.6."""

from __future__ import annotations

import uuid
from typing import Any

from trialconformance.core import canonical_json
from trialconformance.evidence.bundle.environment import Component, EnvironmentRecord

__all__ = ["suite_sbom"]

# Version 5 from the digest of what is listed: the same suite gives the same serial number.
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "trialconformance:sbom")


def suite_sbom(environment: EnvironmentRecord) -> bytes:
    """Write the bill of materials of the tool that judged.

    Args:
        environment: what is installed.

    Returns:
        CycloneDX 1.6 JSON, canonical. It names no time of making: the same suite gives the same octets.
    """
    tool = next(each for each in environment.components if each.name == "trialconformance")
    others = [each for each in environment.components if each is not tool]
    return canonical_json(
        {
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, environment.to_json().decode())}",
            "version": 1,
            "metadata": {"component": _component(tool, kind="application")},
            "components": [_component(each, kind="library") for each in others],
            "dependencies": [
                {"ref": _reference(each), "dependsOn": [_purl_of(name, environment) for name in each.requires]}
                for each in environment.components
            ],
            # What the operating system and Python themselves consist of is not listed.
            "compositions": [{"aggregate": "incomplete", "assemblies": [_reference(tool)]}],
        }
    )


def _component(component: Component, *, kind: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "type": kind,
        "bom-ref": _reference(component),
        "name": component.name,
        "version": component.version,
        "purl": _reference(component),
    }
    if component.sha256:
        # The digest of the list of installed files, not of a wheel: an installation does not keep its wheel.
        entry["properties"] = [{"name": "trialconformance:record-sha256", "value": component.sha256}]
    if component.licence:
        entry["licenses"] = [{"license": {"name": component.licence}}]
    return entry


def _reference(component: Component) -> str:
    return f"pkg:pypi/{component.name}@{component.version}"


def _purl_of(name: str, environment: EnvironmentRecord) -> str:
    return _reference(next(each for each in environment.components if each.name == name))
