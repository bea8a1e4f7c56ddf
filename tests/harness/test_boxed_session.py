"""DCC Boxed end to end over real sockets: every flow, and what can go wrong in each."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

import pytest

from trialconformance.core import UsageError
from trialconformance.gbcs import Message
from trialconformance.harness import Command, Party, Trouble
from trialconformance.harness.bench import Bench
from trialconformance.harness.dccboxed import BoxedError, BoxedSession, BoxedSettings, CodeClass, RequestId
from trialconformance.harness.emulator.boxed_stand_in import BoxedStandIn, Misbehaviour
from trialconformance.harness.exchange import Exchange, exchange
from trialconformance.harness.report import Collector

_DEADLINE_MS = 100


def _ask(session: BoxedSession, use_case: str = "ECS52") -> Exchange:
    supplier = session.credentials.entity(Party.SUPPLIER)
    codes = {"ECS52": 0x0059, "ECS17b": 0x0027, "ECS70": 0x0062, "CS06": 0x0012}
    command = Command(
        octets=b"\x00",
        use_case=use_case,
        message_code=codes.get(use_case, 0),
        originator=supplier,
        counter=session.take_counter(supplier),
    )
    return exchange(session, command, deadline_ms=_DEADLINE_MS)


@pytest.mark.parametrize("use_case", ["ECS52", "ECS17b", "ECS70", "CS06"])
def test_device_answers_through_boxed(boxed: BoxedSession, use_case: str) -> None:
    """A non-critical and a critical request end with the genuine response of the device, under their own counter."""
    happened = _ask(boxed, use_case)
    assert not happened.troubles
    assert [each.originator_counter for each in happened.answers] == [happened.command.counter]
    assert Bench(boxed, Collector()).is_genuine(happened.answers[0], happened.command)


def test_critical_request_takes_two_steps_under_one_request_id(boxed: BoxedSession, stand_in: BoxedStandIn) -> None:
    """Command variant 4 goes to the transform service, 5 with the signed pre-command and the same RequestID to send."""
    _ask(boxed, "ECS70")
    paths = [path for path, _ in stand_in.requests]
    assert paths == ["/api/v1/serviceT", "/api/v1/serviceS"]
    identifiers = {octets.split(b"RequestID>")[1] for _, octets in stand_in.requests}
    assert len(identifiers) == 1


def test_dcc_only_request_is_answered_at_once(boxed: BoxedSession) -> None:
    """Command variant 8 is answered on the same connection."""
    response = boxed.ask_dcc("8.2_READ_INVENTORY", originator=boxed.credentials.entity(Party.SUPPLIER))
    assert response.code_class is CodeClass.SUCCESS


def test_request_for_a_device_is_not_dcc_only(boxed: BoxedSession) -> None:
    """A template of another command variant is refused before anything is sent."""
    with pytest.raises(UsageError, match="not answered by DCC itself"):
        boxed.ask_dcc("ECS70_6.11", originator=boxed.credentials.entity(Party.SUPPLIER))


@pytest.mark.parametrize(("use_case", "variant"), [("ECS26m", 3), ("ECS35b", 7)])
def test_unsupported_command_variants_are_refused_with_the_reason(
    boxed: BoxedSession, stand_in: BoxedStandIn, use_case: str, variant: int
) -> None:
    """Command variants 3 and 7 never leave; the reason says that DCC Boxed does not support them."""
    trouble = _ask(boxed, use_case).trouble(Trouble.UNSUPPORTED)
    assert trouble is not None
    assert f"command variant {variant}" in trouble.detail
    assert not stand_in.requests


def test_use_case_without_template_is_told(boxed: BoxedSession) -> None:
    """A use case that the user's folder has no template for cannot be asked for."""
    trouble = _ask(boxed, "GCS13a").trouble(Trouble.UNSUPPORTED)
    assert trouble is not None
    assert "GCS13a" in trouble.detail


def _half(octets: bytes) -> bytes:
    return octets[: len(octets) // 2]


def _with_dtd(octets: bytes) -> bytes:
    return octets.replace(b"<sr:Response", b'<!DOCTYPE x [<!ENTITY e "e">]><sr:Response', 1)


def _other(identifier: RequestId) -> RequestId:
    return replace(identifier, counter=identifier.counter + 1)


def _with_other_counter(message: Message) -> Message:
    return replace(message, originator_counter=message.originator_counter + 1)


def _with_other_target(message: Message) -> Message:
    return replace(message, target=bytes(8))


def _with_other_originator(message: Message) -> Message:
    return replace(message, originator=bytes(8))


def _with_other_use_case(message: Message) -> Message:
    return replace(message, message_code=0x00C7)


def _with_unknown_use_case(message: Message) -> Message:
    return replace(message, message_code=0x7777)


def _signed_already(message: Message) -> Message:
    return replace(message, signature=bytes(64))


def _with_zero_length(message: Message) -> Message:
    return replace(message, signature=b"")


# name -> (use case, what the stand-in does wrong, what the session must say)
_FAULTS: dict[str, tuple[str, Misbehaviour, Trouble]] = {
    "401": ("ECS52", Misbehaviour(status=HTTPStatus.UNAUTHORIZED), Trouble.HTTP_STATUS),
    "402": ("ECS52", Misbehaviour(status=HTTPStatus.PAYMENT_REQUIRED), Trouble.HTTP_STATUS),
    "404": ("ECS52", Misbehaviour(status=HTTPStatus.NOT_FOUND), Trouble.HTTP_STATUS),
    "500": ("ECS52", Misbehaviour(status=HTTPStatus.INTERNAL_SERVER_ERROR), Trouble.HTTP_STATUS),
    "302": ("ECS52", Misbehaviour(status=HTTPStatus.FOUND), Trouble.HTTP_STATUS),
    "html": ("ECS52", Misbehaviour(content_type="text/html"), Trouble.WRONG_TYPE),
    "no content type": ("ECS52", Misbehaviour(content_type=""), Trouble.WRONG_TYPE),
    "truncated XML": ("ECS52", Misbehaviour(reply=_half), Trouble.BAD_XML),
    "empty reply": ("ECS52", Misbehaviour(reply=lambda _: b""), Trouble.BAD_XML),
    "other document": ("ECS52", Misbehaviour(reply=lambda _: b"<other/>"), Trouble.BAD_XML),
    "DTD": ("ECS52", Misbehaviour(reply=_with_dtd), Trouble.FORBIDDEN_DTD),
    "closed at once": ("ECS52", Misbehaviour(break_off="at once"), Trouble.RESET),
    "half a reply": ("ECS52", Misbehaviour(break_off="halfway"), Trouble.HALF),
    "slow reply": ("ECS52", Misbehaviour(delay_seconds=0.7), Trouble.TIMED_OUT),
    "error code": ("ECS52", Misbehaviour(code="E65"), Trouble.RESPONSE_CODE),
    "warning code": ("ECS52", Misbehaviour(code="W110101"), Trouble.RESPONSE_CODE),
    "unknown code": ("ECS52", Misbehaviour(code="X1"), Trouble.RESPONSE_CODE),
    "reply to another request": ("ECS52", Misbehaviour(request_id=_other), Trouble.UNCORRELATED),
    "response to another request": ("ECS52", Misbehaviour(response_request_id=_other), Trouble.UNCORRELATED),
    "invalid signature": ("ECS52", Misbehaviour(signed="invalid"), Trouble.BAD_SIGNATURE),
    "unsigned": ("ECS52", Misbehaviour(signed="unsigned"), Trouble.UNSIGNED),
    "delivered twice": ("ECS52", Misbehaviour(copies=2), Trouble.DUPLICATE),
    "garbage delivered": ("ECS52", Misbehaviour(device_response=lambda _: b"no XML"), Trouble.BAD_XML),
    "half delivered": ("ECS52", Misbehaviour(device_response=_half), Trouble.BAD_XML),
    "DTD delivered": ("ECS52", Misbehaviour(device_response=_with_dtd), Trouble.FORBIDDEN_DTD),
    "pre-command with another counter": ("ECS70", Misbehaviour(precommand=_with_other_counter), Trouble.UNCORRELATED),
    "pre-command for another device": ("ECS70", Misbehaviour(precommand=_with_other_target), Trouble.UNCORRELATED),
    "pre-command of another party": ("ECS70", Misbehaviour(precommand=_with_other_originator), Trouble.UNCORRELATED),
    "pre-command of another use case": ("ECS70", Misbehaviour(precommand=_with_other_use_case), Trouble.UNCORRELATED),
    "pre-command of no use case": ("ECS70", Misbehaviour(precommand=_with_unknown_use_case), Trouble.UNCORRELATED),
    "pre-command signed already": ("ECS70", Misbehaviour(precommand=_signed_already), Trouble.GARBAGE),
    "transform refused": ("ECS70", Misbehaviour(code="E4"), Trouble.RESPONSE_CODE),
    "transform acknowledged": ("ECS70", Misbehaviour(code="I99"), Trouble.RESPONSE_CODE),
}


@pytest.mark.parametrize("name", _FAULTS)
def test_each_fault_is_told_apart(boxed: BoxedSession, stand_in: BoxedStandIn, name: str) -> None:
    """Each fault of the other side is a trouble of its own kind, and never a clean answer."""
    use_case, misbehaviour, trouble = _FAULTS[name]
    stand_in.misbehaviour = misbehaviour
    happened = _ask(boxed, use_case)
    assert happened.trouble(trouble) is not None, happened.describe()


def test_there_are_thirty_fault_cases() -> None:
    """The adapter is tried against at least thirty faults."""
    assert len(_FAULTS) >= 30


@pytest.mark.parametrize("name", ["401", "html", "truncated XML", "slow reply", "error code", "closed at once"])
def test_session_goes_on_after_a_fault(boxed: BoxedSession, stand_in: BoxedStandIn, name: str) -> None:
    """After a fault the next request is answered as if nothing had been."""
    stand_in.misbehaviour = _FAULTS[name][1]
    _ask(boxed)
    stand_in.misbehaviour = Misbehaviour()
    happened = _ask(boxed)
    assert [each for each in happened.answers if each.originator_counter == happened.command.counter]


def test_pre_command_with_zero_length_is_signed(boxed: BoxedSession, stand_in: BoxedStandIn) -> None:
    """A pre-command with a signature length octet of zero, as newer versions send it, is accepted."""
    stand_in.misbehaviour = Misbehaviour(precommand=_with_zero_length)
    assert len(_ask(boxed, "ECS70").answers) == 1


def _with_other_hash(message: Message) -> Message:
    return replace(message, payload=message.payload.replace(bytes(32), b"\x01" * 32))


def test_pre_command_that_lies_about_the_firmware_hash_is_not_signed(
    boxed: BoxedSession, stand_in: BoxedStandIn
) -> None:
    """A pre-command that activates another image than the request names is never signed."""
    stand_in.misbehaviour = Misbehaviour(precommand=_with_other_hash)
    trouble = _ask(boxed, "CS06").trouble(Trouble.UNCORRELATED)
    assert trouble is not None
    assert "FirmwareHash" in trouble.detail
    assert len(stand_in.requests) == 1


def test_response_before_the_acknowledgement_is_matched(boxed: BoxedSession, stand_in: BoxedStandIn) -> None:
    """A device response that overtakes its acknowledgement is matched all the same."""
    stand_in.misbehaviour = Misbehaviour(early=True)
    happened = _ask(boxed)
    assert len(happened.answers) == 1
    assert not happened.troubles


def test_silent_device_gives_nothing(boxed: BoxedSession, stand_in: BoxedStandIn) -> None:
    """A device that never answers leaves an empty exchange, which no procedure takes for a pass."""
    stand_in.misbehaviour = Misbehaviour(copies=0)
    assert _ask(boxed).nothing


def test_late_response_is_told(boxed: BoxedSession, stand_in: BoxedStandIn) -> None:
    """A response that arrives after the session gave up is a trouble of its own kind."""
    stand_in.misbehaviour = Misbehaviour(copies=0)
    supplier = boxed.credentials.entity(Party.SUPPLIER)
    counter = boxed.take_counter(supplier)
    command = Command(octets=b"\x00", use_case="ECS52", message_code=0x59, originator=supplier, counter=counter)
    assert boxed.send(command) is None
    assert boxed.receive(50) is None
    identifier = RequestId(originator=supplier, target=boxed.identity.entity, counter=counter)
    stand_in.misbehaviour = Misbehaviour()
    late = stand_in.device_response(identifier)
    assert stand_in.deliver(late) == HTTPStatus.NO_CONTENT
    received = boxed.receive(500)
    assert received is not None
    assert received.trouble is Trouble.LATE


def test_alert_is_received(boxed: BoxedSession, stand_in: BoxedStandIn, bench: Callable[..., Bench]) -> None:
    """An alert that Boxed delivers reaches the worker that talks to its device."""
    emulated = bench()
    happened = emulated.exchange(emulated.command("GCS38"))
    assert stand_in.deliver(stand_in.alert(happened.alerts[0])) == HTTPStatus.NO_CONTENT
    received = boxed.receive(500)
    assert received is not None
    assert received.octets == happened.alerts[0].octets


@pytest.mark.parametrize(
    ("path", "content_type", "status"),
    [
        ("/elsewhere", "application/xml", HTTPStatus.NOT_FOUND),
        ("/smartdcc/duis", "text/plain", HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
        ("/smartdcc/duis", "application/xml", HTTPStatus.BAD_REQUEST),
    ],
)
def test_receiver_refuses_what_it_cannot_use(
    boxed: BoxedSession, stand_in: BoxedStandIn, path: str, content_type: str, status: HTTPStatus
) -> None:
    """A wrong path, a wrong content type and a document that is no response are answered with an HTTP error."""
    stand_in.receive_url = boxed.receive_url.replace("/smartdcc/duis", path)
    assert stand_in.deliver(b"<x/>", content_type=content_type) == status


def test_unsigned_response_may_be_tolerated(settings: BoxedSettings, stand_in: BoxedStandIn) -> None:
    """A user may decide that unsigned responses are accepted; the default is that they are told."""
    with BoxedSession(settings.model_copy(update={"accept_unsigned": True})) as session:
        stand_in.receive_url = session.receive_url
        stand_in.misbehaviour = Misbehaviour(signed="unsigned")
        assert not _ask(session).troubles


def test_transcript_keeps_documents_and_no_apikey(boxed: BoxedSession) -> None:
    """The transcript holds requests and replies, and neither the apikey nor a private key."""
    boxed.ask_dcc("8.2_READ_INVENTORY", originator=boxed.credentials.entity(Party.SUPPLIER))
    text = boxed.transcript.to_json().decode()
    assert "DUIS request" in text
    assert "not-a-secret" not in text
    assert "PRIVATE" not in text
    assert json.loads(text)["device"] == "00005eef100000a0"


def test_boxed_cannot_tamper(boxed: BoxedSession) -> None:
    """Hostile octets are not sent: DCC Boxed builds the messages itself."""
    failed = boxed.send(Command(octets=b"\x00", hostile=True))
    assert failed is not None
    assert failed.trouble is Trouble.UNSUPPORTED


def test_missing_signing_key_is_told(boxed: BoxedSession) -> None:
    """A request of a party without an XML signing key is not sent."""
    acb = boxed.credentials.entity(Party.ACCESS_CONTROL_BROKER)
    command = Command(octets=b"\x00", use_case="ECS52", message_code=0x59, originator=acb, counter=1)
    trouble = exchange(boxed, command, deadline_ms=50).trouble(Trouble.UNSUPPORTED)
    assert trouble is not None
    assert "XML signing key" in trouble.detail


def test_refused_connection_is_told(settings: BoxedSettings) -> None:
    """Nobody listening at the address is a trouble of its own kind."""
    closed = settings.duis.model_copy(update={"port": _free_port()})
    with BoxedSession(settings.model_copy(update={"duis": closed})) as session:
        assert _ask(session).trouble(Trouble.REFUSED) is not None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_dcc_only_errors_are_raised(boxed: BoxedSession, stand_in: BoxedStandIn) -> None:
    """A broken answer to a DCC-only request is an error that names what was wrong."""
    stand_in.misbehaviour = Misbehaviour(reply=_half)
    with pytest.raises(BoxedError, match="well-formed"):
        boxed.ask_dcc("8.2_READ_INVENTORY", originator=boxed.credentials.entity(Party.SUPPLIER))


def test_second_worker_shares_the_receive_address(settings: BoxedSettings, stand_in: BoxedStandIn) -> None:
    """A worker that finds the receive address taken gets its responses through the first one."""
    with BoxedSession(settings) as first:
        stand_in.receive_url = first.receive_url
        port = int(first.receive_url.split(":")[2].split("/")[0])
        shared = settings.model_copy(update={"receive": settings.receive.model_copy(update={"port": port})})
        with BoxedSession(shared) as second:
            assert len(_ask(second).answers) == 1
            assert len(_ask(first).answers) == 1


def test_patience_is_bounded(boxed: BoxedSession, stand_in: BoxedStandIn) -> None:
    """A reply that does not come costs the time-out of the settings and not more."""
    stand_in.misbehaviour = Misbehaviour(delay_seconds=1.5)
    started = time.monotonic()
    _ask(boxed)
    assert time.monotonic() - started < 1.5
