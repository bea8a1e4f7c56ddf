"""The pytest plugin: judges a trial submission when ``--trial`` names one, and keeps silent otherwise."""

from __future__ import annotations
