"""The commands of the trial regime: what they print, write and refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from field_bench import AS_OF, device, manifest_of, registered, write_csv
from trial_bench import CERTIFIED_ROW, KEEPER, REFERENCE, STRANGER, Bench

from trialconformance import cpl
from trialconformance.cli import main
from trialconformance.core import ExitCode, sha256_hex
from trialconformance.trial.field.inputs import Run, run_here

TRIAL = ["--trial", REFERENCE]
HEADER = "metric,device,met,measured\n"


@pytest.fixture
def estate(bench: Bench) -> list[str]:
    """An inventory of three devices with the options that join it: the words after the command."""
    folder = bench.folder / "inventory"
    folder.mkdir()
    write_csv(folder / "inventory.csv", [device(1), device(2), device(3, DeviceStatus="Withdrawn")])
    manifest_of(folder, {"inventory.csv": 3})
    for path in (bench.folder / "register").iterdir():
        path.unlink()
    bench.write("register/state-000001.dsse.json", registered().octets)
    bench.write("keeper.pub", KEEPER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    bench.write("stranger.pub", STRANGER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    bench.write("keeper.pem", KEEPER.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    register, listed = str(bench.folder / "register"), str(bench.folder / "cpl/after.csv")
    trust = ["--trust", str(bench.folder / "keeper.pub")]
    return [str(folder), "--register", register, "--cpl", listed, "--as-of", AS_OF.isoformat(), *trust]


def test_gaps_name_requirement_and_file(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """A complete application has no deciding gap; one without a document names it, for people and for machines."""
    publish_digests(bench)
    assert main(["submission", "gaps", str(bench.path)]) == ExitCode.PASS
    assert "1 of 48 requirements have gaps" in capsys.readouterr().out
    (bench.folder / "docs/use-case.md").unlink()
    assert main(["submission", "gaps", str(bench.path)]) == ExitCode.FAIL
    printed = capsys.readouterr().out
    assert "TR-23 the application holds a use case" in printed
    assert "docs/use-case.md: wanted the use case with business rationale; seen the file is not there" in printed
    (bench.folder / "decisions/TR-07.dsse.json").unlink()
    bench.write("docs/use-case.md", b"")
    assert main(["submission", "gaps", str(bench.path), "--as-of", "2022-10-15", "--json"]) == ExitCode.FAIL
    gaps = {each["requirement"]: each for each in json.loads(capsys.readouterr().out)["gaps"]}
    assert (gaps["TR-07"]["verdict"], gaps["TR-23"]["verdict"]) == ("inconclusive", "fail")


def publish_digests(bench: Bench) -> None:
    """Put the published digest beside each list."""
    for name in ("before.csv", "after.csv"):
        digest = sha256_hex((bench.folder / "cpl" / name).read_bytes())
        bench.write(f"cpl/{name}.sha256", f"{digest}  {name}\n".encode())


def test_an_undecided_requirement_is_inconclusive(bench: Bench) -> None:
    """A decision that is not there yet leaves the application undecided, not failed."""
    publish_digests(bench)
    (bench.folder / "decisions/TR-07.dsse.json").unlink()
    assert main(["submission", "gaps", str(bench.path)]) == ExitCode.INCONCLUSIVE


def test_requirements_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """All 48, as a table and as JSON."""
    assert main(["submission", "requirements"]) == ExitCode.PASS
    assert "TR-48" in capsys.readouterr().out
    assert main(["submission", "requirements", "--json"]) == ExitCode.PASS
    assert len(json.loads(capsys.readouterr().out)["requirements"]) == 48


def test_a_scaffold_is_read_and_full_of_gaps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What ``init`` writes can be judged at once: nothing in it passes for a finished document."""
    assert main(["init", str(tmp_path), "--quiet"]) == ExitCode.PASS
    assert main(["submission", "gaps", str(tmp_path / "submission.toml"), "--json"]) == ExitCode.FAIL
    wanted = [each for gap in json.loads(capsys.readouterr().out)["gaps"] for each in gap["wanted"]]
    unfinished = {each["artefact"] for each in wanted if each["expected"] == "a finished document"}
    assert unfinished == {path.relative_to(tmp_path).as_posix() for path in (tmp_path / "docs").iterdir()} - {
        "docs/lab-report.toml", "docs/ncsc-advice.md", "docs/commissioning.toml",
    }  # fmt: skip


def test_a_report_is_printed_and_written(estate: list[str], bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key devices are counted; figures, problems and verdict are printed; three files are written."""
    output = bench.folder / "out"
    assert main(["field-report", "make", *estate, "--output", str(output)]) == ExitCode.PASS
    assert f"{REFERENCE} (active): 2 of 100 in the field, 0 pending, 271 days left" in capsys.readouterr().out
    assert sorted(path.name for path in output.iterdir()) == [
        "field-report.csv", "field-report.html", "field-report.json",
    ]  # fmt: skip
    report = str(output / "field-report.json")
    assert main(["field-report", "series", report, "--output", str(output)]) == ExitCode.PASS
    assert f"{REFERENCE}: 2 on 2023-01-02, 0.00 a week" in capsys.readouterr().out
    assert (output / "field-series.html").exists()


def test_what_is_wrong_is_printed(estate: list[str], bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """Breaches, bad rows and a partial inventory are told in words, late reports as well."""
    allowed = bench.folder / "allowed.txt"
    allowed.write_text("# devices\n00-DB-12-34-00-00-00-01  # first\n\n")
    inventory = Path(estate[0])
    write_csv(inventory / "inventory.csv", [device(1), device(2), device(3, DeviceStatus="x")])
    (inventory / "extract.json").unlink()
    output = ["--output", str(bench.folder / "out")]
    code = main(["field-report", "make", *estate, "--allow-list", str(allowed), "--drawn", "2023-01-01", *output])
    printed = capsys.readouterr().out
    assert code == ExitCode.FAIL
    assert "broken: outside-allowlist" in printed
    assert "unknown-status: inventory.csv row 3: wanted one of Whitelisted" in printed
    assert "not the whole estate: no manifest" in printed
    first = json.loads((bench.folder / "out/field-report.json").read_bytes())
    later = bench.folder / "later.json"
    later.write_text(json.dumps(first | {"as_of": "2023-02-01"}))
    assert main(["field-report", "series", str(bench.folder / "out/field-report.json"), str(later)]) == ExitCode.FAIL
    printed = capsys.readouterr().out
    assert "the report of 2023-02-01 came late" in printed
    assert "outside-allowlist: 2023-01-02 to 2023-02-01" in printed


def test_a_cluster_is_asked_for_by_workers_or_address(
    estate: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """``--cluster`` starts workers, ``--scheduler`` joins a cluster that runs, and the report is the same."""
    asked: list[tuple[int, str | None]] = []

    @contextmanager
    def on_cluster(*, workers: int, address: str | None) -> Iterator[Run]:
        asked.append((workers, address))
        yield run_here

    monkeypatch.setattr("trialconformance.trial.field.cluster.on_cluster", on_cluster)
    printed = set()
    for options in ([], ["--cluster", "2"], ["--scheduler", "tcp://example:8786"]):
        assert main(["field-report", "make", *estate, "--json", *options]) == ExitCode.PASS
        printed.add(capsys.readouterr().out)
    assert asked == [(2, None), (0, "tcp://example:8786")]
    assert len(printed) == 1


def test_a_synthetic_inventory_is_written(tmp_path: Path) -> None:
    """The generator writes files and a manifest."""
    folder = tmp_path / "estate"
    assert main(["field-report", "synthetic", str(folder), "--devices", "50", "--trial-devices", "5"]) == ExitCode.PASS
    assert len(list(folder.iterdir())) == 5


def _image(low: int) -> bytes:
    return cpl.build_image(
        manufacturer=0xF0B2,
        image_type=0x0302,
        file_version=0x00000C01,
        minimum_hardware=low,
        maximum_hardware=9,
        payload=b"certified",
    )


def test_a_plan_writes_device_lists(estate: list[str], bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """Batches for Update Firmware are written where an upgrade counts; where it does not, the reason is told."""
    code = main(["closure", "plan", *estate, *TRIAL])
    assert (code, "exchange or removal: 2" in capsys.readouterr().out) == (ExitCode.PASS, True)
    image = cpl.decode_image(_image(1), name="image")
    row = CERTIFIED_ROW.replace(CERTIFIED_ROW.split(b",")[11], image.hash.encode())
    after = bench.folder / "cpl/after.csv"
    after.write_bytes(after.read_bytes() + row)
    bench.write("image", image.octets)
    target = ["--target-firmware", "00000C01", "--image", str(bench.folder / "image"), "--batch", "1"]
    output = bench.folder / "plan"
    assert main(["closure", "plan", *estate, *TRIAL, *target, "--output", str(output)]) == ExitCode.PASS
    assert f"activation hash: {image.hash}" in capsys.readouterr().out
    assert (output / "device-list-0002.txt").read_text() == "00-DB-12-34-00-00-00-02"
    bench.write("image", _image(2))
    assert main(["closure", "plan", *estate, *TRIAL, *target]) == ExitCode.FAIL
    assert "no upgrade over the air: the image is for hardware 0002 to 0009, not 0001" in capsys.readouterr().out


def test_a_proof_is_printed(estate: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Routes with their numbers; refusals only where a target was named; a partial inventory is told."""
    assert main(["closure", "proof", *estate, *TRIAL]) == ExitCode.FAIL
    assert capsys.readouterr().out == "ota: 0\nexchange: 0\nremoval: 1\nopen: 2\n"
    (Path(estate[0]) / "extract.json").unlink()
    assert main(["closure", "proof", *estate, *TRIAL, "--target-firmware", "00000C01"]) == ExitCode.FAIL
    printed = capsys.readouterr().out
    assert "no upgrade over the air counts: no certified row" in printed
    assert "not shown from a whole inventory" in printed


@pytest.mark.parametrize("last_resort", [False, True])
def test_a_sheet_is_written(estate: list[str], bench: Bench, *, last_resort: bool) -> None:
    """All standing devices by default, or those that change hands."""
    sheet = bench.folder / "sheet.md"
    options = [
        "--to",
        "EX-NEXT",
        "--sheet",
        str(sheet),
        "--contact",
        "desk",
        *(["--last-resort"] if last_resort else []),
    ]
    assert main(["closure", "handover", *estate, *TRIAL, *options]) == ExitCode.PASS
    assert sheet.read_text().count("00-DB-12-34") == 2
    only = bench.folder / "devices.txt"
    only.write_text("00DB123400000002\n")
    assert main(["closure", "handover", *estate, *TRIAL, *options, "--devices", str(only)]) == ExitCode.PASS
    assert sheet.read_text().count("00-DB-12-34") == 1
    only.write_text("00DB123400000009\n")
    assert main(["closure", "handover", *estate, *TRIAL, *options, "--devices", str(only)]) == ExitCode.BAD_INPUT
    only.write_text("")
    assert main(["closure", "handover", *estate, *TRIAL, *options, "--devices", str(only)]) == ExitCode.BAD_INPUT


def test_service_levels_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With and without trial devices, and whether they decide the threshold; the list is named by its digest."""
    (tmp_path / "extract.csv").write_text(
        "metric,device,met,measured\na,0101010101010101,0,1\na,0202020202020202,9,9\n"
    )
    (tmp_path / "trial.txt").write_text("0101010101010101\n")
    command = ["closure", "performance", str(tmp_path / "extract.csv"), "--exclude", str(tmp_path / "trial.txt")]
    period = ["--first", "2023-01-01", "--last", "2023-01-31"]
    output = ["--output", str(tmp_path / "out")]
    assert main([*command, *period, *output, "--threshold", "a=99.5"]) == ExitCode.FAIL
    assert "a: 90.00 % with trial devices, 100.00 % without, threshold 99.50 % (trial" in capsys.readouterr().out
    assert (tmp_path / "out/exclusion-list.txt").read_text() == "0101010101010101\n"
    assert main([*command, *period, "--threshold", "a=90", "--json"]) == ExitCode.PASS
    assert json.loads(capsys.readouterr().out)["metrics"][0]["flips"] is False
    (tmp_path / "extract.csv").write_text(f"{HEADER}a,0101010101010101,0,1\n")
    assert main([*command, *period, "--threshold", "a=0.5"]) == ExitCode.FAIL
    assert "nothing measured without" in capsys.readouterr().out
    for bad in ("a", "a=x", "a=9.999", "=9"):
        assert main([*command, *period, "--threshold", bad]) == ExitCode.BAD_INPUT


def test_a_register_is_shown_and_verified(estate: list[str], bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """The newest state as table and JSON; a chain without trusted key is inconclusive, a foreign head fails."""
    register, trust = estate[2], ["--trust", str(bench.folder / "keeper.pub")]
    assert main(["register", "show", register]) == ExitCode.PASS
    assert REFERENCE in capsys.readouterr().out
    assert main(["register", "show", register, "--json", *trust]) == ExitCode.PASS
    assert json.loads(capsys.readouterr().out)["entries"][0]["trial_ref"] == REFERENCE
    assert main(["register", "verify", register]) == ExitCode.INCONCLUSIVE
    assert main(["register", "verify", register, *trust]) == ExitCode.PASS
    assert main(["register", "verify", register, *trust, "--head", registered().head.digest]) == ExitCode.PASS
    assert main(["register", "verify", register, *trust, "--head", "sha256:0"]) == ExitCode.FAIL
    stranger = ["--trust", str(bench.folder / "stranger.pub")]
    assert main(["register", "verify", register, *stranger]) == ExitCode.BAD_INPUT


def test_the_next_reference_is_issued(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a reference the next serial of the year is taken, with its check digits."""
    bench.write("keeper.pem", KEEPER.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    register = str(bench.folder / "register")
    key = ["--key", str(bench.folder / "keeper.pem"), "--as-of", "2022-11-01"]
    assert main(["register", "create", register, str(bench.path), "--application", "NEW", *key]) == ExitCode.PASS
    assert main(["register", "submit", register, "NEW", *key]) == ExitCode.PASS
    words = ["--decision", "D", "--outcome", "approved", "--decided", "2022-10-30", "--condition", "C1"]
    assert main(["register", "decide", register, "NEW", *words, *key]) == ExitCode.PASS
    assert cpl.trial_reference.make(2022, 8) in capsys.readouterr().out


BAD: list[tuple[list[str], str]] = [
    (["--as-of", "2023-02-30"], "is no day"),
    (["--as-of", "tomorrow"], "is no day"),
    (["--policy", "100-99"], "there is no preset"),
    (["--pseudonym-key", "SHORT"], "too short"),
    (["--allow-list", "TWICE"], "stands there again"),
    (["--allow-list", "NONE"], "cannot be read"),
    (["--trust", "SHORT"], "does not hold a public key"),
    (["--columns", "SHORT"], "not usable JSON"),
    (["--cpl", "NONE"], "cannot be read"),
]


@pytest.mark.parametrize(("options", "said"), BAD)
def test_bad_input_is_one_clear_message(
    estate: list[str], bench: Bench, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    """What is wrong, where, and what is accepted; exit code 3, nothing written, no traceback."""
    bench.write("SHORT", b"short")
    bench.write("TWICE", b"00DB123400000001\n00-db-12-34-00-00-00-01\n")
    named = [str(bench.folder / each) if each.isupper() else each for each in options]
    output = bench.folder / "out"
    assert main(["field-report", "make", *estate, *named, "--output", str(output)]) == ExitCode.BAD_INPUT
    error = capsys.readouterr().err
    assert said in " ".join(error.split())
    assert "Traceback" not in error
    assert not output.exists()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["activate", REFERENCE, "--dno", "EX"], "is no pair"),
        (["activate", REFERENCE, "--dno", "EX=soon"], "is no day"),
        (["activate", REFERENCE, "--sponsor", "EX"], "is no pair"),
        (["suspend", "NOBODY"], "there is no trial"),
        (["close", REFERENCE, "--proof", "OTHER"], "is a proof on TRIAL-2022-0001-67"),
        (["list", REFERENCE, "--record", "OTHER", "--cpl", "OTHER"], "schema"),
    ],
)
def test_bad_steps_are_one_clear_message(
    estate: list[str], bench: Bench, capsys: pytest.CaptureFixture[str], command: list[str], said: str
) -> None:
    """A step with words that make no sense ends with exit code 3 and leaves the register as it was."""
    proof = {
        "schema": "gb-trial-closure/1",
        "trial_ref": "TRIAL-2022-0001-67",
        "as_of": "2023-01-02",
        "whole": True,
        "inventory_sha256": [],
        "target": None,
        "refusals": [],
        "counts": {},
        "devices": [],
    }
    bench.write("OTHER", json.dumps(proof).encode())
    words = [str(bench.folder / each) if each == "OTHER" else each for each in command]
    key = ["--key", str(bench.folder / "keeper.pem"), "--as-of", "2023-01-03"]
    assert main(["register", words[0], estate[2], *words[1:], *key]) == ExitCode.BAD_INPUT
    assert said in " ".join(capsys.readouterr().err.split())
    assert len(list((bench.folder / "register").iterdir())) == 1


def test_a_trial_without_devices_or_months_is_not_registered(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """A quantity or duration below one cannot be put on the register."""
    bench.write("keeper.pem", KEEPER.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    bench.edit("quantity = 100", "quantity = 0")
    key = ["--key", str(bench.folder / "keeper.pem"), "--as-of", "2022-11-01"]
    new = str(bench.folder / "new")
    assert main(["register", "create", new, str(bench.path), "--application", "NEW", *key]) == ExitCode.BAD_INPUT
    assert "0 cannot be registered" in capsys.readouterr().err


EXTRAS = {"distributed": ("cluster", ["--cluster", "1"]), "polars": ("field", [])}


@pytest.mark.parametrize("module", sorted(EXTRAS))
def test_missing_extras_are_named(
    estate: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    """Without Polars or Dask the command says which extra to install."""
    extra, options = EXTRAS[module]
    monkeypatch.setattr("trialconformance.cli.trial_inputs.find_spec", lambda name: None if name == module else True)
    assert main(["field-report", "make", *estate, *options]) == ExitCode.BAD_INPUT
    assert f"trialconformance[{extra}]" in " ".join(capsys.readouterr().err.split())
