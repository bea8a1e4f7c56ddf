"""``python -m trialconformance`` does what the ``trialconformance`` command does."""

from __future__ import annotations

import sys

from trialconformance.cli import main

if __name__ == "__main__":
    sys.exit(main())
