"""Every way to tamper with a bundle is rejected by the step that must reject it, with a message that says so."""

from __future__ import annotations

import base64
import io
import json
import struct
import warnings
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from trialconformance.core import CaseRow, Record, canonical_json, sha256_hex
from trialconformance.core.dsse import Envelope, sign
from trialconformance.evidence.attest.statement import PAYLOAD_TYPE
from trialconformance.evidence.bundle.archive import pack, unpack
from trialconformance.evidence.verify import Outcome, Verification, verify_bundle

CASES = json.loads(Path(__file__).with_name("tampering.json").read_bytes())["cases"]
DAY = date(2022, 10, 15)
SECOND = "captures/GCS28.hex"
Files = dict[str, bytes]


def _nothing(_: object) -> None:
    """Leave it as it is."""


class Tampering:
    """Does to a bundle what a case says, in memory.

    Args:
        workshop: makes bundles.
        failing: whether the record of the bundle is one that fails.
    """

    def __init__(self, workshop: Any, *, failing: bool) -> None:
        self.workshop = workshop
        self.rows = workshop.rows if failing else workshop.passing
        self.archive: bytes | None = None
        self.made(self.workshop.inputs() | {SECOND: bytes(128)})

    def made(self, inputs: Files, **options: Any) -> None:
        """Make the bundle from other inputs."""
        path = self.workshop.bundle(rows=self.rows, inputs=inputs, **options)
        self.files: Files = unpack(path.read_bytes())
        self.inputs = inputs

    def octets(self) -> bytes:
        """The archive as it goes to the verifier."""
        return self.archive if self.archive is not None else pack(self.files)

    def run(self, name: str, *arguments: Any) -> None:
        """Do one thing."""
        getattr(self, "do_" + name.replace("-", "_"))(*arguments)

    # The archive.

    def do_archive_empty(self) -> None:
        self.archive = b""

    def do_archive_prepend(self, text: str) -> None:
        self.archive = text.encode() + self.octets()

    def do_archive_append(self, text: str) -> None:
        self.archive = self.octets() + text.encode()

    def do_archive_truncate(self, octets: int) -> None:
        self.archive = self.octets()[:-octets]

    def do_archive_comment(self, text: str) -> None:
        self.archive = self._rewritten(lambda archive: setattr(archive, "comment", text.encode()))

    def do_archive_extra(self, path: str) -> None:
        self.archive = self._rewritten(
            entry=lambda info: setattr(info, "extra", struct.pack("<HH4s", 0x9999, 4, b"hide")), of=path
        )

    def do_archive_time(self, path: str) -> None:
        self.archive = self._rewritten(entry=lambda info: setattr(info, "date_time", (2022, 1, 1, 0, 0, 0)), of=path)

    def do_archive_compress(self, path: str) -> None:
        self.archive = self._rewritten(entry=lambda info: setattr(info, "compress_type", zipfile.ZIP_DEFLATED), of=path)

    def do_archive_mode(self, path: str, mode: int) -> None:
        self.archive = self._rewritten(entry=lambda info: setattr(info, "external_attr", mode << 16), of=path)

    def do_archive_link(self, path: str, target: str) -> None:
        self.archive = self._rewritten(lambda archive: archive.writestr(self._info(path, 0o120777), target))

    def do_archive_add(self, path: str, text: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # zipfile warns of a name that stands twice: here it is meant
            self.archive = self._rewritten(lambda archive: archive.writestr(self._info(path, 0o100644), text))

    def do_archive_many(self) -> None:
        def fill(archive: zipfile.ZipFile) -> None:
            for number in range(100_001):
                info = self._info(f"inputs/{number}", 0o100644)
                info.header_offset = info.CRC = 0
                archive.filelist.append(info)

        self.archive = self._rewritten(fill)

    def do_archive_encrypt(self, path: str) -> None:
        self._patch_central(path, 8, struct.pack("<H", 1))

    def do_archive_declare(self, path: str, octets: int) -> None:
        self._patch_central(path, 24, struct.pack("<I", octets))

    def do_archive_flip_content(self, path: str) -> None:
        octets = bytearray(self.octets())
        octets[octets.index(self.files[path])] ^= 1
        self.archive = bytes(octets)

    def do_archive_rename_local(self, path: str, other: str) -> None:
        self.archive = self.octets().replace(path.encode(), other.encode(), 1)

    def do_archive_gap(self) -> None:
        octets = self.octets()
        start = octets.rindex(b"PK\x05\x06")
        central = int.from_bytes(octets[start + 16 : start + 20], "little")
        end = octets[start : start + 16] + struct.pack("<I", central + 4) + octets[start + 20 :]
        self.archive = octets[:central] + b"hide" + octets[central:start] + end

    def _info(self, path: str, mode: int) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo("x", (1980, 1, 1, 0, 0, 0))
        info.filename = path  # past the tidying of the constructor
        info.create_system, info.external_attr = 3, mode << 16
        return info

    def _rewritten(
        self,
        change: Callable[[zipfile.ZipFile], object] = _nothing,
        *,
        entry: Callable[[zipfile.ZipInfo], object] = _nothing,
        of: str = "",
    ) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            for path in sorted(self.files):
                info = self._info(path, 0o100644)
                if path == of:
                    entry(info)
                archive.writestr(info, self.files[path], compress_type=info.compress_type)
            change(archive)
        return target.getvalue()

    def _patch_central(self, path: str, offset: int, value: bytes) -> None:
        octets = bytearray(self.octets())
        start = octets.rindex(path.encode(), 0, len(octets)) - 46  # fixed part of a central directory header
        assert octets[start : start + 4] == b"PK\x01\x02"
        octets[start + offset : start + offset + len(value)] = value
        self.archive = bytes(octets)

    # Files.

    def do_flip(self, path: str) -> None:
        octets = bytearray(self.files[path])
        octets[len(octets) // 2] ^= 1
        self.files[path] = bytes(octets)

    def do_put(self, path: str, text: str) -> None:
        self.files[path] = text.encode()

    def do_drop(self, path: str) -> None:
        del self.files[path]

    def do_rename(self, path: str, other: str) -> None:
        self.files[other] = self.files.pop(path)

    def do_swap(self, path: str, other: str) -> None:
        self.files[path], self.files[other] = self.files[other], self.files[path]

    def do_replace(self, path: str, old: str, new: str) -> None:
        self.files[path] = self.files[path].replace(old.encode(), new.encode())

    def do_spaces(self, path: str) -> None:
        self.files[path] = json.dumps(json.loads(self.files[path])).encode()

    def do_duplicate_key(self, path: str) -> None:
        first = next(iter(json.loads(self.files[path])))
        self.files[path] = self.files[path].replace(b"{", b'{"%s":0,' % first.encode(), 1)

    def do_json(self, path: str, keys: list[str], value: Any) -> None:
        document = json.loads(self.files[path])
        inner = document
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = value
        self.files[path] = canonical_json(document)

    # The manifest and the record.

    def do_manifest_set(self, path: str, key: str, value: Any) -> None:
        manifest = json.loads(self.files["MANIFEST.json"])
        next(row for row in manifest["files"] if row["path"] == path)[key] = value
        self.files["MANIFEST.json"] = canonical_json(manifest)

    def do_manifest_reverse(self) -> None:
        manifest = json.loads(self.files["MANIFEST.json"])
        manifest["files"].reverse()
        self.files["MANIFEST.json"] = canonical_json(manifest)

    def do_reseal(self) -> None:
        """Make every digest of the manifest fit what is there, as a forger without a key would."""
        manifest = json.loads(self.files["MANIFEST.json"])
        manifest["files"] = [row for row in manifest["files"] if row["path"] in self.files]
        for row in manifest["files"]:
            octets = self.files[row["path"]]
            row |= {"octets": len(octets), "sha256": sha256_hex(octets)}
        record = Record.from_json(self.files["record.json"])
        manifest["statement"] = record.statement
        self.files["MANIFEST.json"] = canonical_json(manifest)

    def do_remove_case(self, case: str) -> None:
        record = Record.from_json(self.files["record.json"])
        rows: tuple[CaseRow, ...] = tuple(row for row in record.cases if row.id != case)
        accounting = record.accounting | {
            "pass": record.accounting["pass"] - 1,
            "total": len(rows),
        }
        self.files["record.json"] = record.model_copy(update={"cases": rows, "accounting": accounting}).to_json()

    def do_restate(self) -> None:
        """Leave everything else that shows the record as it is now."""
        record = Record.from_json(self.files["record.json"])
        assert record.statement == "pass"

    def do_other_firmware(self) -> None:
        octets = self.workshop.image(payload=b"other firmware")
        self.files["inputs/image/firmware.zigbee"] = octets
        record = json.loads(self.files["record.json"])
        row = next(row for row in record["artefacts"] if row["role"] == "image")
        row |= {"octets": len(octets), "sha256": sha256_hex(octets)}
        self.files["record.json"] = canonical_json(record)

    # Attestations.

    def do_drop_attestations(self) -> None:
        self.files = {path: octets for path, octets in self.files.items() if not path.startswith("attest/")}

    def do_envelope_flip(self, path: str, part: str) -> None:
        envelope = json.loads(self.files[path])
        if part == "keyid":
            keyid = envelope["signatures"][0]["keyid"]
            envelope["signatures"][0]["keyid"] = ("0" if keyid[0] != "0" else "1") + keyid[1:]
        else:
            holder = envelope if part == "payload" else envelope["signatures"][0]
            octets = bytearray(base64.b64decode(holder[part]))
            octets[len(octets) // 2] ^= 1
            holder[part] = base64.b64encode(octets).decode()
        self.files[path] = canonical_json(envelope)

    def do_sign_again(self, path: str, key: str, changes: dict[str, Any]) -> None:
        statement = json.loads(Envelope.from_json(self.files[path]).payload)
        for name, value in changes.items():
            kind, _, inner = name.partition(":")
            if kind == "subject":
                rows = [row for row in statement["subject"] if row["name"] != inner]
                added = [] if value is None else [{"name": inner, "digest": {"sha256": value}}]
                statement["subject"] = rows + added
            elif kind == "predicate":
                statement["predicate"].pop(inner)
                statement["predicate"] |= {} if value is None else {inner: value}
            else:
                statement[name] = value
        self.files[path] = sign(PAYLOAD_TYPE, canonical_json(statement), self.workshop.keys[key]).to_json()

    def do_replay_attestation(self, path: str) -> None:
        other = self.workshop.bundle(rows=self.rows[1:], name="other.zip")
        self.files[path] = unpack(other.read_bytes())[path]

    def do_reseal_and_sign(self) -> None:
        """Change a file as the signers themselves could: every digest and signature fits."""
        self.do_reseal()
        manifest = sha256_hex(self.files["MANIFEST.json"])
        for path in [each for each in self.files if each.startswith("attest/")]:
            self.do_sign_again(path, path.split("/")[1].split("-")[0], {"subject:MANIFEST.json": manifest})
            statement = json.loads(Envelope.from_json(self.files[path]).payload)
            statement["subject"].sort(key=lambda row: row["name"] != "MANIFEST.json")
            key = self.workshop.keys[path.split("/")[1].split("-")[0]]
            self.files[path] = sign(PAYLOAD_TYPE, canonical_json(statement), key).to_json()

    # What the signers themselves may have put in.

    def do_firmware_sbom(self, digest: str) -> None:
        hashes = [{"alg": "SHA-256", "content": digest}] if digest else []
        self.made(self.inputs, firmware_sbom=canonical_json({"metadata": {"component": {"hashes": hashes}}}))

    def do_list(self, cells: dict[str, str]) -> None:
        self.made(self.inputs | {"cpl/after.csv": self.workshop.list(**cells)})

    def do_image(self, text: str) -> None:
        self.made(self.inputs | {"image/firmware.zigbee": text.encode()})

    def do_dated(self) -> None:
        tables = "[trial]\nsubmitted = 2022-08-01\n[[test_sessions]]\nlast = 2022-09-01\n"
        self.made(self.inputs | {"submission.toml": tables.encode()})


def verified(tampering: Tampering, *, on: date = DAY) -> Verification:
    """Verify what came of the tampering."""
    return verify_bundle(tampering.octets(), trust=tampering.workshop.trust(), on=on, again=None)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_tampering_is_rejected_by_the_step_that_must(workshop: Any, case: dict[str, Any]) -> None:
    """The step named by the case fails and says what the case says."""
    tampering = Tampering(workshop, failing=case.get("failing", False))
    for operation in case["tampering"]:
        tampering.run(*operation)
    verification = verified(tampering, on=date.fromisoformat(case.get("on", DAY.isoformat())))
    step = verification.steps[case["step"] - 1]
    assert step.outcome is Outcome.FAILED, verification.report
    assert case["message"] in " | ".join(step.notes)
    assert verification.conclusion == "rejected"
    assert verification.exit_code == 1


@pytest.mark.parametrize("failing", [False, True])
def test_bundle_that_nobody_touched_is_not_rejected(workshop: Any, failing: bool) -> None:
    """The bundle from which every tampered one is made has no failed step."""
    verification = verified(Tampering(workshop, failing=failing))
    assert verification.outcome is Outcome.GAP, verification.report
    assert verification.signed_by == ("laboratory", "manufacturer")


def test_there_are_at_least_sixty_cases_of_each_own_name() -> None:
    """The corpus is as large as promised and no case hides another."""
    names = [case["name"] for case in CASES]
    assert len(names) == len(set(names)) >= 60
