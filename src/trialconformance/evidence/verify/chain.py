"""Steps 5 and 7: image, CPL row, test sessions and bills of materials speak of one firmware."""

from __future__ import annotations

import json
from collections.abc import Iterator

from trialconformance.core import ArtefactError, UsageError, Verdict
from trialconformance.cpl import Image, Profile, decode_image
from trialconformance.cpl.profile import profile_of
from trialconformance.evidence.bundle.opened import Bundle
from trialconformance.evidence.cpl_rows import Listing, listing, octets_of_role
from trialconformance.evidence.verify.outcome import Step, step

__all__ = ["check_chain", "check_image"]

_FIRMWARE_SBOM = "sbom/firmware.cdx.json"
_SUITE_SBOM = "sbom/suite.cdx.json"
_PROFILE_SETTING = "settings/cpl-profile"


def check_chain(bundle: Bundle) -> Step:
    """Follow the digest of the firmware through the bundle.

    Args:
        bundle: the opened bundle.

    Returns:
        Step 5. A broken link is a fault where the record claims a pass; where the record itself reports a failure, the
        link is a gap: the evidence is honest about it.
    """
    image, listed = _image(bundle), _listing(bundle)
    breaks, gaps, notes = [], [], []
    if image is None:
        gaps.append("no image is here: its digest can only be followed by name")
    if listed is None:
        gaps.append("no CPL is here")
    elif not listed.rows:
        gaps.append("no row of the CPL carries the trial reference of the record")
    if image is not None and listed is not None:
        breaks += [
            f"{listed.document.name}: holds the hash {value}, the image has {image.hash}"
            for value in listed.values("image_hash")
            if value.upper() != image.hash
        ]
        notes.append(f"image {image.hash}")
    sbom_faults = [*_suite(bundle), *_firmware(bundle, image)]
    if _FIRMWARE_SBOM not in bundle.files:
        notes.append("no bill of materials of the firmware was given")
    honest = bundle.record.verdict is not Verdict.PASS
    return step(
        5,
        faults=[*sbom_faults, *([] if honest else breaks)],
        gaps=[*(breaks if honest else []), *gaps],
        notes=notes,
    )


def check_image(bundle: Bundle) -> Step:
    """Read the image's header again and hold it against the trial's rows of the CPL.

    Args:
        bundle: the opened bundle.

    Returns:
        Step 7.
    """
    rows = [each for each in bundle.record.artefacts if each.role == "image"]
    if not rows:
        return step(7, gaps=["the record names no image"])
    found = octets_of_role(bundle.record, bundle.inputs, "image")
    if found is None:
        return step(7, gaps=["image withheld, digest only"])
    honest = bundle.record.verdict is not Verdict.PASS
    try:
        image = decode_image(found[1], name=found[0])
    except ArtefactError as error:
        fault = f"{found[0]}: {error}"
        return step(7, gaps=[fault]) if honest else step(7, faults=[fault])
    breaks = list(_mismatches(image, _listing(bundle)))
    notes = [f"OTA header: {', '.join(f'{name} {value}' for name, value in _identity(image).items())}"]
    return step(7, faults=[] if honest else breaks, gaps=breaks if honest else [], notes=notes)


def _identity(image: Image) -> dict[str, str]:
    header = image.header
    return {
        "manufacturer": f"{header.manufacturer:04X}",
        "model": f"{header.image_type:04X}",
        "firmware": f"{header.file_version:08X}",
    }


def _mismatches(image: Image, listed: Listing | None) -> Iterator[str]:
    if listed is None:
        return
    for role, value in _identity(image).items():
        for cell in listed.values(role):
            if cell.upper() != value:
                yield f"{listed.document.name}: {role} {cell}, the image says {value}"
    low, high = image.header.minimum_hardware, image.header.maximum_hardware
    for cell in listed.values("hardware"):
        try:
            version = int(cell, 16)
        except ValueError:
            yield f"{listed.document.name}: hardware {cell!r} is no number"
            continue
        if low is not None and high is not None and not low <= version <= high:
            yield f"{listed.document.name}: hardware {cell}, the image is for {low:04X} to {high:04X}"


def _image(bundle: Bundle) -> Image | None:
    found = octets_of_role(bundle.record, bundle.inputs, "image")
    if found is None:
        return None
    try:
        return decode_image(found[1], name=found[0])
    except ArtefactError:
        return None  # step 7 says so


def _listing(bundle: Bundle) -> Listing | None:
    try:
        profile = _profile(bundle)
    except UsageError:
        return None  # step 6 judges the list under the profile that the submission names
    return listing(bundle.record, bundle.inputs, profile=profile)


def _profile(bundle: Bundle) -> Profile | None:
    paths = [path for path in bundle.files if path.startswith(_PROFILE_SETTING)]
    return profile_of(bundle.files[paths[0]], where=paths[0]) if paths else None


def _suite(bundle: Bundle) -> Iterator[str]:
    tool = bundle.record.tool
    component = _root(bundle.files.get(_SUITE_SBOM, b""))
    if (component.get("name"), component.get("version")) != (tool.name, tool.version):
        yield f"{_SUITE_SBOM}: is not of {tool.name} {tool.version}"


def _firmware(bundle: Bundle, image: Image | None) -> Iterator[str]:
    octets = bundle.files.get(_FIRMWARE_SBOM)
    if octets is None:
        return
    hashes = _root(octets).get("hashes")
    digests = {
        str(each.get("content", "")).upper()
        for each in (hashes if isinstance(hashes, list) else [])
        if isinstance(each, dict) and each.get("alg") == "SHA-256"
    }
    if not digests:
        yield f"{_FIRMWARE_SBOM}: names no SHA-256 of the firmware"
    elif image is not None and image.hash not in digests:
        named = ", ".join(sorted(digests))
        yield f"{_FIRMWARE_SBOM}: is of other firmware: it names {named}, the image has {image.hash}"


def _root(octets: bytes) -> dict[str, object]:
    try:
        component = json.loads(octets)["metadata"]["component"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return component if isinstance(component, dict) else {}
