"""Changing single values of a YAML text: their bytes are replaced, every other byte stays as it is.

Keys are written, and found or not found, as by Kargo's `yaml-update` (`pkg/yaml/yaml.go`, `pkg/sjson`): in the first
document, the first of equal keys, scalars only. Unlike there, what follows a value on its line stays, quotes and
block style stay where the new value allows it, and a result that would read differently than meant is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from argosy.errors import Permanent
from argosy.resources.meta import Json
from argosy.rules.edit import Update, decoded
from argosy.rules.yaml_scalar import is_ambiguous, spell, spell_block
from argosy.rules.yaml_tree import Seen, find, read_events

_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*")
_BLANK_REST = re.compile(r"[ \t]*(?=\r?\n|\Z)")
_WORD = re.compile(r"[^\s,\[\]{}]+")
_GAP = re.compile(r"(?:[ \t]|\r?\n|#[^\n]*)*")


def edit(content: bytes, updates: Iterable[Update]) -> bytes:
    """`content` with the values set; of several updates of one key the last counts.

    Raises Permanent: no UTF-8, no YAML, too deep or large, a key that is malformed, missing or no scalar.
    """
    text, mark = decoded(content, "YAML")
    events = list(read_events(text))
    targets: dict[int, Json] = {}
    for update in updates:
        targets[find(events, update.key)] = update.value
    edited = text
    for index in sorted(targets, key=lambda index: events[index].event.start_mark.index, reverse=True):
        if not _holds(events[index].event, targets[index]):
            edited = _splice(edited, events[index], targets[index])
    if edited != text:
        _verify(events, targets, edited)
    return mark + edited.encode()


def _holds(event: Any, value: Json) -> bool:
    """Whether the scalar reads as `value` already, so that nothing need change."""
    if not isinstance(event, yaml.ScalarEvent) or event.tag is not None or isinstance(value, dict | list):
        return False
    if isinstance(value, str):
        return bool(event.value == value and (event.style or not is_ambiguous(value)))
    return event.value == spell(value) and not event.style


def _splice(text: str, seen: Seen, value: Json) -> str:
    """`text` with the scalar of one event replaced."""
    event = seen.event
    start, end = event.start_mark.index, event.end_mark.index
    if isinstance(event, yaml.AliasEvent):
        return text[:start] + spell(value, flow=seen.flow) + text[end:]
    if event.anchor or event.tag:
        text, start, end = _without_tag(text, event)
    if event.style in ("|", ">"):
        return _splice_block(text, (start, end), seen, value)
    rest = _BLANK_REST.match(text, end)
    if isinstance(value, str) and "\n" in value and not seen.flow and rest is not None:
        lines = spell_block(value, seen.indent + 2)
        if lines is not None:
            newline = "\r\n" if "\r\n" in text else "\n"
            gap = " " if start == end and text[start - 1] != " " else ""
            return text[:start] + gap + newline.join(lines) + text[rest.end() :]
    new = spell(value, quote=event.style or "", flow=seen.flow)
    if start == end:
        new = _separated(text, start, new)
    return text[:start] + new + text[end:]


def _separated(text: str, at: int, new: str) -> str:
    """A value where there was none needs spaces between it and what stands beside it."""
    before = " " if text[at - 1 : at] not in ("", " ", "\t", "\n") else ""
    after = " " if text[at : at + 1] not in ("", " ", "\r", "\n", ",", "]", "}") else ""
    return f"{before}{new}{after}"


def _without_tag(text: str, event: Any) -> tuple[str, int, int]:
    """`text` with a scalar's anchor kept and its tag removed, and the span of the scalar's content then."""
    first, end = event.start_mark.index, event.end_mark.index
    content = first
    while content < end and text[content] in "&!":
        content = text.index(">", content) + 1 if text.startswith("!<", content) else _word_end(text, content)
        gap = _GAP.match(text, content)
        content = min(gap.end() if gap else content, end)
    kept = f"&{event.anchor}" if event.anchor else ""
    if kept and content < end:
        kept += " "
    start = first + len(kept)
    return text[:first] + kept + text[content:], start, start + end - content


def _word_end(text: str, at: int) -> int:
    found = _WORD.match(text, at)
    return found.end() if found else at + 1


def _splice_block(text: str, span: tuple[int, int], seen: Seen, value: Json) -> str:
    """Replace a block scalar (`|` or `>`): its header and its lines; what stands beside the header stays."""
    start, end = span
    header = _BLOCK_HEADER.match(text, start)
    assert header is not None  # noqa: S101 - the parser saw it there
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    newline = "\r\n" if text[line_end - 1] == "\r" else "\n"
    line_end -= len(newline) - 1
    content_end = start + len(text[start:end].rstrip("\r\n \t"))
    while text[content_end : content_end + 1] in (" ", "\t"):
        content_end += 1
    content_end = max(content_end, line_end)
    beside = text[header.end() : line_end]
    lines = None
    if isinstance(value, str):
        lines = spell_block(value, _block_indent(text[line_end:content_end], seen.indent), folded=text[start] == ">")
    if lines is None:
        return text[:start] + spell(value) + beside + text[content_end:]
    return text[:start] + newline.join([lines[0] + beside, *lines[1:]]) + text[content_end:]


def _block_indent(content: str, parent: int) -> int:
    """The indentation of a block's first line, if that is deeper than `parent`."""
    first = content.lstrip("\r\n").split("\n", 1)[0]
    column = len(first) - len(first.lstrip(" "))
    return column if column > max(parent, 0) else parent + 2


def _shape(event: Any) -> tuple[Any, ...]:
    """What of an event must stay the same: all but its place and style."""
    match event:
        case yaml.ScalarEvent():
            return ("scalar", event.value, event.implicit[0] and not event.style, event.tag, event.anchor)
        case yaml.AliasEvent():
            return ("alias", event.anchor)
        case yaml.CollectionStartEvent():
            return (type(event).__name__, event.tag, event.anchor)
        case _:
            return (type(event).__name__,)


def _wanted(value: Json, anchor: str | None = None) -> Iterator[tuple[Any, ...]]:
    """The shapes of the events that a value written by us gives; a text may be plain or not (None)."""
    if isinstance(value, Mapping):
        yield ("MappingStartEvent", None, anchor)
        for key, each in value.items():
            yield from _wanted(key)
            yield from _wanted(each)
        yield ("MappingEndEvent",)
    elif isinstance(value, list):
        yield ("SequenceStartEvent", None, anchor)
        for each in value:
            yield from _wanted(each)
        yield ("SequenceEndEvent",)
    elif isinstance(value, str):
        yield ("scalar", value, None, None, anchor)
    else:
        yield ("scalar", spell(value), True, None, anchor)


def _verify(before: Sequence[Seen], targets: Mapping[int, Json], edited: str) -> None:
    """Raises Permanent unless `edited` reads as the old text with the targets changed, and nothing else."""
    wanted: list[tuple[Any, ...]] = []
    for index, seen in enumerate(before):
        if index in targets:
            anchor = seen.event.anchor if isinstance(seen.event, yaml.ScalarEvent) else None
            wanted += _wanted(targets[index], anchor)
        else:
            wanted.append(_shape(seen.event))
    try:
        found = [_shape(seen.event) for seen in read_events(edited)]
    except Permanent:
        found = []
    if len(found) != len(wanted) or not all(map(_matches, found, wanted)):
        raise Permanent(
            "the value cannot be changed without touching what surrounds it",
            advice="Write the key and its value on one line of their own, as `key: value`.",
        )


def _matches(found: tuple[Any, ...], wanted: tuple[Any, ...]) -> bool:
    return found == wanted or (
        len(wanted) == 5 and wanted[2] is None and found[:2] + found[3:] == wanted[:2] + wanted[3:]
    )
