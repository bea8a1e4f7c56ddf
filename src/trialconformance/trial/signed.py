"""Documents in signed envelopes: how a decision and a state of the register are read."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from trialconformance.core import ArtefactError
from trialconformance.core.dsse import Envelope

__all__ = ["read_signed"]

_SHOWN = 80  # characters of a value shown in an error

Model = TypeVar("Model", bound=BaseModel)


def read_signed(
    octets: bytes, *, name: str, payload_type: str, model: type[Model], words: str
) -> tuple[Envelope, Model]:
    """Read a document in its envelope; the signatures are not yet verified.

    Args:
        octets: the envelope.
        name: name of the file.
        payload_type: media type that the payload must have.
        model: form of the payload.
        words: what it is, for example ``a decision``.

    Returns:
        The envelope and the document in it.

    Raises:
        ArtefactError: no envelope, or one around something else; names the first key at fault.
    """
    envelope = Envelope.from_json(octets, name=name)
    if envelope.payload_type != payload_type:
        raise ArtefactError(
            "is an envelope around something else", artefact=name, expected=payload_type, seen=envelope.payload_type
        )
    try:
        return envelope, model.model_validate_json(envelope.payload)
    except ValidationError as error:
        first = error.errors()[0]
        raise ArtefactError(
            f"is not {words}",
            artefact=name,
            path=".".join(str(part) for part in first["loc"]),
            expected=first["msg"],
            seen=str(first["input"])[:_SHOWN],
        ) from error
