# ruff: noqa: INP001 - a script, not a package
"""Take the picture of the report in the README: ``python docs/make_report_image.py`` (needs Chromium on the path).

The picture is that of the report that ``trialconformance demo`` writes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

WIDTH, HEIGHT = 1240, 1180  # verdict, subject, assumptions and accounting: what page one is for
LARGEST = 300_000  # octets, so that the README stays light
SECONDS = 120


def main() -> int:
    """Write ``docs/report.png``."""
    chromium = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
    if chromium is None:
        sys.stderr.write("Chromium is not on the path\n")
        return 3
    target = Path(__file__).with_name("report.png")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "trialconformance", "demo"], cwd=folder, check=True, capture_output=True)
        page = Path(folder) / "trialconformance-demo" / "evidence" / "report.html"
        picture = Path(folder) / "report.png"
        subprocess.run(  # noqa: S603 - our own page in the browser of this machine
            [
                chromium,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--hide-scrollbars",
                f"--user-data-dir={folder}/profile",
                f"--window-size={WIDTH},{HEIGHT}",
                f"--screenshot={picture}",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=SECONDS,
        )
        octets = picture.read_bytes()
    if len(octets) > LARGEST:
        sys.stderr.write(f"the picture has {len(octets):,} octets, more than {LARGEST:,}\n")
        return 1
    target.write_bytes(octets)
    sys.stdout.write(f"{target.name}: {len(octets):,} octets\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
