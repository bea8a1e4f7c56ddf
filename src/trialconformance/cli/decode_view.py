"""The views of ``decode`` for a person: an overview, the fields as a list or a tree, and an annotated dump."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from trialconformance.core import ArtefactError, Excerpt, Span, hex_rows
from trialconformance.gbcs.description import Description
from trialconformance.gbcs.dlms import date_time_text
from trialconformance.gbcs.field_tree import field_tree
from trialconformance.gbcs.node import Node

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["print_dump", "print_fields", "print_overview", "print_tree"]

_ROW = 16  # octets a row of the dump holds
_LONGEST_VALUE = 48  # characters of a value in one line
_GUIDES = ("└── ", "├── ", "│   ")
_ASCII_GUIDES = ("`-- ", "|-- ", "|   ")  # for an output that cannot carry the others
_STATES = {"valid": "green", "invalid": "bold red", "unverified": "yellow", "absent": "dim"}


def print_overview(description: Description, out: Console) -> None:
    """Print what a message is in a few lines.

    Args:
        description: what is known of it.
        out: where to print.
    """
    line = describe_in_one_line(description)
    out.print(Text(description.capture.name, style="bold"))
    out.print(Text("  ") + line, soft_wrap=True)
    if description.error is not None:
        out.print(Text(f"  cannot be decoded: {description.error}", style="bold red"), soft_wrap=True)
        _print_place(description.error, description.capture.octets, out)
    for fault in description.capture.faults:
        if not fault.fatal:
            out.print(Text(f"  {fault.rule}: expected {fault.expected}; seen {fault.seen}", style="yellow"))


def _print_place(error: ArtefactError, octets: bytes, out: Console) -> None:
    """Show the octets around an error, those at fault marked."""
    if error.offset is None:
        return
    span = Span(start=error.offset, length=error.length, path=error.path)
    for row in hex_rows(Excerpt.around(span, octets), span):
        line = Text(f"  {int(row.offset, 16):>6}  ", style="dim")
        for octet in row.octets:
            line.append(f"{octet.hex} ", style="bold reverse red" if octet.marked else "")
        marks = "".join("^^ " if octet.marked else "   " for octet in row.octets).rstrip()
        out.print(line, soft_wrap=True)
        if marks:
            out.print(Text(f"{'':10}{marks}", style="red"), soft_wrap=True)


def describe_in_one_line(description: Description) -> Text:
    """Kind, use case, parties, counter and protection of a message."""
    message, verification = description.capture.message, description.verification
    if message is None or verification is None:
        return _block_in_one_line(description)
    row = description.use_case
    text = Text(message.kind.value.upper(), style="bold")
    text.append(f" {message.message_code:04X} {row.label if row is not None else 'unknown'}", style="cyan")
    text.append(f", {len(description.capture.octets)} octets, counter {message.originator_counter}", style="")
    if message.date_time:
        text.append(f", {date_time_text(message.date_time)}")
    for name, state in (("signature", verification.signature.value), ("MAC", verification.mac.value)):
        text.append(f", {name} ").append(state, style=_STATES[state])
    units = 0 if description.decrypted is None else len(description.decrypted.units)
    if units:
        style = "green" if description.opened == units else "yellow"
        text.append(f", {description.opened} of {units} encrypted units decrypted", style=style)
    return text


def _block_in_one_line(description: Description) -> Text:
    octets, block = len(description.capture.octets), description.block
    if block is None:
        what = "block of a general block transfer" if description.capture.block else "no message"
        return Text(f"{what}, {octets} octets")
    row = description.use_case
    text = Text("BLOCK", style="bold")
    text.append(f" {block.number}{' (last)' if block.last else ''} of a general block transfer", style="")
    text.append(f", {block.routing.message_code:04X} {row.label if row is not None else 'unknown'}", style="cyan")
    return text.append(f", {len(block.data)} of {octets} octets, counter {block.routing.originator_counter}", style="")


def _value(node: Node) -> Text:
    """Value and meaning of a field, decrypted ones marked."""
    text = Text()
    if node.value is not None:
        value = str(node.value)
        shown = value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}..."
        text.append(shown, style="magenta" if node.decrypted else "")
    if node.text:
        text.append(f"  {node.text}", style=_STATES.get(node.text, "cyan"))
    if node.decrypted:
        text.append("  decrypted", style="magenta")
    if node.note:
        text.append(f"  ({node.note})", style="yellow")
    return text


def print_tree(description: Description, out: Console) -> None:
    """Print every field as a tree.

    Args:
        description: what is known of the message.
        out: where to print.
    """
    root = field_tree(description)
    if root is None:
        return
    out.print(Text("message", style="bold"))
    _print_branches(root, "", out)


def _print_branches(node: Node, indent: str, out: Console) -> None:
    for child in node.children:
        is_last = child is node.children[-1]
        end, fork, trunk = _ASCII_GUIDES if out.options.ascii_only else _GUIDES
        line = Text(f"{indent}{end if is_last else fork}", style="dim")
        line.append(f"{child.name} ", style="bold" if child.children else "")
        out.print(line + _value(child), soft_wrap=True)
        _print_branches(child, indent + ("    " if is_last else trunk), out)


def print_fields(description: Description, out: Console) -> None:
    """Print every field with its offset, one line each.

    Args:
        description: what is known of the message.
        out: where to print.
    """
    root = field_tree(description)
    if root is None:
        return
    rows = _walk(root)
    width = max(2 * depth + len(node.name) for depth, node in rows)
    out.print(Text(f"{'offset':>6} {'octets':>6}  {'field':<{width}}  value", style="dim"))
    for depth, node in rows:
        offset = f"+{node.start}" if node.decrypted else str(node.start)
        name = f"{'  ' * depth}{node.name}"
        line = Text(f"{offset:>6} {node.length:>6}  ", style="dim")
        line.append(f"{name:<{width}}  ", style="bold" if node.children else "")
        out.print(line + _value(node), soft_wrap=True)


def print_dump(description: Description, out: Console) -> None:
    """Print the octets, broken at every field, each beside what it is.

    Args:
        description: what is known of the message.
        out: where to print.
    """
    root = field_tree(description)
    octets = description.capture.octets
    if root is None:
        root = Node(name="octets", path="octets", start=0, length=len(octets))
    at = 0
    leaves = [node for _, node in _walk(root) if not node.decrypted and not _held(node)]
    for node in leaves:
        if node.start < at:
            continue
        if node.start > at:
            _dump_rows(octets, at, node.start, Text(f"in {_around(root, at)}", style="dim"), out)
        _dump_rows(octets, node.start, node.end, Text(f"{node.path or node.name}  ") + _value(node), out)
        at = node.end
    if at < len(octets):
        _dump_rows(octets, at, len(octets), Text(f"in {_around(root, at)}", style="dim"), out)
    for node in (node for _, node in _walk(root) if node.decrypted and not node.children):
        out.print(Text(f"{'':6}{'':{3 * _ROW}}{node.path}  ", style="magenta") + _value(node), soft_wrap=True)


def _held(node: Node) -> tuple[Node, ...]:
    """The fields inside a field that stand in the message itself."""
    return tuple(child for child in node.children if not child.decrypted)


def _around(node: Node, offset: int) -> str:
    """Path of the innermost field that an octet belongs to."""
    for child in _held(node):
        if child.start <= offset < child.end:
            return _around(child, offset)
    return node.path or node.name


def _dump_rows(octets: bytes, start: int, end: int, text: Text, out: Console) -> None:
    for row in range(start, end, _ROW):
        digits = octets[row : min(row + _ROW, end)].hex(" ")
        line = Text(f"{row:4}  ", style="dim") + Text(f"{digits:<{3 * _ROW}}")
        out.print(line + text if row == start else line, soft_wrap=True)


def _walk(node: Node, depth: int = -1) -> list[tuple[int, Node]]:
    found = [] if depth < 0 else [(depth, node)]
    for child in node.children:
        found += _walk(child, depth + 1)
    return found
