"""Which devices of the inventory belong to which trial, and on what firmware they run."""

from __future__ import annotations

from functools import partial

import polars as pl

from trialconformance.cpl.duis_schema import duis_device_types
from trialconformance.cpl.trial_reference import Trial
from trialconformance.trial.field.inputs import FieldInputs, Run
from trialconformance.trial.field.scan import CANDIDATE, EUI, SOURCE, Findings, scan_premises
from trialconformance.trial.field.sources import ROW

__all__ = ["CERTIFIED", "GATEWAY", "KIND", "REFERENCE", "TRIAL", "classified", "exchanged_devices", "models_on_trial"]

TRIAL, CERTIFIED = "trial", "certified"
KIND, REFERENCE, GATEWAY = "kind", "reference", "is_gpf"

_MODEL, _FIRMWARE = "model_key", "firmware_key"


def models_on_trial(inputs: FieldInputs) -> list[tuple[str, str, tuple[str, ...], str]]:
    """Manufacturer, model, DUIS types and reference of every model on trial, on the list or on the register."""
    found = {
        (row.manufacturer, f"{row.model_id}{row.hardware}", duis_device_types(row.type), row.flag.reference)
        for row in inputs.listing.models
        if isinstance(row.flag, Trial)
    }
    for entry in inputs.register.head.entries:
        if entry.trial_ref:
            found |= {
                (
                    entry.manufacturer.zigbee_id,
                    f"{each.model_id}{each.hardware}",
                    duis_device_types(each.type),
                    entry.trial_ref,
                )
                for each in entry.models
            }
    return sorted(found)


def classified(
    inputs: FieldInputs, models: list[tuple[str, str, tuple[str, ...], str]], found: list[Findings]
) -> pl.DataFrame:
    """Every device of a model on trial, once, with the trial it belongs to and whether its firmware is on trial."""
    rows = pl.concat([each.marked for each in found]).filter(pl.col(CANDIDATE) & pl.col(EUI).is_not_null())
    rows = rows.sort(EUI, SOURCE, ROW).unique(subset=EUI, keep="first", maintain_order=True)
    rows = rows.with_columns(
        pl.concat_str(pl.col("manufacturer", "model", "device_type").str.to_uppercase(), separator="|").alias(_MODEL),
        pl.col("firmware").fill_null("").str.to_uppercase().alias(_FIRMWARE),
    )
    firmware = {
        (f"{row.manufacturer}|{row.model_id}{row.hardware}|{kind}".upper(), row.firmware.upper()): (
            TRIAL if isinstance(row.flag, Trial) else CERTIFIED,
            row.flag.reference if isinstance(row.flag, Trial) else None,
        )
        for row in inputs.listing.models
        if isinstance(row.flag, Trial) or (row.is_certified and row.is_active)
        for kind in duis_device_types(row.type)
    }
    listed = pl.DataFrame(
        [(*key, *value) for key, value in sorted(firmware.items())],
        schema={_MODEL: pl.String, _FIRMWARE: pl.String, KIND: pl.String, REFERENCE: pl.String},
        orient="row",
    )
    by_model: dict[str, str] = {}
    for manufacturer, model, kinds, reference in models:
        for kind in kinds:
            by_model.setdefault(f"{manufacturer}|{model}|{kind}".upper(), reference)
    fallback = pl.DataFrame(sorted(by_model.items()), schema={_MODEL: pl.String, "of_model": pl.String}, orient="row")
    joined = rows.join(listed, on=[_MODEL, _FIRMWARE], how="left").join(fallback, on=_MODEL, how="left")
    # a hub is counted by its CHF: CHF and GPF of one hub are one device
    return joined.with_columns(
        pl.coalesce(REFERENCE, "of_model").alias(REFERENCE), (pl.col("device_type") == "GPF").alias(GATEWAY)
    ).sort(EUI)


def exchanged_devices(inputs: FieldInputs, devices: pl.DataFrame, run: Run) -> frozenset[int]:
    """Identities of devices that are gone while another commissioned device of the type is at the premises."""
    gone = devices.filter(pl.col("status").is_in(list(inputs.facts.closed)) & (pl.col("premises").fill_null("") != ""))
    if gone.is_empty():
        return frozenset()
    premises = gone["premises"].unique().sort()
    others = pl.concat(run(inputs.partitions, partial(scan_premises, facts=inputs.facts, wanted=premises)))
    pairs = gone.select(EUI, "premises", "device_type").join(others, on=["premises", "device_type"], suffix="_other")
    return frozenset(pairs.filter(pl.col(EUI) != pl.col(f"{EUI}_other"))[EUI].to_list())
