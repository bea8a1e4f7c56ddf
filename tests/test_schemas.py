"""Published schemas are those of the models, and what is shipped fits them."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from trialconformance import catalogue
from trialconformance.core import UsageError
from trialconformance.engine import judge_submission
from trialconformance.packaged import packaged
from trialconformance.schemas import SCHEMAS, schema_json

_PUBLISHED = Path(__file__).parent.parent / "docs" / "schemas"
_DEMO = packaged("fixtures") / "demo"


def _schema(name: str) -> Any:
    return json.loads(schema_json(name))


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_published_schemas_are_those_of_the_models(name: str) -> None:
    """The file under docs/schemas is what ``trialconformance schema --write docs/schemas`` writes."""
    assert (_PUBLISHED / f"{name}.schema.json").read_bytes() == schema_json(name)
    jsonschema.Draft202012Validator.check_schema(_schema(name))


def test_nothing_else_is_published() -> None:
    """Every published schema has a model."""
    assert {path.name for path in _PUBLISHED.iterdir()} == {f"{name}.schema.json" for name in SCHEMAS}


def test_an_unknown_schema_names_the_nearest() -> None:
    """Asking for a schema that does not exist is bad usage."""
    with pytest.raises(UsageError, match="submission"):
        schema_json("submision")


def test_a_record_fits_its_schema() -> None:
    """The record of the packaged submission fits the published schema."""
    record = judge_submission(_DEMO / "submission.toml", procedures=catalogue.PROCEDURES).record
    jsonschema.validate(json.loads(record.to_json()), _schema("record"))


def test_the_catalogue_fits_its_schema() -> None:
    """So does the catalogue."""
    jsonschema.validate(json.loads(catalogue.to_json()), _schema("catalogue"))


def test_the_packaged_submission_fits_its_schema() -> None:
    """So does the packaged submission, its dates written as JSON writes them."""
    value = tomllib.loads((_DEMO / "submission.toml").read_text())
    jsonschema.validate(json.loads(json.dumps(value, default=str)), _schema("submission"))
