"""Sessions: transcripts, what arrives in a wrong way, recordings, sockets, and how a session is opened."""

from __future__ import annotations

import json
import socket
from collections import deque
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from trialconformance.core import UsageError
from trialconformance.harness import (
    Bench,
    Capability,
    Command,
    Credentials,
    DeviceSession,
    EmulatorSession,
    Identity,
    Party,
    Received,
    Transcript,
    Trouble,
)
from trialconformance.harness.emulator import Behaviour, Emulator
from trialconformance.harness.emulator.server import EmulatorServer
from trialconformance.harness.exchange import exchange, sort
from trialconformance.harness.opening import may_attack, open_session
from trialconformance.harness.purposes import purposes_of
from trialconformance.harness.replay import ReplaySession
from trialconformance.harness.report import Collector
from trialconformance.harness.sensitivity import Procedure, run_procedure
from trialconformance.harness.tcp import TcpSession, frame
from trialconformance.smki import KeyStore
from trialconformance.smki.issue import SyntheticPki


class _Scripted(DeviceSession):
    """Gives what it was told to give; an exception is raised."""

    def __init__(self, credentials: Credentials, *script: Received | bytes | Exception | None) -> None:
        esme = bytes.fromhex("00005eef100000a0")
        super().__init__(identity=Identity(entity=esme, device_type="ESME"), credentials=credentials)
        self.script = deque(script)
        self.refuses: ConnectionError | None = None

    def transmit(self, command: Command) -> None:
        del command
        if self.refuses is not None:
            raise self.refuses

    def collect(self, deadline_ms: int) -> Received | bytes | None:
        del deadline_ms
        if not self.script:
            return None
        found = self.script.popleft()
        if isinstance(found, Exception):
            raise found
        return found


_COMMAND = Command(octets=b"\x01", use_case="ECS52")


def test_transcript_reads_back(session: Callable[..., EmulatorSession]) -> None:
    """A transcript holds every octet with relative times and reads back from its canonical JSON."""
    with session() as opened:
        bench = Bench(opened, Collector())
        bench.expect_answer(bench.command_for("read"), "a read")
        bench.session.pass_time(5)
        octets = opened.transcript.to_json()
    read = Transcript.from_json(octets, where="here")
    assert read.to_json() == octets
    directions = [each.direction.value for each in read.entries]
    assert directions == ["input", "input", "to-device", "from-device", "input"]
    assert all(before.at_ms <= after.at_ms for before, after in zip(read.entries, read.entries[1:], strict=False))


@pytest.mark.parametrize("octets", [b"", b"{}", b'{"schema_id": "other"}'])
def test_other_files_are_no_transcripts(octets: bytes) -> None:
    """What is no transcript is refused by name."""
    with pytest.raises(UsageError, match="here"):
        Transcript.from_json(octets, where="here")


@pytest.mark.parametrize(
    ("script", "trouble"),
    [
        ([b"\xde\xad\xbe\xef"], Trouble.GARBAGE),
        ([bytes.fromhex("dd00000000000040110000")], Trouble.HALF),
        ([bytes.fromhex("df0901")], Trouble.HALF),
        ([bytes.fromhex("dd00000000000081")], Trouble.HALF),
        ([bytes.fromhex("dd000000000000")], Trouble.HALF),
        ([ConnectionResetError("gone")], Trouble.RESET),
        ([None, b"\xde"], Trouble.LATE),
    ],
)
def test_troubles_are_told_apart(
    credentials: Credentials, script: list[bytes | Exception | None], trouble: Trouble
) -> None:
    """Garbage, half a message, a broken connection and a late answer are troubles of their own kinds."""
    happened = exchange(_Scripted(credentials, *script), _COMMAND, deadline_ms=5)
    assert happened.trouble(trouble) is not None, happened.describe()


def test_silence_is_nothing(credentials: Credentials) -> None:
    """A device that says nothing leaves an empty exchange."""
    happened = exchange(_Scripted(credentials), _COMMAND, deadline_ms=5)
    assert happened.nothing
    assert happened.describe() == "nothing"


@pytest.mark.parametrize(
    ("error", "trouble"),
    [(ConnectionRefusedError("no"), Trouble.REFUSED), (BrokenPipeError("broken"), Trouble.RESET)],
)
def test_command_that_does_not_leave_is_told(
    credentials: Credentials, error: ConnectionError, trouble: Trouble
) -> None:
    """A way that is broken before the command left is a trouble, and the transcript keeps it."""
    opened = _Scripted(credentials)
    opened.refuses = error
    assert exchange(opened, _COMMAND, deadline_ms=5).trouble(trouble) is not None
    assert opened.transcript.entries[-1].trouble == trouble.value


def test_session_says_what_it_cannot(credentials: Credentials) -> None:
    """A harness without clock, firmware or restart says so, and sends no hostile octets."""
    opened = _Scripted(credentials)
    with pytest.raises(UsageError, match="clock"):
        opened.pass_time(1)
    with pytest.raises(UsageError, match="firmware"):
        opened.transfer(b"")
    with pytest.raises(UsageError, match="restart"):
        opened.cut_power()
    assert exchange(opened, Command(octets=b"", hostile=True), deadline_ms=5).trouble(Trouble.UNSUPPORTED) is not None
    assert opened.take_image() is None
    assert opened.take_counter(b"") < opened.take_counter(b"")
    assert opened.take_time() > 0


def test_flood_of_answers_is_cut_off(credentials: Credentials) -> None:
    """A device that never stops talking does not keep an exchange from ending."""
    assert len(exchange(_Scripted(credentials, *[b"\x00"] * 500), _COMMAND, deadline_ms=5).troubles) <= 64


@pytest.mark.parametrize("script", [[], [b"\xde"], [ConnectionResetError("gone")]])
def test_dead_device_makes_the_run_fail(
    credentials: Credentials,
    collector: Collector,
    procedures: dict[str, Procedure],
    script: list[bytes | Exception],
) -> None:
    """A device that answers nothing usable fails the liveness case and passes none that expects silence."""
    run_procedure(procedures["GBCS-LIV-001"], Bench(_Scripted(credentials, *script), collector), collector)
    assert collector.findings
    silent = Collector()
    opened = Bench(_Scripted(credentials, *script), silent)
    opened.session.capabilities = frozenset(Capability)
    assert run_procedure(procedures["GBCS-NEG-001"], opened, silent) is None


def test_missing_capability_is_inconclusive(
    credentials: Credentials, collector: Collector, procedures: dict[str, Procedure]
) -> None:
    """A harness that cannot tamper or move the clock decides no procedure that needs it."""
    opened = Bench(_Scripted(credentials), collector)
    for case in ("GBCS-CTR-002", "GBCS-FDT-005", "GBCS-FWR-001", "RISK-MSG-001"):
        assert run_procedure(procedures[case], opened, collector) is None


def _record(opened: EmulatorSession, procedure: Procedure) -> bytes:
    run_procedure(procedure, Bench(opened, Collector()), Collector())
    return opened.transcript.to_json()


_RECORDED = ("GBCS-LIV-001", "GBCS-CTR-002", "GBCS-FDT-005", "GBCS-FWR-006", "GBCS-UTR-005", "GBCS-CRD-001")


@pytest.mark.parametrize("case", _RECORDED)
def test_recording_stands_in_for_the_device(
    session: Callable[..., EmulatorSession],
    credentials: Credentials,
    procedures: dict[str, Procedure],
    collector: Collector,
    case: str,
) -> None:
    """A procedure comes to the same over a recording as over the device, octet for octet."""
    octets = _record(session(), procedures[case])
    replayed = ReplaySession(Transcript.from_json(octets, where=case), credentials=credentials)
    assert run_procedure(procedures[case], Bench(replayed, collector), collector) is False
    kept = [each for each in replayed.transcript.entries if each.direction.value != "note"]
    recorded = [each for each in Transcript.from_json(octets, where=case).entries if each.direction.value != "note"]
    assert [(each.direction, each.octets) for each in kept] == [(each.direction, each.octets) for each in recorded]


def test_recording_of_a_faulty_device_fails_again(
    session: Callable[..., EmulatorSession],
    credentials: Credentials,
    procedures: dict[str, Procedure],
    collector: Collector,
) -> None:
    """A recording of a device with a fault shows the fault again."""
    octets = _record(session(counter_rule="any"), procedures["GBCS-CTR-002"])
    replayed = ReplaySession(Transcript.from_json(octets, where="recording"), credentials=credentials)
    assert run_procedure(procedures["GBCS-CTR-002"], Bench(replayed, collector), collector) is True


def test_divergence_is_a_finding(
    session: Callable[..., EmulatorSession],
    credentials: Credentials,
    procedures: dict[str, Procedure],
    collector: Collector,
) -> None:
    """A procedure that does something else than was recorded finds that it diverges."""
    octets = _record(session(), procedures["GBCS-LIV-001"])
    for case in ("GBCS-ENC-001", "GBCS-CTR-002", "GBCS-CLK-001", "GBCS-FWR-001"):
        replayed = ReplaySession(Transcript.from_json(octets, where="recording"), credentials=credentials)
        run_procedure(procedures[case], Bench(replayed, collector), collector)
    told = [each.seen for each in collector.findings]
    assert any("differs from octet" in each for each in told)
    assert any("where the recording has none" in each for each in told)


def test_recording_that_does_not_fit_is_refused(tmp_path: Path, credentials: Credentials) -> None:
    """A recording that is not there, or that names a capability there is not, is refused."""
    with pytest.raises(UsageError, match="no recording"):
        ReplaySession.read(tmp_path / "none.json", credentials=credentials)
    recording = Transcript(bytes(8), device_type="ESME", capabilities=("fly",))
    with pytest.raises(UsageError, match="fly"):
        ReplaySession(recording, credentials=credentials)


@pytest.fixture
def over_tcp(pki: SyntheticPki, credentials: Credentials) -> Callable[[int], TcpSession]:
    """Opens a session to a port of this machine."""

    def open_(port: int) -> TcpSession:
        opened = TcpSession("127.0.0.1", port, device_type="ESME", pki=pki, credentials=credentials)
        opened.linger_ms = 40
        return opened

    return open_


@pytest.mark.parametrize("case", ["GBCS-LIV-001", "GBCS-ANS-002", "GBCS-NEG-001", "GBCS-CTR-002", "GBCS-CRD-001"])
def test_procedures_run_over_a_socket(
    pki: SyntheticPki,
    over_tcp: Callable[[int], TcpSession],
    procedures: dict[str, Procedure],
    collector: Collector,
    case: str,
) -> None:
    """The same procedures run over a loopback socket."""
    with EmulatorServer(Emulator("ESME", pki=pki)) as server, over_tcp(server.port) as opened:
        decided = run_procedure(procedures[case], Bench(opened, collector, deadline_ms=150), collector)
    assert decided is False, [each.seen for each in collector.findings]


def test_emulator_that_resets_is_told(pki: SyntheticPki, over_tcp: Callable[[int], TcpSession]) -> None:
    """A device that breaks the connection is a trouble, and the session can connect again."""
    device = Emulator("ESME", pki=pki, behaviour=Behaviour(resets=True))
    with EmulatorServer(device) as server, over_tcp(server.port) as opened:
        for _ in range(2):
            assert exchange(opened, _COMMAND, deadline_ms=200).trouble(Trouble.RESET) is not None


@pytest.mark.parametrize(
    ("sent", "trouble"),
    [
        (frame(b"\x01\x02\x03")[:-1], Trouble.HALF),
        (b"\xff\xff\xff\xff", Trouble.RESET),
        (b"\x00", Trouble.RESET),
        (frame(b"\xde\xad"), Trouble.GARBAGE),
    ],
)
def test_broken_frames_are_told_apart(over_tcp: Callable[[int], TcpSession], sent: bytes, trouble: Trouble) -> None:
    """Half a frame, a length that cannot be and garbage in a frame are troubles of their own kinds."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(64)
                connection.sendall(sent)

        Thread(target=answer, daemon=True).start()
        with over_tcp(int(listener.getsockname()[1])) as opened:
            happened = exchange(opened, _COMMAND, deadline_ms=300)
    assert happened.trouble(trouble) is not None, happened.describe()


def test_silent_socket_is_silence(over_tcp: Callable[[int], TcpSession]) -> None:
    """A device that takes the command and says nothing leaves an empty exchange; nobody there is refused."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
        with over_tcp(port) as opened:
            assert exchange(opened, _COMMAND, deadline_ms=20).nothing
            assert opened.collect(1) is None
    with over_tcp(port) as opened:
        assert opened.collect(1) is None
        assert exchange(opened, _COMMAND, deadline_ms=20).trouble(Trouble.REFUSED, Trouble.RESET) is not None


def test_taken_port_is_told(pki: SyntheticPki) -> None:
    """A port that is taken is the caller's mistake."""
    with EmulatorServer(Emulator("ESME", pki=pki)) as server, pytest.raises(UsageError, match="cannot listen"):
        EmulatorServer(Emulator("ESME", pki=pki), port=server.port)


@pytest.mark.parametrize(
    ("word", "device_type", "entity"),
    [
        ("emulator", "", "00005eef100000a0"),
        ("emulator", "HCALCS", "00005eef100000a5"),
        ("emulator:GSME", "HCALCS", "00005eef100000a1"),
        ("emulator:GSME:gas-meter-accepts-replay", "", "00005eef100000a1"),
        ("tcp:127.0.0.1:1", "", "00005eef100000a0"),
        ("tcp:127.0.0.1:1:GSME", "", "00005eef100000a1"),
    ],
)
def test_word_opens_a_session(word: str, device_type: str, entity: str) -> None:
    """A word names the device; its type comes from the word, else from the submission."""
    with open_session(word, case="GBCS-LIV-001", device_type=device_type) as opened:
        assert opened.identity.entity.hex() == entity


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("meter", "names no device"),
        ("tcp:somewhere", "names no socket"),
        ("tcp:host:port", "names no socket"),
        ("replay:nowhere", "no recording"),
        ("boxed:nowhere.toml", "cannot be read"),
        ("emulator:CHF", "cannot be"),
        ("emulator:ESME:no-such-fault", "no fault"),
    ],
)
def test_word_that_means_nothing_is_refused(word: str, reason: str) -> None:
    """A word that names no device is refused, and says what is accepted."""
    with pytest.raises(UsageError, match=reason):
        open_session(word, case="GBCS-LIV-001")


def test_recording_is_opened_by_case(tmp_path: Path, session: Callable[..., EmulatorSession]) -> None:
    """A folder of recordings gives each procedure the one of its case."""
    with session() as opened:
        (tmp_path / "GBCS-LIV-001.json").write_bytes(opened.transcript.to_json())
    with open_session(f"replay:{tmp_path}", case="GBCS-LIV-001") as replayed:
        assert replayed.identity.device_type == "ESME"


@pytest.mark.parametrize(
    ("host", "allowed", "may"),
    [
        ("", (), True),
        ("localhost", (), True),
        ("127.0.0.1", (), True),
        ("::1", (), True),
        ("192.0.2.1", (), False),
        ("meter.example", (), False),
        ("meter.example", ("meter.example",), True),
        ("unknown", (), False),
    ],
)
def test_only_loopback_is_attacked(host: str, allowed: tuple[str, ...], may: bool) -> None:
    """Hostile input goes to loopback, and elsewhere only where the host was named."""
    assert may_attack(host, allowed) is may


def test_parties_are_found_by_their_roles(pki: SyntheticPki) -> None:
    """The parties of a key store are found by the roles of their certificates; a store without suppliers is refused."""
    found = Credentials.from_keystore(pki.keystore())
    assert found.entity(Party.ACCESS_CONTROL_BROKER) == pki.entity("access-control-broker")
    assert {found.entity(Party.SUPPLIER), found.entity(Party.OTHER_SUPPLIER)} == {
        pki.entity("supplier"),
        pki.entity("supplier-2"),
    }
    with pytest.raises(UsageError, match="supplier"):
        Credentials.from_keystore(KeyStore.of([pki.certificate("esme", "ds")]))
    with pytest.raises(UsageError, match="no recovery"):
        Credentials(keystore=pki.keystore(), parties={Party.SUPPLIER: bytes(8)}).entity(Party.RECOVERY)


def test_device_type_without_procedures_is_refused() -> None:
    """A device type that the procedures do not know is refused by name."""
    with pytest.raises(UsageError, match="PPMID"):
        purposes_of("PPMID")


def test_sorting_keeps_alerts_and_answers_apart(session: Callable[..., EmulatorSession]) -> None:
    """Answers, alerts and duplicates are told apart."""
    with session() as opened:
        bench = Bench(opened, Collector())
        answer = bench.exchange(bench.command_for("read")).answers[0]
        alert = bench.exchange(bench.command("GCS38")).alerts[0]
    arrived = [Received(octets=each.octets, at_ms=0) for each in (answer, alert, answer)]
    happened = sort(_COMMAND, arrived)
    assert len(happened.alerts) == 1
    assert happened.trouble(Trouble.DUPLICATE) is not None
    assert "alert under message code 0120" in happened.describe()


def test_transcript_holds_no_private_key(session: Callable[..., EmulatorSession], pki: SyntheticPki) -> None:
    """No private key is in the text of credentials or in a transcript."""
    with session() as opened:
        bench = Bench(opened, Collector())
        bench.expect_answer(bench.command("CS02c", usage=2**0), "a request")
        secret = pki.private_key("esme", "ds").private_numbers().private_value.to_bytes(32, "big").hex()
        assert secret not in json.dumps(opened.transcript.to_json().decode())
        assert "keystore" not in repr(opened.credentials)
