"""How long a bundle of 10,000 rows takes to make and to verify: ``python benchmarks/bundle_ten_thousand_rows.py``.

Ends with exit code 1 if either takes more than a second of processor time (both use one core, and a busy machine should
not fail the benchmark). Importing the package is not counted, reading the environment (once in a process) is.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from trialconformance import __version__
from trialconformance.core import (
    Basis,
    Case,
    CaseRow,
    Record,
    Scope,
    Severity,
    Span,
    Tool,
    Verdict,
    canonical_json,
    finding,
    sha256_hex,
    stamp,
)
from trialconformance.evidence import make_bundle
from trialconformance.evidence.verify import Outcome, verify_bundle

ROWS = 10_000
LIMIT = 1.0  # seconds
EVERY = 50  # one row in so many has a finding


def ten_thousand_rows() -> tuple[Record, bytes]:
    """A record of 10,000 cases, one in fifty of them with a finding, and its catalogue."""
    scope = Scope(kind="gbcs-message", title="every message")
    cases = [
        Case(
            id=f"GBCS-B{number // 1000:02}-{number % 1000:03}",
            title="a requirement in a few words",
            requirement="A requirement in full, about as long as those of the catalogue are in the mean.",
            clause="GBCS 7.2.7",
            severity=Severity.MUST,
            basis=Basis.SOURCE,
            scope=scope,
        )
        for number in range(ROWS)
    ]
    octets = bytes(range(256))
    rows = []
    for number, case in enumerate(cases):
        found = (
            [finding(expected="one", seen="another", at=Span(start=40, length=8, path="mac"))]
            if number % EVERY == 0
            else []
        )
        stamped = stamp(found, case=case.id, artefact="captures/a.hex", octets={"captures/a.hex": octets})
        verdict = Verdict.FAIL if found else Verdict.PASS
        rows.append(CaseRow.of(case, verdict, "24 messages judged", judged=24, findings=stamped))
    catalogue = canonical_json({"cases": [{"id": case.id} for case in cases]})
    tool = Tool(name="trialconformance", version=__version__, catalogue=sha256_hex(catalogue))
    return Record.account(tool=tool, catalogue=cases, rows=rows, as_of="2022-10-15"), catalogue


def main() -> int:
    """Measure and say so."""
    record, catalogue = ten_thousand_rows()
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        path = make_bundle(record, Path(folder) / "bundle.zip", inputs={}, catalogue=catalogue)
        made = time.process_time() - start
        octets = path.read_bytes()
    start = time.process_time()
    verification = verify_bundle(octets, trust=None, on=date(2022, 10, 15), again=None)
    verified = time.process_time() - start
    if verification.outcome is not Outcome.GAP:
        sys.stderr.write(f"{verification.report}\n")
        return 1
    sys.stdout.write(f"{ROWS:,} rows, {len(octets):,} octets: made in {made:.2f} s, verified in {verified:.2f} s\n")
    return int(max(made, verified) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
