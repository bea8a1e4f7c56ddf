"""The parts of the DCC Boxed adapter: counters, correlation, settings, SMKI search, TLS."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from lxml import etree

from trialconformance.core import UsageError
from trialconformance.harness.dccboxed import BoxedError, BoxedSettings, read_settings
from trialconformance.harness.dccboxed.correlator import ArrivalKind, Correlator
from trialconformance.harness.dccboxed.counters import Counters
from trialconformance.harness.dccboxed.smki_search import SmkiSearch
from trialconformance.harness.dccboxed.transport import HttpTransport
from trialconformance.harness.emulator.boxed_stand_in import BoxedStandIn, Misbehaviour
from trialconformance.smki import KeyUsage
from trialconformance.smki.issue import SyntheticPki

_SUPPLIER = bytes.fromhex("00005eef10000002")


def test_counters_are_never_reused(tmp_path: Path) -> None:
    """Threads that share a file under a clock that stands still get different, increasing counters."""
    path = tmp_path / "counters.sqlite"
    sources = [Counters(path, now_ms=lambda: 1_000) for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda number: sources[number % 2].next(_SUPPLIER), range(40)))
    assert sorted(taken) == list(range(1_000, 1_040))
    assert sources[0].next(bytes(8)) == 1_000


def test_counters_follow_the_clock(tmp_path: Path) -> None:
    """A counter is the time in milliseconds where that is higher than the last one."""
    times = iter([5, 4, 100])
    counters = Counters(tmp_path / "counters.sqlite", now_ms=lambda: next(times))
    assert [counters.next(_SUPPLIER) for _ in range(3)] == [5, 6, 100]


def test_unusable_counter_file_is_told(tmp_path: Path) -> None:
    """A file that is no database is the caller's mistake."""
    path = tmp_path / "counters.sqlite"
    counters = Counters(path)
    path.write_bytes(b"no database" * 100)
    with pytest.raises(UsageError, match="counters cannot be kept"):
        counters.next(_SUPPLIER)


def test_arrivals_are_told_apart(tmp_path: Path) -> None:
    """Answer, duplicate, late and unknown responses, and alerts, are told apart and handed out once."""
    correlator = Correlator(tmp_path / "arrivals.sqlite")
    correlator.expect("a")
    correlator.expect("b")
    correlator.abandon("b")
    assert correlator.arrived("a", b"1") is ArrivalKind.ANSWER
    assert correlator.arrived("a", b"2") is ArrivalKind.DUPLICATE
    assert correlator.arrived("b", b"3") is ArrivalKind.LATE
    assert correlator.arrived("c", b"4", otherwise="device") is ArrivalKind.UNKNOWN
    correlator.alerted(bytes(8), b"5")
    taken = [correlator.take("a", "b", "device", "00" * 8) for _ in range(6)]
    assert [each.octets for each in taken if each is not None] == [b"1", b"2", b"3", b"4", b"5"]
    assert taken[-1] is None


_SETTINGS = """
device = "00005EEF100000A0"
keystore = "keys"
xml_signing_keystore = "xml"
templates = "templates"
state = "state"
apikey = "secret-text"
[duis]
host = "127.0.0.1"
port = 8079
"""


def test_settings_are_read_relative_to_their_file(tmp_path: Path) -> None:
    """Relative paths count from the folder of the file, and the apikey is not shown."""
    path = tmp_path / "boxed.toml"
    path.write_text(_SETTINGS)
    settings = read_settings(path)
    assert settings.keystore == tmp_path / "keys"
    assert "secret-text" not in repr(settings)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (_SETTINGS + "unknown = 1\n", "unknown"),
        (_SETTINGS.replace("8079", "80790"), "port"),
        ("[", "TOML"),
        (_SETTINGS.replace('"secret-text"', '["secret-text"]'), "apikey"),
    ],
)
def test_bad_settings_are_refused_without_showing_the_apikey(tmp_path: Path, content: str, reason: str) -> None:
    """Unknown keys, bad values and bad TOML are refused; the apikey is in no message."""
    path = tmp_path / "boxed.toml"
    path.write_text(content)
    with pytest.raises(UsageError, match=reason) as caught:
        read_settings(path)
    assert "secret-text" not in str(caught.value)


def test_missing_settings_are_refused(tmp_path: Path) -> None:
    """A file that is not there is the caller's mistake."""
    with pytest.raises(UsageError, match="cannot be read"):
        read_settings(tmp_path / "none.toml")


_NO_HEX = (
    b"<CertificateSearchResponse><Result><CertificateSerial>x</CertificateSerial></Result></CertificateSearchResponse>"
)


class _Smki:
    """Answers SMKI requests from the synthetic PKI and counts them."""

    def __init__(self, pki: SyntheticPki) -> None:
        self.asked: list[str] = []
        self.status = "I"
        self.body = ""
        self._certificates = {
            each.serial: each for each in (pki.certificate("esme", "ds"), pki.certificate("esme", "ka"))
        }

    def __call__(self, octets: bytes) -> bytes:
        root = etree.fromstring(octets)
        self.asked.append(str(root.tag))
        if root.tag == "CertificateSearchRequest":
            hits = "".join(
                f"<Result><CertificateSerial>{serial:x}</CertificateSerial><CertificateStatus>{self.status}"
                f"</CertificateStatus><CertificateUsage>{usage}</CertificateUsage></Result>"
                for serial, usage in zip(self._certificates, ("DS", "KA"), strict=True)
            )
            content = f"<ResponseCode>200</ResponseCode>{hits}"
            return f"<CertificateSearchResponse>{content}</CertificateSearchResponse>".encode()
        serial = int(root.findtext("CertificateSerial", "0"), 16)
        body = self.body or base64.encodebytes(self._certificates[serial].octets).decode()
        return (
            f"<CertificateDataResponse><CertificateResponse><CertificateBody>{body}</CertificateBody>"
            "</CertificateResponse></CertificateDataResponse>"
        ).encode()


@pytest.fixture
def smki(stand_in: BoxedStandIn, pki: SyntheticPki) -> _Smki:
    """SMKI services behind the stand-in."""
    answering = _Smki(pki)
    stand_in.misbehaviour = Misbehaviour(reply=answering)
    return answering


def test_certificate_is_found_and_kept(settings: BoxedSettings, smki: _Smki, pki: SyntheticPki) -> None:
    """A certificate in use is found by usage, retrieved once, and kept for the run."""
    search = SmkiSearch(HttpTransport(settings))
    esme = pki.entity("esme")
    for _ in range(2):
        found = search.certificate(esme, KeyUsage.KEY_AGREEMENT, device=True)
        assert found is not None
        assert found.octets == pki.certificate("esme", "ka").octets
    assert smki.asked == ["CertificateSearchRequest", "CertificateDataRequest"]


def test_certificate_not_in_use_is_left_out(settings: BoxedSettings, smki: _Smki, pki: SyntheticPki) -> None:
    """The services do not filter: a revoked certificate is left out here."""
    smki.status = "R"
    search = SmkiSearch(HttpTransport(settings))
    assert search.certificate(pki.entity("esme"), KeyUsage.KEY_AGREEMENT, device=True) is None
    assert smki.asked == ["CertificateSearchRequest"]


def test_not_found_is_402(settings: BoxedSettings, stand_in: BoxedStandIn) -> None:
    """HTTP 402 means that nothing was found, and is remembered as well."""
    stand_in.misbehaviour = Misbehaviour(status=402)
    search = SmkiSearch(HttpTransport(settings))
    assert search.search(_SUPPLIER, device=False) == ()
    assert search.search(_SUPPLIER, device=False) == ()
    assert len(stand_in.requests) == 1


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b"<Other/>", "another answer"),
        (b"<CertificateSearchResponse><ResponseCode>500</ResponseCode></CertificateSearchResponse>", "refused"),
        (
            _NO_HEX,
            "no hex",
        ),
    ],
)
def test_odd_search_results_are_refused(
    settings: BoxedSettings, stand_in: BoxedStandIn, reply: bytes, reason: str
) -> None:
    """An answer that is none, a refusal and a garbled serial number are errors."""
    stand_in.misbehaviour = Misbehaviour(reply=lambda _: reply)
    with pytest.raises(BoxedError, match=reason):
        SmkiSearch(HttpTransport(settings)).search(_SUPPLIER, device=False)


@pytest.mark.parametrize(("body", "reason"), [("!", "base64"), ("other", "another certificate")])
def test_odd_certificates_are_refused(
    settings: BoxedSettings, smki: _Smki, pki: SyntheticPki, body: str, reason: str
) -> None:
    """A body that is no base64, and another certificate than asked for, are errors."""
    smki.body = base64.b64encode(pki.certificate("gsme", "ds").octets).decode() if body == "other" else body
    with pytest.raises(BoxedError, match=reason):
        SmkiSearch(HttpTransport(settings)).certificate(pki.entity("esme"), KeyUsage.DIGITAL_SIGNATURE, device=True)


def test_smki_server_error_is_told(settings: BoxedSettings, stand_in: BoxedStandIn) -> None:
    """Any HTTP status but 200 and 402 is an error."""
    stand_in.misbehaviour = Misbehaviour(status=401)
    with pytest.raises(BoxedError, match="HTTP 401"):
        SmkiSearch(HttpTransport(settings)).search(_SUPPLIER, device=False)


def test_smki_needs_an_address_and_a_key(settings: BoxedSettings) -> None:
    """Without the SMKI address nothing is looked up; the error says what is missing."""
    transport = HttpTransport(settings.model_copy(update={"smki": None}))
    with pytest.raises(UsageError, match="apikey"):
        SmkiSearch(transport).search(_SUPPLIER, device=False)


def test_tls_is_spoken_where_asked_for(settings: BoxedSettings, stand_in: BoxedStandIn) -> None:
    """With the TLS switch a server without TLS is a broken connection, not an answer in the clear."""
    from trialconformance.harness.dccboxed.duis import Path as ServicePath  # noqa: PLC0415 -- clashes with pathlib

    surface = settings.duis.model_copy(update={"tls": True})
    transport = HttpTransport(settings.model_copy(update={"duis": surface}))
    with pytest.raises(BoxedError, match="connection"):
        transport.post_duis(ServicePath.SEND, b"<x/>")
    assert not stand_in.requests


def test_extra_headers_and_log(settings: BoxedSettings, stand_in: BoxedStandIn) -> None:
    """Each exchange is logged in one line, without the apikey."""
    lines: list[str] = []
    stand_in.misbehaviour = Misbehaviour(status=402)
    HttpTransport(settings, log=lines.append).smki("search", b"<x/>")
    assert len(lines) == 1
    assert "(redacted)" in lines[0]
    assert "not-a-secret" not in lines[0]
