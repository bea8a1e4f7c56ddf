"""What can be done to a draft to make it bad; each operation has a name that the kill list uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519

from trialconformance.core import UsageError
from trialconformance.cpl.change import Addition, Removal, Update
from trialconformance.cpl.container import Content, Sheet
from trialconformance.cpl.draft import Draft, InapplicableMutantError
from trialconformance.cpl.image import build_image, decode_image
from trialconformance.cpl.mutant import Edit, Mutant
from trialconformance.cpl.packed import packed_row
from trialconformance.cpl.writer import write_field, write_record

__all__ = ["OPERATIONS"]

_KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))  # signs mutants only
_HARMLESS = Mutant(kills="CPL-FI-001", title="nothing wrong", edits=(Edit(do="nothing"),))

Operation = Callable[[Draft, Edit], None]


def _number(text: str, *, base: int = 10) -> int:
    try:
        return int(text, base)
    except ValueError as error:
        raise InapplicableMutantError(f"{text!r} is no number") from error


def _nothing(draft: Draft, _: Edit) -> None:
    """Leave the list as it is."""


def _cell(draft: Draft, edit: Edit) -> None:
    """Write another text in a field; ``needs`` names a rule without which the text would be good."""
    cells = draft.cells(edit.row)
    column = draft.column(edit.role)
    needs = edit.options.get("needs")
    if needs is not None and not getattr(draft.profile.columns[column], needs):
        raise InapplicableMutantError(f"the column has no {needs}")
    cells[column] = edit.value.replace("{}", cells[column])
    draft.put(edit.row, cells)


def _endless_cell(draft: Draft, edit: Edit) -> None:
    """Make a record longer than the profile allows."""
    cells = draft.cells(edit.row)
    cells[draft.column(edit.role)] = "A" * (2 * draft.profile.container.max_record_octets)
    draft.put(edit.row, cells)


def _raw_cell(draft: Draft, edit: Edit) -> None:
    """Put octets in place of a field as they are, without quoting."""
    cells = draft.cells(edit.row)
    column = draft.column(edit.role)
    container = draft.profile.container
    fields = [write_field(cell, container) for cell in cells]
    if '"' in edit.value and container.quote != '"':
        raise InapplicableMutantError("the list has another quote")
    text = edit.value.replace(",", container.delimiter)
    octets = bytes.fromhex(edit.options["hex"]) if "hex" in edit.options else text.encode()
    fields[column] = octets.replace(b"{}", fields[column])
    draft.after[draft.place(edit.row)] = container.delimiter.encode().join(fields) + container.ending


def _copy_cell(draft: Draft, edit: Edit) -> None:
    """Put the text of one column into another as well."""
    cells = draft.cells(edit.row)
    cells[draft.column(edit.role)] = cells[draft.column(edit.options["from"])]
    draft.put(edit.row, cells)


def _prefix(draft: Draft, edit: Edit) -> None:
    draft.prefix = bytes.fromhex(edit.options["hex"])


def _delimiter(draft: Draft, _: Edit) -> None:
    """Export with another delimiter, as another locale does."""
    delimiter = draft.profile.container.delimiter.encode()
    other = b";" if delimiter != b";" else b","
    draft.after = [line.replace(delimiter, other) for line in draft.after]


def _last_ending(draft: Draft, edit: Edit) -> None:
    ending = draft.profile.container.ending
    octets = b"" if edit.options.get("none") else (b"\r\n" if ending == b"\n" else b"\n")
    draft.after[-1] = draft.after[-1].removesuffix(ending) + octets


def _quote_everything(draft: Draft, edit: Edit) -> None:
    if draft.profile.container.quoting == "all":
        raise InapplicableMutantError("the list quotes everything")
    container = draft.profile.container.model_copy(update={"quoting": "all"})
    cells = draft.cells(edit.row)
    draft.after[draft.place(edit.row)] = write_record(cells, container) + container.ending


def _line(draft: Draft, edit: Edit) -> None:
    draft.after.append(edit.value.encode() + draft.profile.container.ending)


def _every_row(change: Callable[[list[str], int], None]) -> Operation:
    def operation(draft: Draft, edit: Edit) -> None:
        column = draft.column(edit.role)
        lines = []
        for row in draft.read("after").rows:
            cells = list(row.cells)
            change(cells, column)
            lines.append(write_record(cells, draft.profile.container) + row.ending)
        draft.after = lines

    return operation


def _add_column(draft: Draft, edit: Edit) -> None:
    container = draft.profile.container
    lines = []
    for row in draft.read("after").rows:
        text = edit.value if row.line == 1 else edit.options["text"]
        lines.append(row.octets + container.delimiter.encode() + text.encode() + row.ending)
    draft.after = lines


def _header(draft: Draft, edit: Edit) -> None:
    names = list(draft.profile.names)
    column = draft.column(edit.role)
    names[column] = edit.value.replace("{}", names[column])
    draft.after[0] = write_record(names, draft.profile.container) + draft.profile.container.ending


def _swap_with_next(cells: list[str], column: int) -> None:
    cells[column : column + 2] = reversed(cells[column : column + 2])


def _to_top(draft: Draft, edit: Edit) -> None:
    draft.after.insert(1, draft.after.pop(draft.place(edit.row)))


def _duplicate(draft: Draft, edit: Edit) -> None:
    """Append a copy of a record, with a new entry key where the options ask for one, and declare it."""
    cells = draft.cells(edit.row)
    if "entry" in edit.options:
        cells[draft.column("entry_id")] = str(_number(draft.entry) + edit.options["entry"])
    draft.after.append(write_record(cells, draft.profile.container) + draft.profile.container.ending)
    if edit.options.get("declared"):
        _redeclare(draft, edit)


def _remove(draft: Draft, edit: Edit) -> None:
    del draft.after[draft.place(edit.row)]


def _redeclare(draft: Draft, edit: Edit) -> None:
    """Declare what the list after now holds: every record that the list before has not."""
    document = draft.read("after")
    known = set(draft.read("before").by_entry)
    additions = {
        document.entry(row): Addition(
            entry=document.entry(row),
            trial=edit.options.get("trial", True),
            cells={name: document.cell(row, name) for name in draft.profile.names},
        )
        for row in document.records
        if document.entry(row) not in known
    }
    draft.given["manifest"] = draft.given["manifest"].model_copy(update={"additions": tuple(additions.values())})


def _declare_update(draft: Draft, edit: Edit) -> None:
    """Declare an update of a record of the list before, of one column, and make it."""
    cells = draft.cells(edit.row)
    column = draft.column(edit.role)
    was, cells[column] = cells[column], edit.value
    draft.put(edit.row, cells)
    name = draft.profile.names[column]
    update = Update(
        entry=cells[draft.column("entry_id")],
        trial=edit.options.get("trial", False),
        was={name: was},
        cells={name: edit.value},
    )
    draft.given["manifest"] = draft.given["manifest"].model_copy(update={"updates": (update,)})


def _declare_removal(draft: Draft, edit: Edit) -> None:
    entry = draft.cells(edit.row)[draft.column("entry_id")]
    draft.given["manifest"] = draft.given["manifest"].model_copy(update={"removals": (Removal(entry=entry),)})


def _declare_cell(draft: Draft, edit: Edit) -> None:
    """Declare another text than the list holds."""
    (addition,) = draft.given["manifest"].additions
    name = draft.profile.names[draft.column(edit.role)]
    changed = addition.model_copy(update={"cells": addition.cells | {name: edit.value}})
    draft.given["manifest"] = draft.given["manifest"].model_copy(update={"additions": (changed,)})


def _rename(draft: Draft, edit: Edit) -> None:
    draft.names = (edit.options.get("before", draft.names[0]), edit.value or draft.names[1])


def _deliver(draft: Draft, edit: Edit) -> None:
    octets = b"".join(draft.after)
    values: Mapping[str, Any] = {
        "after_sha256": "0" * 64,
        "dcc_copy": octets[:-1] + b"x",
        "load_seconds": (1e-6, 2e-6),
        "diff_sha256": "0" * 64,
    }
    draft.given["delivery"] = replace(draft.given["delivery"], **{edit.value: values[edit.value]})


def _old_signature(draft: Draft, _: Edit) -> None:
    integrity = draft.profile.integrity.model_copy(update={"signature": "ed25519"})
    draft.profile = draft.profile.model_copy(update={"integrity": integrity})
    signature = _KEY.sign(b"".join(draft.before))
    draft.given["delivery"] = replace(
        draft.given["delivery"],
        before_signature=signature,
        after_signature=signature,
        public_key=_KEY.public_key(),
    )


def _picture(draft: Draft, edit: Edit) -> None:
    """Give an image of the trial entry, and list a hash that covers too much."""
    cells = draft.cells(edit.row)
    roles = ("manufacturer", "model", "firmware", "hardware")
    number = {role: _number(cells[draft.column(role)], base=16) for role in roles}
    try:
        octets = build_image(
            manufacturer=number["manufacturer"],
            image_type=number["model"],
            file_version=number["firmware"],
            minimum_hardware=number["hardware"],
            maximum_hardware=number["hardware"],
            payload=b"mutant",
        )
    except UsageError as error:
        raise InapplicableMutantError("the entry speaks of no image that can be") from error
    image = decode_image(octets, name="mutant.zigbee")
    draft.given["images"] = (image,)
    cells[draft.column("image_hash")] = next(iter(image.wrong_hashes))
    draft.put(edit.row, cells)


def _surviving_mutant(draft: Draft, _: Edit) -> None:
    draft.given["kill_list"] = (_HARMLESS,)


def _another_sheet(draft: Draft, edit: Edit) -> None:
    """Show both lists as worksheets, the one after with one sheet more."""
    container = draft.profile.container.model_copy(update={"kind": "xlsx-sheet"})
    documents = [draft.read("before"), draft.read("after")]
    contents = [
        Content(
            rows=tuple(packed_row(line=row.line, start=0, length=0, cells=row.cells) for row in document.rows),
            text=False,
            sheets=(Sheet(name="CPL"),),
        )
        for document in documents
    ]
    draft.content = (contents[0], replace(contents[1], sheets=(Sheet(name="CPL"), Sheet(name=edit.value))))
    draft.profile = draft.profile.model_copy(update={"container": container})


def _register(draft: Draft, edit: Edit) -> None:
    """Change the register: fields of its entry, days after its own where they are numbers, or no entry at all."""
    (entry,) = draft.given["register"]
    if edit.options.get("empty"):
        draft.given["register"] = ()
        return
    changes = {
        name: getattr(entry, name) + timedelta(days=value) if isinstance(value, int) else value
        for name, value in edit.options.items()
    }
    if "firmware" in changes:
        models = (replace(entry.models[0], firmware=(changes.pop("firmware"),)),)
        changes["models"] = models
    draft.given["register"] = (replace(entry, **changes),)


def _second_trial(draft: Draft, edit: Edit) -> None:
    """Add an open trial to the register that the list does not have."""
    (entry,) = draft.given["register"]
    draft.given["register"] = (entry, replace(entry, trial_ref=edit.value))


def _judge_after_expiry(draft: Draft, _: Edit) -> None:
    draft.given["as_of"] = draft.given["register"][0].end + timedelta(days=1)


OPERATIONS: Mapping[str, Operation] = {
    "nothing": _nothing,
    "cell": _cell,
    "raw-cell": _raw_cell,
    "copy-cell": _copy_cell,
    "prefix": _prefix,
    "delimiter": _delimiter,
    "endless-cell": _endless_cell,
    "last-ending": _last_ending,
    "quote-everything": _quote_everything,
    "line": _line,
    "swap-columns": _every_row(_swap_with_next),
    "drop-column": _every_row(lambda cells, column: cells.__delitem__(column)),
    "add-column": _add_column,
    "header": _header,
    "to-top": _to_top,
    "duplicate": _duplicate,
    "remove": _remove,
    "redeclare": _redeclare,
    "declare-update": _declare_update,
    "declare-removal": _declare_removal,
    "declare-cell": _declare_cell,
    "rename": _rename,
    "deliver": _deliver,
    "old-signature": _old_signature,
    "picture": _picture,
    "surviving-mutant": _surviving_mutant,
    "another-sheet": _another_sheet,
    "register": _register,
    "second-trial": _second_trial,
    "judge-after-expiry": _judge_after_expiry,
}
