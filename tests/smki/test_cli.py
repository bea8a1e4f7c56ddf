"""The commands ``certificate`` and ``pki``: what they print, for machines and people, and how they exit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from trialconformance.cli import main
from trialconformance.core import read_data
from trialconformance.schemas import schema_json
from trialconformance.smki import Certificate
from trialconformance.smki.deviation import ChangeExtension, Sign
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.pem import write_pem
from trialconformance.smki.revocation import list_body, sign_list

_CERTS = Path(__file__).parents[2] / "certs"
_POLICIES = [
    f"--policy={kind}=1.3.6.1.4.1.32473.1.{number}"
    for kind, numbers in {"device": "1", "organisation": "2", "xml-sign": "2", "issuing-ca": "12", "root": "12"}.items()
    for number in numbers
]

Run = Callable[..., tuple[int, list[dict[str, Any]], str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; gives the exit code, the JSON lines and what was noted."""

    def run(*words: Any) -> tuple[int, list[dict[str, Any]], str]:
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        lines = [json.loads(line) for line in captured.out.splitlines()] if "--json" in words else []
        return code, lines, captured.out + captured.err

    return run


def _write(folder: Path, certificate: Certificate) -> Path:
    file = folder / certificate.name
    file.write_text(write_pem("CERTIFICATE", certificate.octets))
    return file


def test_good_certificates_pass(run: Run) -> None:
    """The synthetic PKI passes under both profiles: one JSON line for each certificate, with no finding."""
    for options in (["--profile", "test-pki"], _POLICIES):
        code, lines, _ = run("certificate", "lint", _CERTS, "--json", *options)
        assert code == 0
        assert len(lines) == 35
        assert all((each["findings"], each["waived"]) == ([], []) for each in lines)
        assert set(lines[0]) == {"path", "index", "sha256", "subject", "findings", "waived"}


def test_a_finding_says_where(run: Run, spoil: Callable[..., Certificate], tmp_path: Path) -> None:
    """A finding on a JSON line has case, severity, offset, length, expected and seen, and the command exits with 1."""
    certificate = spoil(ChangeExtension(op="change", name="keyUsage", critical=""))
    file = _write(tmp_path, certificate)
    code, lines, _ = run("certificate", "lint", file, "--json")
    assert code == 1
    assert lines == [
        {
            "path": file.as_posix(),
            "index": 0,
            "sha256": certificate.sha256,
            "subject": "",
            "findings": [
                {
                    "case": "SMKI-EXT-06",
                    "severity": "must",
                    "offset": certificate.span("keyUsage").start,
                    "length": certificate.span("keyUsage").length,
                    "expected": "critical",
                    "seen": "not critical",
                }
            ],
            "waived": [],
        }
    ]


def test_a_person_sees_the_octets(run: Run, spoil: Callable[..., Certificate], tmp_path: Path) -> None:
    """Without ``--json`` the failing octets are shown in their place, and a summary ends the output."""
    file = _write(tmp_path, spoil(ChangeExtension(op="change", name="keyUsage", critical="")))
    code, _, text = run("certificate", "lint", file)
    assert code == 1
    assert "SMKI-EXT-06" in text
    assert "[0B 06 03 55 1D 0F 04 04 03 02 07 80]" in text
    assert "certificates: 1, refused: 1, findings: 1, waived: 0" in text
    assert "no policy identifiers" in text


def test_an_assumption_leaves_it_open(run: Run, pki: SyntheticPki, tmp_path: Path) -> None:
    """A certificate that breaks an assumed case only ends with exit code 2, not 1."""
    zeros = Certificate.parse(
        pki.recipe(bytes(8), "ds").signed_by(pki.authority_key("device-issuing")), name="zeros.pem"
    )
    code, lines, _ = run("certificate", "lint", _write(tmp_path, zeros), "--json")
    assert code == 2
    assert [each["case"] for each in lines[0]["findings"]] == ["SMKI-EXT-25"]


def test_what_is_no_certificate_is_a_finding(run: Run, tmp_path: Path) -> None:
    """A broken file in a folder is reported as a finding with its offset, and the rest is still judged."""
    (tmp_path / "broken.pem").write_text(write_pem("CERTIFICATE", b"\x30\x03\x02\x01\x01"))
    (tmp_path / "good.pem").write_bytes((_CERTS / "00005eef100000a0-ds.pem").read_bytes())
    code, lines, _ = run("certificate", "lint", tmp_path, "--json")
    assert code == 1
    assert [(Path(each["path"]).name, [found["case"] for found in each["findings"]]) for each in lines] == [
        ("broken.pem", ["SMKI-ENC-01"]),
        ("good.pem", []),
    ]
    code, _, text = run("certificate", "lint", tmp_path / "broken.pem")
    assert code == 1
    assert "no certificate" in text


def test_file_names_of_a_key_store_are_judged(run: Run, pki: SyntheticPki, tmp_path: Path) -> None:
    """Under ``test-pki`` a key store file whose name lies is a remark, and the known one is waived as W11."""
    text = write_pem("CERTIFICATE", pki.certificate("supplier", "ka").octets)
    for name in ("00005eef100000a0-ka.pem", "90b3d51f30000007-ka.pem"):
        (tmp_path / name).write_text(text)
    _write(tmp_path, Certificate.parse(pki.authority("org-issuing").octets, name="org-issuing.pem"))
    code, lines, _ = run("certificate", "lint", tmp_path, "--profile", "test-pki", "--json")
    assert code == 0
    assert [each["case"] for each in lines[0]["findings"]] == ["SMKI-FIL-01"]
    assert lines[1]["waived"] == [{"case": "SMKI-FIL-01", "waiver": "W11"}]
    assert "waived by W11" in run("certificate", "lint", tmp_path, "--profile", "test-pki")[2]


def test_files_without_certificates_are_noted(run: Run, tmp_path: Path) -> None:
    """A public key in a folder is noted on standard error; named alone it is refused."""
    (tmp_path / "good.pem").write_bytes((_CERTS / "00005eef100000a0-ds.pem").read_bytes())
    (tmp_path / "key.pem").write_text(write_pem("PUBLIC KEY", b"\x30\x00"))
    code, _, text = run("certificate", "lint", tmp_path)
    assert code == 0
    assert "holds no certificate but: public key" in text
    assert run("certificate", "lint", tmp_path / "key.pem")[0] == 3


def _chain(use: str = "ds", **options: str) -> list[Any]:
    words: list[Any] = ["certificate", "chain", _CERTS / f"00005eef100000a0-{use}.pem"]
    words += ["--path", _CERTS / "ca" / "device-issuing.pem"]
    defaults = {"anchor": str(_CERTS / "ca" / "device-root.pem"), "as-of": "2024-01-01"} | options
    return [*words, *(f"--{name}={value}" for name, value in defaults.items() if value)]


def test_a_good_chain_is_accepted(run: Run) -> None:
    """A chain to a named root is accepted with status 0, for machines and for people."""
    code, (line,), _ = run(*_chain(), "--json")
    assert code == 0
    assert (line["verdict"], line["anchor"], line["recovered"]) == ("accept", "OU=00, CN=TEST-ONLY-DEVICE-ROOT", False)
    assert line["predicted"] == {"status": 0, "case": None}
    assert len(line["certificates"]) == 2
    code, _, text = run(*_chain())
    assert code == 0
    assert "accept" in text
    assert "status 0" in text


def test_a_chain_to_a_bare_key(run: Run, pki: SyntheticPki, tmp_path: Path) -> None:
    """An anchor may be a bare public key with a name of its own."""
    file = tmp_path / "root.pem"
    file.write_text(write_pem("PUBLIC KEY", pki.authority_recipe("device-root").key))
    code, (line,), _ = run(*_chain(anchor=f"our root={file}"), "--json")
    assert (code, line["anchor"]) == (0, "our root")
    code, (line,), _ = run(*_chain(anchor=str(file)), "--json")
    assert (code, line["anchor"]) == (0, "root.pem")


def test_a_bad_chain_says_what_a_device_answers(run: Run, spoil: Callable[..., Certificate], tmp_path: Path) -> None:
    """A chain that does not verify is refused, with the status code and the case that decides."""
    words = _chain()
    words[2] = _write(tmp_path, spoil(Sign(op="sign", key="stranger")))
    code, (line,), _ = run(*words, "--json")
    assert code == 1
    assert (line["verdict"], line["predicted"]) == ("refuse", {"status": 10, "case": "SMKI-CHN-03"})
    assert "status 10 because of SMKI-CHN-03" in run(*words)[2]


def test_a_leaf_that_cannot_be_read_is_refused(run: Run, tmp_path: Path) -> None:
    """A leaf that is no certificate is refused with status 5, not with an error."""
    words = _chain()
    words[2] = tmp_path / "broken.pem"
    words[2].write_text(write_pem("CERTIFICATE", b"\x30\x00"))
    code, (line,), _ = run(*words, "--json")
    assert (code, line["verdict"], line["predicted"]["status"]) == (1, "refuse", 5)
    assert run(*words)[0] == 1


def test_time_and_repository_decide_too(run: Run, tmp_path: Path) -> None:
    """A moment outside validity and a status other than in use refuse a chain; time can be left out."""
    assert run(*_chain(**{"as-of": "2017-06-01T12:00:00"}))[0] == 1
    assert run(*_chain(**{"as-of": ""}), "--no-time")[0] == 0
    file = tmp_path / "statuses.json"
    digest = json.loads(json.dumps(run(*_chain(), "--json")[1][0]["sha256"]))
    file.write_text(json.dumps({digest: "R"}))
    code, (line,), _ = run(*_chain(repository=str(file)), "--json")
    assert (code, [each["case"] for each in line["certificates"][0]["findings"]]) == (1, ["SMKI-REP-01"])


def test_show_says_what_a_certificate_is(run: Run, tmp_path: Path) -> None:
    """``show`` names kind, EUI-64, role, usage, key identifiers and policies; a broken file is said to be none."""
    code, _, text = run("certificate", "show", _CERTS / "00005eef10000002-ds.pem", _CERTS / "00005eef100000a0-ka.pem")
    assert code == 0
    for word in (
        "00005EEF10000002",
        "02 supplier",
        "keyAgreement",
        "448F2850D6FEBE62",
        "1.3.6.1.4.1.32473.1.2",
        "empty",
    ):
        assert word in text
    (tmp_path / "broken.pem").write_text(write_pem("CERTIFICATE", b"\x30\x00"))
    assert run("certificate", "show", tmp_path / "broken.pem")[0] == 1


@pytest.mark.parametrize(
    "words",
    [
        ("lint", "missing.pem"),
        ("lint", _CERTS, "--profile", "missing.json"),
        ("lint", _CERTS, "--as-of", "yesterday"),
        ("lint", _CERTS, "--as-of", "2024-13-01"),
        ("lint", _CERTS, "--policy", "device"),
        ("lint", _CERTS, "--policy", "meter=1.2.3"),
        ("lint", _CERTS, "--policy", "device=one"),
        ("lint", _CERTS, "--anchor", "missing.pem"),
        ("lint", _CERTS, "--repository", "missing.json"),
        ("chain", _CERTS / "00005eef100000a0-ds.pem"),
        ("chain", _CERTS / "00005eef100000a0-ds.pem", "--anchor", _CERTS / "ca" / "device-root.pem"),
        ("show", "missing.pem"),
    ],
)
def test_bad_usage_ends_with_3(run: Run, words: tuple[Any, ...]) -> None:
    """What cannot be used ends with exit code 3 and one message that says what is accepted."""
    code, _, text = run("certificate", *words)
    assert code == 3
    assert "accepted" in text or "see:" in text


def test_a_broken_path_certificate_is_named(run: Run, tmp_path: Path) -> None:
    """A path certificate that cannot be read ends the check with its place."""
    (tmp_path / "broken.pem").write_text(write_pem("CERTIFICATE", b"\x30\x00"))
    words = _chain()
    words[4] = tmp_path / "broken.pem"
    code, _, text = run(*words)
    assert code == 3
    assert "broken.pem" in text


def test_requests_and_lists_are_judged_too(run: Run, pki: SyntheticPki, tmp_path: Path) -> None:
    """A signing request and a revocation list in PEM are judged beside the certificates of the same call."""
    issuing = pki.authority("org-issuing")
    request = pki.request("esme", "ds")
    body = list_body(
        issuer=issuing,
        this_update=pki.plan.organisation.not_before,
        next_update=pki.plan.organisation.not_after,
        serials=[pki.certificate("supplier", "ds").serial],
        number=7,
    )
    revocations = sign_list(body, pki.authority_key("org-issuing"))
    (tmp_path / "a-request.csr").write_text(write_pem("CERTIFICATE REQUEST", request))
    (tmp_path / "b-list.crl").write_text(write_pem("X509 CRL", revocations))
    (tmp_path / "c-list.crl").write_text(write_pem("X509 CRL", revocations))
    for certificate in (issuing, pki.certificate("supplier", "ds")):
        _write(tmp_path, Certificate.parse(certificate.octets, name=Path(certificate.name).name))
    code, lines, _ = run("certificate", "lint", tmp_path, "--json", "--as-of", "2020-01-01")
    found = {Path(each["path"]).name: [cases["case"] for cases in each["findings"]] for each in lines}
    assert code == 0
    assert found["a-request.csr"] == []
    assert found["b-list.crl"] == ["SMKI-CRL-01"]
    assert found["c-list.crl"] == ["SMKI-CRL-01", "SMKI-CRL-02"]
    assert [each["subject"] for each in lines if each["path"].endswith(".crl")] == ["OU=07, CN=TEST-ONLY-ORG-1"] * 2
    text = run("certificate", "lint", tmp_path)[2]
    assert "revocation list" in text
    assert "certificate signing request" in run("certificate", "show", tmp_path / "a-request.csr")[2]
    assert run("certificate", "show", tmp_path / "b-list.crl")[0] == 1


def test_json_fits_its_published_schema(run: Run) -> None:
    """The lines of ``lint``, ``chain`` and ``pki make`` fit the schemas that are published for them."""
    for name, words in (
        ("certificate-lint", ("certificate", "lint", _CERTS)),
        ("certificate-chain", tuple(_chain())),
    ):
        for line in run(*words, "--json")[1]:
            jsonschema.validate(line, json.loads(schema_json(name)))


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("smki-corpus", "corpus.json"),
        ("smki-plan", "synthetic_pki.json"),
        ("smki-status-codes", "status_codes.json"),
        ("smki-profile", "profiles/production.json"),
        ("smki-profile", "profiles/test-pki.json"),
    ],
)
def test_data_files_fit_their_published_schemas(name: str, file: str) -> None:
    """The data files of this package hold what their published schemas say."""
    value = json.loads(read_data("trialconformance.smki", f"data/{file}"))
    jsonschema.validate(value, json.loads(schema_json(name)))


def test_pki_make_writes_the_committed_certificates(run: Run, tmp_path: Path) -> None:
    """``pki make`` writes exactly what ``certs`` holds, and private keys only when asked."""
    code, (line,), _ = run("pki", "make", tmp_path / "certs", "--json")
    assert code == 0
    assert all((tmp_path / "certs" / name).read_bytes() == (_CERTS / name).read_bytes() for name in line["files"])
    assert not list(tmp_path.rglob("*.key"))
    code, _, text = run("pki", "make", tmp_path / "bench", "--private-keys", "--party", "supplier", "--device", "esme")
    assert code == 0
    assert "test-only" in text
    assert len(list((tmp_path / "bench").glob("*.key"))) == 5


def test_pki_make_serves_any_device_and_every_deviation(run: Run, tmp_path: Path) -> None:
    """``pki make`` makes certificates for any EUI-64, and the whole negative corpus on demand."""
    code, (line,), _ = run(
        "pki", "make", tmp_path, "--device", "00-00-5E-EF-10-00-00-FE", "--party", "recovery", "--deviations", "--json"
    )
    assert code == 0
    assert "00005eef100000fe-ds.pem" in line["files"]
    assert "deviations/N013/leaf.pem" in line["files"]
    assert run("certificate", "lint", tmp_path / "deviations" / "N013", "--json")[0] == 1


def test_pki_make_writes_requests_and_lists(run: Run, tmp_path: Path) -> None:
    """``pki make --requests`` adds the signing requests of the devices and a list of each CA, all of them good."""
    code, (line,), _ = run("pki", "make", tmp_path, "--requests", "--json")
    assert code == 0
    assert {"00005eef100000a5-ka.csr", "ca/org-root.crl"} <= set(line["files"])
    code, lines, _ = run("certificate", "lint", tmp_path, "--json", "--as-of", "2017-02-01")
    assert code == 1  # the leaves are not valid yet, but requests and lists are good
    assert all(each["findings"] == [] for each in lines if Path(each["path"]).suffix in {".csr", ".crl"})


def test_pki_make_takes_a_corpus_of_ones_own(run: Run, tmp_path: Path) -> None:
    """Any deviation can be asked for as data."""
    case = {
        "id": "S901",
        "title": "serial number 1",
        "leaf": {
            "name": "leaf",
            "holder": "hcalcs",
            "use": "ka",
            "edits": [{"op": "set", "field": "serial", "der": "020101"}],
        },
        "cases": ["SMKI-TBS-04"],
        "predicted": 0,
    }
    own = tmp_path / "own.json"
    own.write_text(json.dumps({"description": "", "policies": {}, "cases": [case]}))
    assert run("pki", "make", tmp_path / "pki", "--corpus", own)[0] == 0
    _, (line,), _ = run("certificate", "lint", tmp_path / "pki" / "deviations" / "S901" / "leaf.pem", "--json")
    assert [each["case"] for each in line["findings"]] == ["SMKI-TBS-04"]


@pytest.mark.parametrize("words", [("--device", "meter"), ("--party", "nobody"), ("--plan", "missing.json")])
def test_pki_make_refuses_what_it_does_not_know(run: Run, tmp_path: Path, words: tuple[str, str]) -> None:
    """An unknown party, something that is no EUI-64 and a missing plan end with exit code 3."""
    assert run("pki", "make", tmp_path, *words)[0] == 3


def test_pki_make_says_where_it_cannot_write(run: Run, tmp_path: Path) -> None:
    """A folder that cannot be made ends with exit code 3, for the key store and for the deviations."""
    (tmp_path / "file").write_text("")
    assert run("pki", "make", tmp_path / "file")[0] == 3
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "deviations").write_text("")
    assert run("pki", "make", tmp_path / "store", "--deviations")[0] == 3
