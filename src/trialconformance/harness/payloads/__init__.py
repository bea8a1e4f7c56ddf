"""Payloads of commands, by use case."""

from __future__ import annotations

from trialconformance.harness.payloads import asn1, dlms, gbz
from trialconformance.harness.payloads.context import Context, Recipe

__all__ = ["RECIPES", "Context", "Recipe"]

RECIPES: dict[str, Recipe] = {**dlms.RECIPES, **gbz.RECIPES, **asn1.RECIPES}
