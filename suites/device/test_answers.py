"""A device answers: once, in time, to who asked, and protected as the use case asks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trialconformance.core import ArtefactError
from trialconformance.gbcs import UseCases, wire
from trialconformance.gbcs.protection import protection_of
from trialconformance.harness import Bench, Party, Trouble
from trialconformance.harness.observations import dlms_results, gbz_values


@pytest.mark.case("GBCS-LIV-001")
def test_answers_a_plain_read(bench: Bench) -> None:
    """A device that is asked in the right way answers."""
    bench.expect_answer(bench.command_for("read"), "a plain read")


@pytest.mark.case("GBCS-LIV-002")
def test_goes_on_answering(bench: Bench) -> None:
    """A device that answers once goes on answering."""
    for number in range(1, 21):
        if bench.expect_answer(bench.command_for("read"), f"plain read number {number}") is None:
            return


@pytest.mark.case("GBCS-ANS-001")
def test_answer_names_its_command(bench: Bench) -> None:
    """A response echoes message code and counter and swaps originator and target."""
    command = bench.command_for("read")
    for answer in bench.exchange(command).answers:
        for what, expected, seen in (
            ("CRA flag", wire.RESPONSE, answer.cra),
            ("message code", command.message_code, answer.message_code),
            ("counter", command.counter, answer.originator_counter),
            ("originator", bench.device.hex(), answer.originator.hex()),
            ("target", command.originator.hex(), answer.target.hex()),
        ):
            bench.expect(expected == seen, expected=f"{what} {expected}", seen=f"{what} {seen}")


@pytest.mark.case("GBCS-ANS-002")
def test_answer_is_protected_as_its_use_case_asks(bench: Bench) -> None:
    """A response carries the signature or MAC that its use case asks for, and it verifies."""
    for command in (bench.command_for("read"), bench.command_for("protected")):
        row = UseCases.shipped().get(command.message_code)
        forms = row.forms(wire.RESPONSE) if row is not None else ()
        for answer in bench.exchange(command).answers:
            form = protection_of(answer)
            bench.expect(form in forms, expected=f"protection {' or '.join(forms)}", seen=form or "none")
            bench.expect(
                bench.is_protected(answer),
                expected=f"a signature or MAC of the response to {command.use_case} that verifies",
                seen="one that does not",
            )


@pytest.mark.case("GBCS-ANS-003")
def test_answer_is_dated_where_its_use_case_says_so(bench: Bench) -> None:
    """The header of a response carries a date-time exactly where the use case says so."""
    commands = [bench.command_for("read")]
    if bench.purposes.sensitive is not None:
        commands.append(bench.command_for("sensitive"))
    for command in commands:
        row = UseCases.shipped().get(command.message_code)
        if row is None or row.response_date_time is None:
            continue
        for answer in bench.exchange(command).answers:
            bench.expect(
                bool(answer.date_time) == row.response_date_time,
                expected=f"{'a' if row.response_date_time else 'no'} date-time in the response to {command.use_case}",
                seen=answer.date_time.hex() or "none",
            )


@pytest.mark.case("GBCS-ANS-004")
def test_answers_in_time(bench: Bench) -> None:
    """A response arrives before the deadline of the harness."""
    happened = bench.exchange(bench.command_for("read"))
    late = happened.trouble(Trouble.LATE)
    bench.expect(late is None, expected=f"a response within {bench.deadline_ms} ms", seen="a late one")
    bench.expect(not happened.nothing, expected=f"a response within {bench.deadline_ms} ms", seen="nothing")


@pytest.mark.case("GBCS-ANS-005")
def test_answers_once(bench: Bench) -> None:
    """One command has one response."""
    happened = bench.exchange(bench.command_for("read"))
    answers = happened.answers
    bench.expect(len(answers) <= 1, expected="one response", seen=f"{len(answers)} responses")


@pytest.mark.case("GBCS-ANS-006")
def test_answer_is_whole(bench: Bench) -> None:
    """A response is a whole message whose payload can be read and answers every item of the command."""
    command = bench.command_for("other_read")
    happened = bench.exchange(command)
    broken = happened.trouble(Trouble.GARBAGE, Trouble.HALF, Trouble.RESET)
    bench.expect(broken is None, expected="a whole GBCS message", seen=happened.describe())
    for answer in happened.answers:
        try:
            asked, answered = bench.items_of(command), len(dlms_results(answer)) or len(gbz_values(answer))
            if answer.payload and asked is None:
                _ = answer.typed_payload
        except ArtefactError as error:
            bench.finding(expected="a payload that can be read", seen=str(error))
            continue
        bench.expect(answer.payload, expected="a payload", seen="none")
        bench.expect(asked in {None, answered}, expected=f"{asked} items answered", seen=f"{answered}")


@pytest.mark.case("GBCS-ANS-007")
def test_answer_names_the_party_that_really_asked(bench: Bench) -> None:
    """A response repeats the supplementary remote party and its counter."""
    use_case = bench.use_case("read")
    asked_for = bench.party(Party.NETWORK_OPERATOR)
    message = replace(
        bench.message(use_case, party=Party.ACCESS_CONTROL_BROKER),
        supplementary_remote_party_id=asked_for,
        supplementary_remote_party_counter=7,
    )
    for answer in bench.exchange(bench.protected(message, use_case)).answers:
        seen = (answer.supplementary_remote_party_id, answer.supplementary_remote_party_counter)
        bench.expect(
            seen == (asked_for, 7),
            expected=f"supplementary party {asked_for.hex()} with counter 7",
            seen="none" if seen[0] is None else f"{seen[0].hex()} with counter {seen[1]}",
        )
