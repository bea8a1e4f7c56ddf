"""Conformance evidence for GB smart metering trial devices.

The domains are ``trialconformance.gbcs``, ``trialconformance.smki``, ``trialconformance.cpl`` and
``trialconformance.trial``; each has its public face in its own ``__init__``. Nothing is imported here, so that the
pytest plugin stays light when nobody asks for it.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
