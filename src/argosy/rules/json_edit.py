"""Changing single values of a JSON text: their bytes are replaced, every other byte stays as it is.

Keys are those of Kargo's `json-update` (the path syntax of tidwall/sjson): dots separate, numbers are indexes of
lists, `-1` appends to one, `:` before a number makes it a key; members that are missing are added. Unlike there, a
single value on the way is never replaced by a mapping, and no list is filled up with nulls.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from json.decoder import scanstring  # type: ignore[attr-defined]  # not in the stubs, in the language since 3.0

from argosy.errors import Permanent
from argosy.resources.meta import Json
from argosy.rules.edit import Update, decoded
from argosy.rules.edit_key import Part, key_parts

_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)  # only where values end is asked


@dataclass(frozen=True, slots=True)
class _Child:
    """A member of a mapping, or an item of a list with an empty name; `start` and `end` span its value."""

    name: str
    first: int
    start: int
    end: int


def edit(content: bytes, updates: Iterable[Update]) -> bytes:
    """`content` with the values set, one after the other.

    Raises Permanent: no UTF-8, no JSON, a key that is malformed or cannot be reached, a value that is not single.
    """
    text, mark = decoded(content, "JSON")
    try:
        if _blank(text, 0) < len(text):
            _DECODER.decode(text)
        for update in updates:
            text = _set(text, _checked(update))
    except json.JSONDecodeError as error:
        raise Permanent(f"the file is no JSON: line {error.lineno}: {error.msg}") from error
    except RecursionError:
        raise Permanent("the file is nested too deeply") from None
    return mark + text.encode()


def _checked(update: Update) -> Update:
    endless = isinstance(update.value, float) and not math.isfinite(update.value)
    if update.value is None or isinstance(update.value, list | dict) or endless:
        raise Permanent(f"the value of key {update.key} is not a text, a number or a boolean")
    return update


def spell(value: Json) -> str:
    """A text, a number or a boolean as JSON, without exponents."""
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"
    return json.dumps(value, ensure_ascii=False)


def _set(text: str, update: Update) -> str:
    parts = key_parts(update.key)
    at = _blank(text, 0)
    if at == len(text):
        return f"{_made(parts, update.value)}\n"
    end = _end(text, at)
    for depth, part in enumerate(parts):
        where = ".".join(each.text for each in parts[:depth]) or "the document"
        children = list(_children(text, at))
        if text[at] == "{":
            found = next((child for child in children if child.name == part.text), None)
        elif text[at] == "[":
            found = _item(children, part, update.key, where)
        else:
            raise Permanent(
                f"key {update.key} is not in the file: {where} is a single value, so it has no {part.text!r}"
            )
        if found is None:
            name = f"{json.dumps(part.text, ensure_ascii=False)}: " if text[at] == "{" else ""
            return _added(text, (at, end), children, name + _made(parts[depth + 1 :], update.value))
        at, end = found.start, found.end
    return text[:at] + spell(update.value) + text[end:]


def _item(children: Sequence[_Child], part: Part, key: str, where: str) -> _Child | None:
    """The item that an index means; None to append one."""
    if part.text == "-1" or (part.is_index and int(part.text) == len(children)):
        return None
    if not part.is_index:
        raise Permanent(f"key {key} is not in the file: {where} is a list, and {part.text!r} is no index")
    if int(part.text) > len(children):
        raise Permanent(
            f"key {key} is not in the file: {where} is a list of {len(children)}; indexes count from 0",
            advice="Write -1 to append to it.",
        )
    return children[int(part.text)]


def _made(parts: Sequence[Part], value: Json) -> str:
    """What `parts` lead to where nothing is yet."""
    if not parts:
        return spell(value)
    inner = _made(parts[1:], value)
    if parts[0].text == "-1" or (parts[0].is_index and int(parts[0].text) == 0):
        return f"[{inner}]"
    return f"{{{json.dumps(parts[0].text, ensure_ascii=False)}: {inner}}}"


def _added(text: str, span: tuple[int, int], children: Sequence[_Child], new: str) -> str:
    """`text` with one more child in a collection, spaced as the ones before."""
    start, end = span
    if not children:
        return text[: start + 1] + new + text[end - 1 :]
    last = children[-1]
    gap = text[children[-2].end : last.first].partition(",")[2] if len(children) > 1 else text[start + 1 : last.first]
    if len(children) == 1 and "\n" not in gap:
        gap = " "
    return f"{text[: last.end]},{gap}{new}{text[last.end :]}"


def _children(text: str, at: int) -> Iterator[_Child]:
    """What the collection that begins at `at` holds; nothing for a single value."""
    if text[at] not in "{[":
        return
    closing = "}" if text[at] == "{" else "]"
    named = closing == "}"
    at = _blank(text, at + 1)
    while text[at] != closing:
        first, name = at, ""
        if named:
            name, at = scanstring(text, at + 1, True)
            at = _blank(text, _blank(text, at) + 1)
        end = _end(text, at)
        yield _Child(name, first, at, end)
        at = _blank(text, end)
        if text[at] == ",":
            at = _blank(text, at + 1)


def _end(text: str, at: int) -> int:
    return int(_DECODER.raw_decode(text, at)[1])


def _blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at
