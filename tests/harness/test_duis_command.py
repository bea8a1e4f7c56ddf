"""``trialconformance duis``: each document is told for what it is; requests are signed so that they verify."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trialconformance.cli import main
from trialconformance.harness.dccboxed.xml import SR


def _response(code: str) -> bytes:
    return (
        f'<sr:Response xmlns:sr="{SR}" schemaVersion="5.4"><sr:Header><sr:ResponseCode>{code}</sr:ResponseCode>'
        "</sr:Header><sr:Body><sr:ResponseMessage/></sr:Body></sr:Response>"
    ).encode()


def test_folder_of_templates_is_checked(template_folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Every template is a request with its route, or the reason why it has none."""
    assert main(["duis", "check", str(template_folder), "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capfdbinary.readouterr().out)["documents"]}
    assert rows["ECS70_6.11.XML"]["route"] == "/api/v1/serviceT"
    assert "not supported" in rows["ECS35b_6.13.XML"]["route"]
    assert {row["kind"] for row in rows.values()} == {"request"}


def test_unusable_documents_are_told(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A response is read, a document that is none is named with its fault, and the exit code says so."""
    (tmp_path / "good.xml").write_bytes(_response("E65"))
    assert main(["duis", "check", str(tmp_path / "good.xml")]) == 0
    assert b"1 of 1 can be used" in capfdbinary.readouterr().out
    (tmp_path / "bad.xml").write_bytes(b"<!DOCTYPE x><x/>")
    assert main(["duis", "check", str(tmp_path), "--json"]) == 1
    rows = {row["name"]: row for row in json.loads(capfdbinary.readouterr().out)["documents"]}
    assert "DTD" in rows["bad.xml"]["fault"]
    assert (rows["good.xml"]["code"], rows["good.xml"]["route"]) == ("E65", "error")


def test_signed_request_verifies(
    template_folder: Path, key_folders: tuple[Path, Path], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A request that was re-addressed and signed verifies under the certificate of its originator."""
    signed = tmp_path / "signed.xml"
    words = ["duis", "sign", str(template_folder / "ECS70_6.11.XML"), "--keys", str(key_folders[1]), "-o", str(signed)]
    assert main([*words, "--target", "00DB1234567890A0", "--counter", "77"]) == 0
    assert main(["duis", "check", str(signed), "--signers", str(key_folders[1]), "--json"]) == 0
    row = json.loads(capfdbinary.readouterr().out)["documents"][0]
    assert row["signature"] == "valid"
    assert row["request_id"] == "00-00-5E-EF-10-00-00-02:00-DB-12-34-56-78-90-A0:77"


def test_originator_without_key_is_refused(
    template_folder: Path, key_folders: tuple[Path, Path], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Nothing is signed in the name of a party whose key is not at hand."""
    words = ["duis", "sign", str(template_folder / "ECS70_6.11.XML"), "--keys", str(key_folders[1])]
    assert main([*words, "-o", str(tmp_path / "x.xml"), "--originator", "00DB1234567890A0"]) == 3
    assert b"XML signing key" in capfdbinary.readouterr().err
    assert not (tmp_path / "x.xml").exists()


@pytest.mark.parametrize("name", ["none.xml", "."])
def test_missing_files_are_refused(tmp_path: Path, name: str) -> None:
    """A file that is not there and a folder without XML end with exit code 3."""
    assert main(["duis", "check", str(tmp_path / name)]) == 3


@pytest.mark.official
def test_official_documents_are_checked(duis: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Every official template and sample can be used under the official schema."""
    schema = next((duis / "schema").glob("DUIS*.xsd"))
    code = main(["duis", "check", str(duis / "templates"), str(duis / "samples"), "--schema", str(schema), "--json"])
    rows = json.loads(capfdbinary.readouterr().out)["documents"]
    assert [row for row in rows if row["fault"] or row["schema_fault"]] == []
    assert code == 2
