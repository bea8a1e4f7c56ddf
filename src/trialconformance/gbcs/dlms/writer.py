"""Writing DLMS values through the construct declarations."""

from __future__ import annotations

from typing import Any

from construct import Construct, ConstructError

from trialconformance.core import ArtefactError
from trialconformance.gbcs.dlms import layout
from trialconformance.gbcs.dlms.data import Data

__all__ = ["write", "write_data"]


def write_data(data: Data) -> bytes:
    """Write one value with its tag.

    Args:
        data: the value.

    Returns:
        The octets.

    Raises:
        ArtefactError: a value does not fit its type.
    """
    return write(layout.DATA, data)


def write(declaration: Construct, values: Any) -> bytes:
    """Write values through a declaration.

    Args:
        declaration: a declaration of ``layout``.
        values: what it takes.

    Returns:
        The octets.

    Raises:
        ArtefactError: a value does not fit its field.
    """
    try:
        octets: bytes = declaration.build(values)
    except (ConstructError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # A value that a caller made wrongly shows as any of these, depending on where construct meets it.
        seen = (str(error).splitlines() or [type(error).__name__])[-1]
        raise ArtefactError("a value does not fit its field", clause="GBCS 7.3, A-XDR", seen=seen) from error
    return octets
