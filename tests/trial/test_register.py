"""The register: a chain of signed states in a folder that two writers cannot fork."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from trial_bench import KEEPER, REFERENCE, STRANGER, Bench, example

from trialconformance.core import ArtefactError, UsageError, canonical_json
from trialconformance.core.dsse import Envelope, sign
from trialconformance.trial import registered_trials
from trialconformance.trial.lifecycle import confirm
from trialconformance.trial.register import PAYLOAD_TYPE, Register, RegisterDocument, read_register, sign_state
from trialconformance.trial.register_folder import append_state, load_register, state_files

KEYS = [KEEPER.public_key()]


def _files() -> list[tuple[str, bytes]]:
    return [(name, octets) for name, octets in sorted(example().items()) if name.startswith("register/")]


def _register() -> Register:
    return read_register(_files(), keys=KEYS)


def _folder(tmp_path: Path) -> Path:
    for name, octets in _files():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(octets)
    return tmp_path / "register"


def test_the_chain_of_the_example_holds() -> None:
    """Four states, each naming the one before, all signed by the keeper; the newest has the trial listed."""
    register = _register()
    assert len(register.states) == 4
    assert register.unsigned == ()
    entry = register.entry(REFERENCE)
    assert entry is not None
    assert (entry.state, entry.end, entry.computed_end) == ("listed", date(2023, 9, 30), date(2023, 9, 30))
    assert register.entry("EX-APP-0007") == entry
    assert register.entry("nobody") is None
    assert register.octets == _files()[-1][1]


def test_states_that_nobody_trusted_signed_are_reported() -> None:
    """Without the keeper's key the chain still holds and every state is reported as unsigned."""
    assert len(read_register(_files(), keys=[STRANGER.public_key()]).unsigned) == 4


def test_trials_are_told_as_the_list_wants_them() -> None:
    """The flag rules of the CPL get reference, outcome, days and models."""
    (told,) = registered_trials(_register())
    assert (told.trial_ref, told.outcome, told.end, told.closure) == (REFERENCE, "approved", date(2023, 9, 30), None)
    assert told.models[0].firmware == ("00000B01",)


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ([0, 2, 3], "the chain of the register is broken"),
        ([1, 2, 3], "the chain of the register is broken"),
        ([0, 1, 1], "the chain of the register is broken"),
        ([], "the register holds no state"),
    ],
)
def test_a_broken_chain_is_refused(order: list[int], said: str) -> None:
    """A state that is missing, first, or twice breaks the chain, and the error names it."""
    files = _files()
    with pytest.raises(ArtefactError, match=said):
        read_register([files[index] for index in order], keys=KEYS)


def test_a_register_does_not_go_back_in_time() -> None:
    """A state that is older than the one before it is refused."""
    head = _register().head
    older = RegisterDocument(as_of=date(2022, 1, 1), previous_digest=head.digest, entries=head.entries)
    with pytest.raises(ArtefactError, match="goes back in time"):
        read_register([*_files(), ("state-000005.dsse.json", sign_state(older, KEEPER))], keys=KEYS)


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"{}", "not a signed envelope"),
        (sign("text/plain", b"{}", KEEPER).to_json(), "something else"),
        (sign(PAYLOAD_TYPE, b"{}", KEEPER).to_json(), "not a register document"),
        (sign(PAYLOAD_TYPE, b'{"as_of": "2022-01-01"}', KEEPER).to_json(), "not canonical"),
        (sign(PAYLOAD_TYPE, canonical_json({"as_of": "2022-02-30"}), KEEPER).to_json(), "not a register document"),
    ],
)
def test_what_is_no_state_is_refused(octets: bytes, said: str) -> None:
    """Another envelope, payload or spelling is refused with the name of the state."""
    with pytest.raises(ArtefactError, match=said):
        read_register([("state-000001.dsse.json", octets)], keys=KEYS)


def test_a_changed_octet_is_noticed() -> None:
    """A state whose payload was changed is no longer signed."""
    name, octets = _files()[0]
    envelope = Envelope.from_json(octets)
    forged = envelope.payload.replace(b'"quantity_cap":100', b'"quantity_cap":900')
    changed = Envelope(payload_type=PAYLOAD_TYPE, payload=forged, signatures=envelope.signatures)
    assert read_register([(name, changed.to_json())], keys=KEYS).unsigned == (name,)


def test_a_folder_is_read_and_added_to(tmp_path: Path) -> None:
    """The next state gets the next number; a new folder begins with the first."""
    folder = _folder(tmp_path)
    register = load_register(folder, keys=KEYS)
    document = confirm(register.head, as_of=date(2022, 10, 20)).document
    assert document is not None
    path = append_state(folder, document, KEEPER, expected=register.head.digest)
    assert path.name == "state-000005.dsse.json"
    assert load_register(folder, keys=KEYS).head == document
    assert [each.name for each in folder.iterdir() if each.name.startswith(".")] == []
    first = RegisterDocument(as_of=date(2022, 1, 1))
    assert append_state(tmp_path / "new" / "one", first, KEEPER, expected=None).name == "state-000001.dsse.json"


def test_a_writer_that_is_late_writes_nothing(tmp_path: Path) -> None:
    """The second of two writers that read the same state is refused, and the first one's state stays."""
    folder = _folder(tmp_path)
    head = load_register(folder, keys=KEYS).head
    first, second = (confirm(head, as_of=date(2022, 10, day)).document for day in (20, 21))
    assert first is not None
    assert second is not None
    append_state(folder, first, KEEPER, expected=head.digest)
    with pytest.raises(UsageError, match="another writer"):
        append_state(folder, second, KEEPER, expected=head.digest)
    assert load_register(folder, keys=KEYS).head == first


def test_a_state_must_name_the_one_before(tmp_path: Path) -> None:
    """A document with another previous digest is never published."""
    folder = _folder(tmp_path)
    head = load_register(folder, keys=KEYS).head
    with pytest.raises(UsageError, match="another writer"):
        append_state(folder, RegisterDocument(as_of=head.as_of), KEEPER, expected=head.digest)


def test_writers_at_the_same_time_cannot_fork(tmp_path: Path) -> None:
    """Of many writers at once exactly one succeeds, and the chain holds."""
    folder = _folder(tmp_path)
    head = load_register(folder, keys=KEYS).head

    def write(day: int) -> bool:
        document = confirm(head, as_of=date(2022, 10, day)).document
        assert document is not None
        try:
            append_state(folder, document, KEEPER, expected=head.digest)
        except UsageError:
            return False
        return True

    with ThreadPoolExecutor(max_workers=8) as pool:
        assert sum(pool.map(write, range(16, 31))) == 1
    assert len(load_register(folder, keys=KEYS).states) == 5


def test_a_faster_writer_wins_at_the_last_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that comes between reading and publishing makes the link fail: nothing is overwritten."""
    folder = _folder(tmp_path)
    head = load_register(folder, keys=KEYS).head
    document = confirm(head, as_of=date(2022, 10, 20)).document
    assert document is not None
    link = os.link

    def beaten(source: Path, target: Path) -> None:
        target.write_bytes(b"the faster one")
        link(source, target)

    monkeypatch.setattr(os, "link", beaten)
    with pytest.raises(UsageError, match="another writer"):
        append_state(folder, document, KEEPER, expected=head.digest)
    assert (folder / "state-000005.dsse.json").read_bytes() == b"the faster one"


def test_an_interrupted_writer_leaves_the_register_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails before the state is published changes nothing that anybody reads."""
    folder = _folder(tmp_path)
    before = {path.name: path.read_bytes() for path in state_files(folder)}
    head = load_register(folder, keys=KEYS).head
    document = confirm(head, as_of=date(2022, 10, 20)).document
    assert document is not None

    def broken(descriptor: int) -> None:
        raise OSError(5, "Input/output error", descriptor)

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(UsageError, match="cannot be written"):
        append_state(folder, document, KEEPER, expected=head.digest)
    assert {path.name: path.read_bytes() for path in state_files(folder)} == before
    assert load_register(folder, keys=KEYS).head == head


def test_gaps_and_folders_that_are_none_are_refused(tmp_path: Path) -> None:
    """A missing number in between, a missing folder, and a state that is a folder are told."""
    folder = _folder(tmp_path)
    (folder / "state-000002.dsse.json").unlink()
    with pytest.raises(UsageError, match="lacks state-000002"):
        load_register(folder, keys=KEYS)
    with pytest.raises(UsageError, match="cannot be read"):
        load_register(tmp_path / "none", keys=KEYS)
    (folder / "state-000002.dsse.json").mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        load_register(folder, keys=KEYS)


def test_a_broken_register_is_a_finding_of_its_requirement(bench: Bench) -> None:
    """A submission with a broken register is still judged; TR-08 says which state is at fault."""
    states = bench.folder / "register"
    bench.write("register/state-000002.dsse.json", (states / "state-000003.dsse.json").read_bytes())
    assert bench.broken() == {"TR-08"}
    (finding,) = bench.findings("TR-08")
    assert finding.artefact == "state-000002.dsse.json"
