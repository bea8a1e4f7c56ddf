"""What the emulator sends and is sent holds against the static checks, which know nothing of the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from trialconformance.cli import main
from trialconformance.harness import Bench, EmulatorSession
from trialconformance.harness.report import Collector
from trialconformance.harness.sensitivity import Procedure, run_procedure
from trialconformance.harness.transcript import Direction
from trialconformance.smki.issue import SyntheticPki

# Procedures that send what is wrong on purpose, by a part of their id.
_HOSTILE = ("NEG", "CTR", "LOG", "UTR", "CRD-008")
# case -> the procedure whose deliberate oddity it rightly finds
_EXPECTED = {
    "GBCS-ASN-002": "GBCS-FWR-008",  # the inner counter of CS06 differs from that of the header
    "GBCS-SEC-006": "GBCS-CRD-016",  # signed with a key whose certificate is not in the store
}


@pytest.mark.parametrize("device_type", ["ESME", "GSME", "HCALCS"])
def test_traffic_holds_against_the_static_checks(
    session: Callable[..., EmulatorSession],
    procedures: dict[str, Procedure],
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    device_type: str,
) -> None:
    """No must case of the GBCS checks fails on the traffic of any procedure that means no harm."""
    for case, procedure in procedures.items():
        if case.startswith("RISK") or any(part in case for part in _HOSTILE):
            continue
        opened = session(device_type)
        run_procedure(procedure, Bench(opened, Collector()), Collector())
        folder = tmp_path / "captures" / case
        folder.mkdir(parents=True)
        sent = [each for each in opened.transcript.entries if each.direction is not Direction.INPUT and each.octets]
        for number, entry in enumerate(sent):
            (folder / f"{number:03d}.hex").write_text(entry.octets)
    SyntheticPki().write(tmp_path / "keys", private_keys=True)
    words = ["judge", "--captures", str(tmp_path / "captures"), "--keystore", str(tmp_path / "keys")]
    main([*words, "--as-of", "2018-06-01", "--cases", "GBCS-*", "--json"])
    record = json.loads(capfdbinary.readouterr().out)
    broken = {
        (row["id"], finding["artefact"].split("/")[-2])
        for row in record["cases"]
        for finding in row["findings"]
        if row["severity"] == "must"
    }
    assert broken <= set(_EXPECTED.items())
    assert record["accounting"]["pass"] > 60
