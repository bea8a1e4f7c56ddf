"""Building commands: the payload of a use case, the grouping header, and the protection that the use case asks for."""

from __future__ import annotations

from typing import Any

from trialconformance.core import UsageError
from trialconformance.gbcs import Message, UseCases, protect, wire
from trialconformance.gbcs.usecases import Protection
from trialconformance.harness.credentials import Credentials, Party
from trialconformance.harness.payloads import RECIPES, Context
from trialconformance.harness.session import Command

__all__ = ["build_command", "build_message"]


def build_message(
    use_case: str,
    *,
    credentials: Credentials,
    device: bytes,
    party: Party,
    counter: int,
    values: dict[str, Any] | None = None,
) -> Message:
    """Build an unprotected command.

    Args:
        use_case: name, for example ``ECS70``; of use cases with several message codes the variant, ``CS02b:0102``.
        credentials: parties and keys.
        device: EUI-64 of the target.
        party: who sends.
        counter: originator counter.
        values: what the payload is to say.

    Returns:
        The message without signature and MAC.

    Raises:
        UsageError: no payload is known for the use case, or a value is missing.
    """
    recipe = RECIPES.get(use_case)
    if recipe is None:
        raise UsageError(f"no payload is known for {use_case}", where="use case", accepted=", ".join(RECIPES))
    originator = credentials.entity(party)
    context = Context(
        credentials=credentials, device=device, originator=originator, counter=counter, values=values or {}
    )
    return Message(
        cra=wire.COMMAND,
        originator_counter=counter,
        originator=originator,
        target=device,
        message_code=recipe.message_code,
        payload=recipe.build(context),
    )


def build_command(
    message: Message,
    *,
    credentials: Credentials,
    use_case: str,
    form: Protection | None = None,
    hostile: bool = False,
) -> Command:
    """Protect a message and make it ready to be sent.

    Args:
        message: the message.
        credentials: parties and keys.
        use_case: its use case.
        form: protection; the one of the use case by default.
        hostile: whether something about it is wrong on purpose.

    Returns:
        The command; its signature is deterministic, so that the same message gives the same octets.
    """
    acb = credentials.entity(Party.ACCESS_CONTROL_BROKER)
    protected = protect(
        message, credentials.keystore, acb=acb, use_cases=UseCases.shipped(), form=form, deterministic=True
    )
    return Command(
        octets=protected.octets,
        use_case=use_case.partition(":")[0],
        message_code=message.message_code,
        originator=message.originator,
        counter=message.originator_counter,
        hostile=hostile,
    )
