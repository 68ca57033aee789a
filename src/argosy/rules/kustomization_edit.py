"""Setting images in the text of a kustomization: lines come, change and go, every other byte stays as it is.

Values are spliced by `yaml_edit`; fields and entries that are missing are written below what is there, in its
indentation. Where that does not do, the list is written anew as a whole. The result is read again: it must say of
images what was meant, and of all else what it said before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml

from argosy.errors import Permanent
from argosy.rules import yaml_edit
from argosy.rules.edit import Update, decoded
from argosy.rules.kustomization import DROPPED, FIELDS, Images, SetImage, merged, no_images
from argosy.rules.kustomization_tree import Entry, Sheet, read
from argosy.rules.yaml_scalar import spell

_REST = re.compile(r"[ \t]*(#[^\n]*?)?(\r?\n|\Z)")


def set_images(content: bytes, wanted: Iterable[SetImage]) -> tuple[bytes, Images]:
    """The kustomization with images set, and what was set.

    Raises Permanent: no UTF-8, no YAML, too deep or large, or with images that are no list of images.
    """
    text, mark = decoded(content, "YAML")
    before = read(text)
    images = merged([entry.says for entry in before.entries], wanted)
    if [entry.says for entry in before.entries] == images.entries and not _unquoted(before, images):
        return content, images
    for write in (_spliced, _anew):
        try:
            edited = write(before, images)
            after = read(edited)
        except Permanent:
            continue
        if after.others == before.others and [entry.says for entry in after.entries] == images.entries:
            return mark + edited.encode(), images
    raise Permanent(
        "the images cannot be set without touching what surrounds them",
        advice="Write `images` as a plain list, one field a line, without anchors and aliases.",
    )


def _unquoted(sheet: Sheet, images: Images) -> bool:
    """Whether a value that is to be set is there already, but as a number, say."""
    return any(
        not event.style and spell(value) != value
        for entry in sheet.entries
        if entry.says["name"] in images.set
        for value, event in ((entry.says[key], value) for key, (_, value) in entry.fields.items() if key in FIELDS)
    )


# --- Line by line


@dataclass(frozen=True, slots=True)
class _Splice:
    start: int
    end: int
    text: str


def _spliced(sheet: Sheet, images: Images) -> str:
    """The text with values changed and lines added and removed, where that does."""
    if images.doubles or sheet.images is None or not sheet.entries:
        return _anew(sheet, images)
    updates = [
        Update(f"images.{number}.{field}", value)
        for number, entry in enumerate(sheet.entries)
        if entry.says["name"] in images.set
        for field, value in images.set[entry.says["name"]].fields.items()
        if value and field in entry.fields
    ]
    changed = read(yaml_edit.edit(sheet.text.encode(), updates).decode())
    respelled = [
        splice
        for entry in changed.entries
        if entry.says["name"] in images.set
        for splice in _respelled(changed, entry, images.set[entry.says["name"]])
    ]
    trimmed = read(_with(changed.text, respelled))
    return _with(trimmed.text, _appended(trimmed, images))


def _with(text: str, splices: Iterable[_Splice]) -> str:
    for splice in sorted(splices, key=lambda splice: splice.start, reverse=True):
        text = text[: splice.start] + splice.text + text[splice.end :]
    return text


def _respelled(sheet: Sheet, entry: Entry, image: SetImage) -> Iterator[_Splice]:
    """What comes and goes in one entry."""
    fields = image.fields
    gone = {key for key in DROPPED if key in entry.fields and not fields.get(key)}
    new = [field for field in FIELDS if fields[field] and field not in entry.fields]
    if entry.start.flow_style and (gone or new):
        yield _flow_entry(sheet, entry, image, gone, new)
        return
    yield from _removed(sheet.text, entry, gone)
    column = entry.start.start_mark.column
    by_anchor: dict[str, list[str]] = {}
    for field in new:
        before = ("name", *FIELDS[: FIELDS.index(field)])
        anchor = next(key for key in reversed(before) if key in entry.fields and key not in gone)
        by_anchor.setdefault(anchor, []).append(f"{' ' * column}{field}: {spell(fields[field])}")
    for anchor, lines in by_anchor.items():
        yield _below(sheet, entry.fields[anchor][1].end_mark.index, lines)


def _removed(text: str, entry: Entry, gone: set[str]) -> Iterator[_Splice]:
    """The lines of fields go. Those that stand on the line of the dash leave their place to the next that stays."""
    keys = list(entry.fields)
    first_kept = next(index for index, key in enumerate(keys) if key not in gone)
    if first_kept:
        start, end = entry.fields[keys[0]][0], entry.fields[keys[first_kept]][0]
        yield _Splice(start.start_mark.index, end.start_mark.index, "")
    for key in keys[first_kept:]:
        if key in gone:
            name, value = entry.fields[key]
            start = text.rfind("\n", 0, name.start_mark.index) + 1
            yield _Splice(start, _line_end(text, value.end_mark.index, past=True), "")


def _flow_entry(sheet: Sheet, entry: Entry, image: SetImage, gone: set[str], new: Sequence[str]) -> _Splice:
    text, fields = sheet.text, image.fields
    raw = [
        text[key.start_mark.index : value.end_mark.index]
        for name, (key, value) in entry.fields.items()
        if name not in gone
    ]
    added = _flow({field: fields[field] for field in new}, sheet)[1:-1]
    whole = ", ".join([*raw, added] if added else raw)
    return _Splice(entry.start.start_mark.index, entry.end.end_mark.index, f"{{{whole}}}")


def _flow(entry: Mapping[str, str], sheet: Sheet) -> str:
    """One entry on one line; as JSON in a file that is JSON."""
    if sheet.root[0].flow_style:
        return json.dumps(dict(entry), ensure_ascii=False)
    return f"{{{', '.join(f'{key}: {spell(value, flow=True)}' for key, value in entry.items())}}}"


def _appended(sheet: Sheet, images: Images) -> Iterator[_Splice]:
    """New entries below the last one."""
    there = {entry.says["name"] for entry in sheet.entries}
    new = [entry for entry in images.entries if entry["name"] not in there]
    if not new or sheet.images is None:
        return
    first, last = sheet.images
    if first.flow_style:
        at = last.end_mark.index - 1
        yield _Splice(at, at, "".join(f", {_flow(entry, sheet)}" for entry in new))
    else:
        *_, (_, value) = sheet.entries[-1].fields.values()
        at = value.end_mark.index if not sheet.entries[-1].start.flow_style else sheet.entries[-1].end.end_mark.index
        yield _below(sheet, at, _block(new, first.start_mark.column))


def _below(sheet: Sheet, at: int, lines: Sequence[str]) -> _Splice:
    """Lines below that on which a value ends."""
    end, newline = _line_end(sheet.text, at), sheet.newline
    if end and sheet.text[end - 1] == "\n":  # a block scalar ends below its last line
        return _Splice(end, end, "".join(line + newline for line in lines))
    return _Splice(end, end, "".join(newline + line for line in lines))


def _line_end(text: str, at: int, *, past: bool = False) -> int:
    """Where the line ends on which a value ends at `at`, before or past its line break."""
    if text[at - 1] == "\n":
        return at
    rest = _REST.match(text, at)
    if rest is None:
        raise no_images(f"line {text.count(chr(10), 0, at) + 1}")
    return rest.end() if past else rest.start(2)


def _block(entries: Iterable[Mapping[str, str]], column: int) -> list[str]:
    """The lines of entries whose dashes stand in a column."""
    return [
        " " * column + ("  " if index else "- ") + f"{key}: {spell(value)}"
        for entry in entries
        for index, (key, value) in enumerate(entry.items())
    ]


# --- The list as a whole


def _anew(sheet: Sheet, images: Images) -> str:
    """The text with the whole list written anew, or for the first time."""
    text, newline = sheet.text, sheet.newline
    start, end = sheet.root
    if start.flow_style:
        flow = f"[{', '.join(_flow(entry, sheet) for entry in images.entries)}]"
        if sheet.images is not None:
            return text[: sheet.images[0].start_mark.index] + flow + text[sheet.images[1].end_mark.index :]
        at = end.end_mark.index - 1
        empty = text[start.start_mark.index + 1 : at].strip() == ""
        return f'{text[:at]}{"" if empty else ", "}"images": {flow}{text[at:]}'
    lines = newline.join(_block(images.entries, _column(sheet)))
    if sheet.images is None:
        at = end.start_mark.index
        gap = newline if at and text[at - 1] != "\n" else ""
        return f"{text[:at]}{gap}images:{newline}{lines}{newline}{text[at:]}"
    first, last = sheet.images
    key_end = text.index(":", sheet.key.end_mark.index) + 1
    if isinstance(first, yaml.SequenceStartEvent) and not first.flow_style:
        *_, (_, value) = sheet.entries[-1].fields.values()
        flow = sheet.entries[-1].start.flow_style
        last = sheet.entries[-1].end if flow else value
    end_at = last.end_mark.index
    rest = _REST.match(text, end_at)
    remark = f" {rest[1]}" if rest is not None and rest[1] else ""
    return text[:key_end] + remark + newline + lines + text[_line_end(text, end_at) :]


def _column(sheet: Sheet) -> int:
    """The column in which the dashes of the file's lists stand."""
    found = re.search(r"^\S+:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*( *)- ", sheet.text, re.MULTILINE)
    return len(found[1]) if found is not None else 0
