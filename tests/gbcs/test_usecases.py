"""The catalogue of use cases and the request templates: facts as data, in a schema of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trialconformance.core import Claims, UsageError
from trialconformance.gbcs import UseCases
from trialconformance.gbcs.templates import RequestTemplates

CATALOGUE = UseCases.shipped()


def test_every_message_code_has_one_row() -> None:
    """The catalogue holds the Message Codes of GBCS, each once."""
    codes = [row.code for row in CATALOGUE.use_cases]
    assert len(codes) == len(set(codes)) == 240
    assert CATALOGUE.get(0x0027) is not None
    assert CATALOGUE.get(0xFFFE) is None


def test_declared_variants_are_rows() -> None:
    """The variants of CS02a, CS02f and CS02b are declared, not written into code."""
    forms = {code: row.protection for code in (0x0008, 0x011B, 0x0104, 0x0108) if (row := CATALOGUE.get(code))}
    assert forms == {
        0x0008: {"command": ("mac", "signature"), "response": ("mac", "signature")},
        0x011B: {"command": ("mac", "signature"), "response": ("mac", "signature")},
        0x0104: {"command": ("mac",), "response": ("signature",)},
        0x0108: {"command": ("signature",), "response": ("signature",)},
    }


def test_an_ics_may_claim_by_use_case_or_by_message_code() -> None:
    """A claim names a use case, one of two that share a Message Code, or a Message Code."""
    for name in ("ECS17b", "0x0027"):
        [row] = CATALOGUE.claimed(Claims(device_type="ESME", use_cases=frozenset({name})))
        assert row.code == 0x0027
    assert [row.code for row in CATALOGUE.claimed(Claims(device_type="CHF", use_cases=frozenset({"CCS04"})))] == [4]


def test_templates_are_of_use_cases_in_the_catalogue() -> None:
    """Every request template belongs to a Message Code that carries Commands."""
    for template in RequestTemplates.shipped().templates:
        row = CATALOGUE.get(int(template.message_code, 16))
        assert row is not None
        assert "command" in row.kinds
        assert template.requests
    assert RequestTemplates.shipped().requests(0xFFFE) == ()


@pytest.mark.parametrize("model", [UseCases, RequestTemplates])
def test_a_file_of_ones_own_is_read_or_refused(model: type[UseCases | RequestTemplates], tmp_path: Path) -> None:
    """A user's own file of the same schema is taken; one with an unknown key, or none at all, is refused by name."""
    own = tmp_path / "own.json"
    content = model.shipped().model_dump(mode="json")
    own.write_text(json.dumps(content))
    assert model.load(own) == model.shipped()
    own.write_text(json.dumps(content | {"extra": 1}))
    with pytest.raises(UsageError, match="extra"):
        model.load(own)
    with pytest.raises(UsageError, match="nowhere"):
        model.load(tmp_path / "nowhere.json")
