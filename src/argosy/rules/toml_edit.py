"""Changing single values of a TOML text: their bytes are replaced, every other byte stays as it is.

Keys lead as in Kargo's `toml-update` (`pkg/toml/toml.go`), to values that are there; numbers are indexes of arrays and
of tables in `[[...]]`. Unlike there, a text keeps its kind of quotes where the new one allows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import tomlkit
from tomlkit.exceptions import ParseError, TOMLKitError
from tomlkit.items import AoT, Array, Bool, Date, DateTime, Float, Integer, Item, String, StringType, Time

from argosy.errors import Permanent
from argosy.resources.meta import Json
from argosy.rules.edit import Update, decoded
from argosy.rules.edit_key import Part, key_parts

_SINGLE = (Bool, Date, DateTime, Float, Integer, String, Time)


def edit(content: bytes, updates: Iterable[Update]) -> bytes:
    """`content` with the values set; of several updates of one key the last counts.

    Raises Permanent: no UTF-8, no TOML, a key that is malformed, missing or no single value, a value of several.
    """
    text, mark = decoded(content, "TOML")
    for update in updates:
        if update.value is None or isinstance(update.value, list | dict):
            raise Permanent(f"the value of key {update.key} is not a text, a number or a boolean")
        text = _set(text, update)
    return mark + text.encode()


def spell(value: Json) -> str:
    """A text, a number or a boolean as TOML."""
    return tomlkit.item(value).as_string()


def _set(text: str, update: Update) -> str:
    document = _read(text)
    parts = key_parts(update.key)
    holder: Any = document
    for depth, part in enumerate(parts[:-1]):
        holder = _inner(holder, part, update.key, _where(parts, depth))
    old = _inner(holder, parts[-1], update.key, _where(parts, len(parts) - 1))
    if not isinstance(old, _SINGLE):
        raise Permanent(f"key {update.key} holds {_kind(old)}, not a single value", advice="Name a key within it.")
    before, new = old.as_string(), _new(old, update.value)
    if before == new.as_string():
        return text
    holder[int(parts[-1].text) if isinstance(holder, Array) else parts[-1].text] = new
    after = tomlkit.dumps(document)
    if not _one_splice(text, after, before, new.as_string()):
        raise Permanent(
            f"key {update.key} cannot be changed without touching what surrounds it",
            advice="Write the key and its value on one line of their own, as `key = value`.",
        )
    return after


def _read(text: str) -> tomlkit.TOMLDocument:
    try:
        document = tomlkit.parse(text)
    except ParseError as error:
        raise Permanent(f"the file is no TOML: line {error.line}: {str(error).partition(' at line')[0]}") from error
    except (TOMLKitError, RecursionError, ValueError) as error:
        raise Permanent(f"the file is no TOML: {error}") from error
    return document


def _inner(holder: Any, part: Part, key: str, where: str) -> Any:
    """What a collection holds under one part of a key."""
    if isinstance(holder, AoT | Array):
        if not part.is_index:
            raise Permanent(f"key {key} is not in the file: {where} is a list, and {part.text!r} is no index")
        if int(part.text) >= len(holder):
            raise Permanent(f"key {key} is not in the file: {where} is a list of {len(holder)}; indexes count from 0")
        return holder[int(part.text)] if isinstance(holder, AoT) else list.__getitem__(holder, int(part.text))
    if not hasattr(holder, "keys"):
        raise Permanent(f"key {key} is not in the file: {where} is a single value, so it has no {part.text!r}")
    if part.text not in holder:
        names = ", ".join(list(holder.keys())[:10])
        advice = f"It has {names}." if names else "It is empty."
        raise Permanent(f"key {key} is not in the file: {where} has no {part.text!r}", advice=advice)
    return holder.item(part.text) if hasattr(holder, "item") else holder[part.text]


def _new(old: Any, value: Json) -> Item:
    """The value as an item, a text in quotes like those of the old one."""
    if isinstance(value, str) and isinstance(old, String) and old._t in (StringType.SLL, StringType.MLL):
        plain = "'" not in value and all(character.isprintable() or character == "\t" for character in value)
        return tomlkit.string(value, literal=plain)
    return tomlkit.item(value)


def _one_splice(before: str, after: str, old: str, new: str) -> bool:
    """Whether `after` is `before` with one `old` replaced by `new`, and nothing else changed."""
    start = 0
    while (start := before.find(old, start)) >= 0:
        if before[:start] + new + before[start + len(old) :] == after:
            return True
        start += 1
    return False


def _kind(value: object) -> str:
    return "a list" if isinstance(value, AoT | Array) else "a table"


def _where(parts: list[Part], depth: int) -> str:
    return ".".join(part.text for part in parts[:depth]) or "the document"
