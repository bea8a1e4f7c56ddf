"""Writing delimited text as the profile says: quoting only where it forces it, one line ending throughout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from trialconformance.core import UsageError
from trialconformance.cpl.profile import Container, Profile

__all__ = ["write_field", "write_list", "write_record"]


def write_field(text: str, container: Container) -> bytes:
    """Write one field.

    Args:
        text: its value.
        container: the dialect.

    Returns:
        The octets, quoted where the profile forces it.

    Raises:
        UsageError: the value cannot stand in a field of this dialect.
    """
    if "\r" in text or "\n" in text:
        raise UsageError(f"{text!r} holds a line break", where="cells", accepted="one line of text")
    forced = container.delimiter in text or container.quote in text
    if container.quoting == "none" and forced:
        raise UsageError(f"{text!r} would need quotes", where="cells", accepted="no delimiter and no quote")
    if container.quoting == "all" or forced:
        text = f"{container.quote}{text.replace(container.quote, container.quote * 2)}{container.quote}"
    try:
        return text.encode(container.encoding)
    except UnicodeEncodeError as error:
        raise UsageError(
            f"{text!r} cannot be written in {container.encoding}", where="cells", accepted=f"{container.encoding} text"
        ) from error


def write_record(cells: Iterable[str], container: Container) -> bytes:
    """Write one record, without its line ending."""
    return container.delimiter.encode().join(write_field(cell, container) for cell in cells)


def cells_in_order(values: Mapping[str, str], profile: Profile, *, where: str) -> tuple[str, ...]:
    """Put the values of a record in the order of the columns; what is not given is empty.

    Args:
        values: text by column name.
        profile: the declared format.
        where: key that holds the values, for the error.

    Returns:
        One text for every column.

    Raises:
        UsageError: a column that the profile does not have.
    """
    if strangers := sorted(set(values) - set(profile.names)):
        raise UsageError(f"no such column: {', '.join(strangers)}", where=where, accepted=", ".join(profile.names))
    return tuple(values.get(name, "") for name in profile.names)


def write_list(records: Iterable[Mapping[str, str]], profile: Profile) -> bytes:
    """Write a whole list.

    Args:
        records: text by column name, one mapping for each record.
        profile: the declared format.

    Returns:
        The octets, header first.

    Raises:
        UsageError: a column the profile does not have, or a value that cannot be written.
    """
    container = profile.container
    lines = [write_record(profile.names, container)]
    lines += [
        write_record(cells_in_order(each, profile, where=f"records[{index}]"), container)
        for index, each in enumerate(records)
    ]
    text = container.ending.join(lines) + (container.ending if container.final_newline == "required" else b"")
    return (b"\xef\xbb\xbf" if container.bom == "required" else b"") + text
