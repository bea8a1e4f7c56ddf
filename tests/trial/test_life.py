"""A whole life of a trial, through the commands: reports at each step, and the refusal at each guard."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from field_bench import Row, device, write_csv
from trial_bench import CERTIFIED_ROW, KEEPER, REFERENCE, Bench

from trialconformance.cli import main
from trialconformance.core import ExitCode, sha256_hex

TARGET = ("--trial", REFERENCE, "--target-firmware", "00000C01")
PASS, FAIL, INCONCLUSIVE = ExitCode.PASS, ExitCode.FAIL, ExitCode.INCONCLUSIVE


class Life:
    """The files of a trial and the commands on them."""

    def __init__(self, bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
        self.bench = bench
        self.capsys = capsys
        self.register = bench.folder / "life"
        private = KEEPER.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        bench.write("keeper.pem", private)
        bench.write("pseudonyms.key", b"a secret of more than sixteen octets")
        bench.write("keeper.pub", KEEPER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    @property
    def cpl(self) -> Path:
        """The list with the trial on it."""
        return self.bench.folder / "cpl/after.csv"

    def step(self, command: str, *arguments: str, as_of: str) -> ExitCode:
        """Take a step on the register; forgets what was printed before."""
        self.capsys.readouterr()
        trial = [] if command in {"create", "confirm"} else [arguments[0]]
        rest = arguments if command in {"create", "confirm"} else arguments[1:]
        key = ["--key", str(self.bench.folder / "keeper.pem"), "--as-of", as_of]
        return ExitCode(main(["register", command, str(self.register), *trial, *rest, *key]))

    @property
    def printed(self) -> str:
        """What the last command printed."""
        return self.capsys.readouterr().out

    def inventory(self, rows: Iterable[Row], *, day: str, whole: bool = True) -> Path:
        """Write an inventory of a day, with its manifest."""
        folder = self.bench.folder / f"inventory-{day}"
        folder.mkdir(exist_ok=True)
        listed = list(rows)
        write_csv(folder / "inventory.csv", listed)
        files = [{"name": "inventory.csv", "rows": len(listed)}]
        value = {"schema": "gb-inventory-extract/1", "as_of": day, "whole": whole, "files": files}
        (folder / "extract.json").write_text(json.dumps(value))
        return folder

    def joined(self, group: str, command: str, inventory: Path, *arguments: str, day: str) -> tuple[ExitCode, Any]:
        """Run a command that joins an inventory; its exit code and JSON."""
        self.capsys.readouterr()
        common = ["--register", str(self.register), "--cpl", str(self.cpl), "--as-of", day, "--json"]
        trust = ["--trust", str(self.bench.folder / "keeper.pub")]
        code = ExitCode(main([group, command, str(inventory), *common, *trust, *arguments]))
        return code, json.loads(self.capsys.readouterr().out)

    def report(self, rows: Iterable[Row], *, day: str) -> tuple[ExitCode, Any]:
        """Confirm the register and make the field report of a day."""
        assert self.step("confirm", as_of=day) == PASS
        output = self.bench.folder / "reports" / day
        secret = str(self.bench.folder / "pseudonyms.key")
        options = ("--pseudonym-key", secret, "--output", str(output))
        code, report = self.joined("field-report", "make", self.inventory(rows, day=day), *options, day=day)
        assert {path.suffix for path in output.iterdir()} == {".json", ".csv", ".html"}
        return code, next(each for each in report["trials"] if each["trial_ref"] == REFERENCE)

    def format_record(self) -> Path:
        """The record of format invariance over both lists."""
        path = self.bench.folder / "record.json"
        before = str(self.bench.folder / "cpl/before.csv")
        lists = ["--before", before, "--after", str(self.cpl), "--as-of", "2022-10-03"]
        self.capsys.readouterr()
        main(["judge", *lists, "--cases", "CPL-FI-*", "--json"])
        path.write_text(self.capsys.readouterr().out)
        return path


def _devices(count: int, **change: str) -> list[Row]:
    return [device(number, **change) for number in range(count)]


def _publish_digests(life: Life) -> None:
    """Put the published digest beside each list, as their publisher does."""
    for name in ("before.csv", "after.csv"):
        path = life.bench.folder / "cpl" / name
        (path.parent / f"{name}.sha256").write_text(f"{sha256_hex(path.read_bytes())}  {name}\n")


def _at_the_end(status: str) -> list[Row]:
    """98 devices on certified firmware, one that is gone, and one with a status."""
    upgraded = _devices(98, DeviceFirmwareVersion="00000C01")
    return [*upgraded, device(98, DeviceStatus="Withdrawn"), device(99, DeviceStatus=status)]


def _longer(months: int) -> tuple[str, ...]:
    return ("--decision", "SSC-EX-140", "--decided", "2022-12-12", "--months", str(months))


def _approve(life: Life) -> None:
    """Draft -> submitted -> more assurance -> submitted -> approved."""
    assert life.step("create", str(life.bench.path), "--application", "APP-7", as_of="2022-08-01") == PASS
    assert "APP-7: draft" in life.printed
    approval = ("APP-7", "--decision", "SSC-EX-112", "--outcome", "approved", "--decided", "2022-09-28")
    assert life.step("decide", *approval, as_of="2022-09-28") == FAIL  # not submitted yet
    assert life.step("submit", "APP-7", as_of="2022-08-15") == PASS
    more = ("APP-7", "--decision", "SSC-EX-100", "--outcome", "more-assurance", "--decided", "2022-09-01")
    assert life.step("decide", *more, as_of="2022-09-01") == PASS
    assert life.step("submit", "APP-7", as_of="2022-09-10") == PASS
    assert life.step("decide", *approval, "--reference", "TRIAL-2022-0007-50", as_of="2022-09-28") == FAIL
    assert "good check digits" in life.printed
    assert life.step("decide", *approval, "--reference", REFERENCE, as_of="2022-09-28") == PASS


def _list(life: Life) -> None:
    """Approved -> listed: format invariance must have passed and the row must expire with the trial."""
    listing = ("--record", str(life.format_record()), "--cpl", str(life.cpl))
    assert life.step("activate", REFERENCE, as_of="2022-10-03") == FAIL  # not listed yet
    # without published digests format invariance is undecided
    assert life.step("list", REFERENCE, *listing, as_of="2022-10-03") == FAIL
    _publish_digests(life)
    life.format_record()
    expires_early = life.bench.folder / "early.csv"
    expires_early.write_bytes(life.cpl.read_bytes().replace(b"30/09/2023", b"29/09/2023"))
    early = ("--record", listing[1], "--cpl", str(expires_early))
    assert life.step("list", REFERENCE, *early, as_of="2022-10-03") == FAIL
    assert "expires on 2023-09-30" in life.printed
    assert life.step("list", REFERENCE, *listing, as_of="2022-10-03") == PASS


def _activate(life: Life) -> None:
    """Listed -> active: devices before that are a breach, and the network operators must have been told."""
    code, trial = life.report(_devices(1), day="2022-11-07")
    assert (code, trial["state"], trial["breaches"]) == (FAIL, "listed", ["not-active"])
    assert life.step("activate", REFERENCE, as_of="2022-11-07") == FAIL
    assert "notices to the network operators" in life.printed
    assert life.step("activate", REFERENCE, "--dno", "EX-DNO=2022-09-30", as_of="2022-11-07") == PASS


def _use(life: Life) -> None:
    """Active: the cap, a suspension, an extension."""
    for count, expected in ((99, PASS), (100, PASS), (101, FAIL)):
        code, trial = life.report(_devices(count), day=f"2022-12-{count - 90:02d}")
        assert (code, trial["state"], trial["in_field"]) == (expected, "active", count)
    assert life.step("suspend", REFERENCE, as_of="2022-12-12") == PASS
    assert life.step("extend", REFERENCE, *_longer(18), as_of="2022-12-12") == FAIL  # suspended
    assert life.step("resume", REFERENCE, as_of="2022-12-13") == PASS
    assert life.step("extend", REFERENCE, *_longer(19), "--policy", "100-18", as_of="2023-01-10") == FAIL
    assert life.step("extend", REFERENCE, *_longer(18), "--policy", "100-18", as_of="2023-01-10") == PASS
    assert "active, until 2024-03-31" in life.printed
    life.bench.edit("30/09/2023", "31/03/2024", file="cpl/after.csv")
    code, trial = life.report(_devices(100), day="2023-10-01")
    assert (code, trial["end"], trial["days_left"]) == (PASS, "2024-03-31", 182)


def _wind_down(life: Life) -> None:
    """Active -> closing: the certified row comes, devices are upgraded, exchanged, removed."""
    life.cpl.write_bytes(life.cpl.read_bytes() + CERTIFIED_ROW)
    inventory = life.inventory(_devices(100), day="2024-02-01")
    code, plan = life.joined("closure", "plan", inventory, *TARGET, day="2024-02-01")
    assert (code, plan["upgrade_over_the_air"], plan["batches"], plan["refusals"]) == (PASS, 100, [100], [])
    assert life.step("wind-down", REFERENCE, as_of="2024-02-01") == PASS
    code, trial = life.report(_at_the_end("Commissioned"), day="2024-03-31")
    assert (code, trial["in_field"], trial["closed"]) == (PASS, 1, {"exchange": 0, "ota": 98, "removal": 1})


def _close(life: Life) -> None:
    """Closing -> closed: not with a device left, not from a part of the inventory."""
    proofs = life.bench.folder / "proofs"
    for day, status, whole, proved in (
        ("2024-04-01", "Commissioned", True, FAIL),
        ("2024-04-02", "Decommissioned", False, INCONCLUSIVE),
    ):
        inventory = life.inventory(_at_the_end(status), day=day, whole=whole)
        code, _ = life.joined("closure", "proof", inventory, *TARGET, "--output", str(proofs), day=day)
        assert code == proved
        assert life.step("close", REFERENCE, "--proof", str(proofs / "closure.json"), as_of=day) == FAIL
    inventory = life.inventory(_at_the_end("Decommissioned"), day="2024-04-03")
    code, proof = life.joined("closure", "proof", inventory, *TARGET, "--output", str(proofs), day="2024-04-03")
    assert (code, proof["counts"]) == (PASS, {"exchange": 0, "open": 0, "ota": 98, "removal": 2})
    assert life.step("close", REFERENCE, "--proof", str(proofs / "closure.json"), as_of="2024-04-03") == PASS
    code, trial = life.report(_at_the_end("Decommissioned"), day="2024-04-10")
    assert (code, trial["state"], trial["in_field"]) == (PASS, "closed", 0)
    for command in ("submit", "suspend", "resume", "wind-down", "activate"):
        assert life.step(command, REFERENCE, as_of="2024-04-11") == FAIL


def _look_back(life: Life) -> None:
    """The chain tells the whole story, and the reports make a series."""
    assert main(["register", "verify", str(life.register), "--trust", str(life.bench.folder / "keeper.pub")]) == PASS
    reports = [str(path / "field-report.json") for path in sorted((life.bench.folder / "reports").iterdir())]
    life.capsys.readouterr()
    assert main(["field-report", "series", *reports, "--json"]) == FAIL  # reports were late
    (series,) = [each for each in json.loads(life.capsys.readouterr().out)["trials"] if each["trial_ref"] == REFERENCE]
    assert [point["in_field"] for point in series["points"]] == [1, 99, 100, 101, 100, 1, 0]
    assert set(series["breaches"]) == {"cap", "not-active"}


def test_a_whole_life(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """Draft, submitted, approved, listed, active, extended, closing, closed; every guard refuses before it opens."""
    life = Life(bench, capsys)
    for chapter in (_approve, _list, _activate, _use, _wind_down, _close, _look_back):
        chapter(life)
