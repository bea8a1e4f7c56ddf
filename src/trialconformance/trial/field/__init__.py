"""The field report to the SSC: which trial devices are in the field, from an inventory, the list and the register.

Reading inventories needs the extra ``field`` (Polars); the report itself and its model do not.
"""

from __future__ import annotations

from trialconformance.trial.field.report import Breach, Coverage, FieldReport, FieldVerdict, Problem, TrialReport

__all__ = ["Breach", "Coverage", "FieldReport", "FieldVerdict", "Problem", "TrialReport"]
