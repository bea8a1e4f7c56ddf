"""The engine: loads artefacts once, decides which cases apply, applies waivers, judges, fills the record."""

from __future__ import annotations
