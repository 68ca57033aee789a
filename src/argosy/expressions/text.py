"""How values are written as text: Go's `%v`, Go's JSON, and quoted."""

from __future__ import annotations

import base64
import math

import orjson

from argosy.expressions.errors import Fault
from argosy.expressions.kinds import type_name, utf8
from argosy.expressions.numbers import format_float, json_float, wrap
from argosy.expressions.record import Record
from argosy.expressions.value import Object, Value

# Go's JSON keeps text safe to put into HTML.
_JSON_SAFE = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})
_QUOTED = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}


def plain(value: Value) -> str:
    """As `string()` gives it: `[1 2]`, `map[a:1]`, `<nil>`."""
    match value:
        case str():
            return value
        case None:
            return "<nil>"
        case bool():
            return "true" if value else "false"
        case int():
            return str(wrap(value))
        case float():
            return format_float(value)
        case list() | bytes():
            return f"[{' '.join(map(plain, value))}]"
        case dict():
            pairs = sorted(((plain(key), plain(each)) for key, each in value.items()), key=lambda pair: pair[0])
            return f"map[{' '.join(f'{key}:{each}' for key, each in pairs)}]"
        case Object():
            return value.plain()
    raise Fault(f"{type_name(value)} cannot be made a string")


def to_json(value: Value, indent: str = "", margin: str = "") -> str:
    """As Go's `json.Marshal` writes it: keys sorted, `<`, `>` and `&` escaped; with `indent`, on several lines."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(wrap(value))
        case float() if math.isfinite(value):
            return json_float(value)
        case str():
            return _json_text(value)
        case bytes():
            return f'"{base64.b64encode(value).decode()}"'
        case Record():
            return to_json(value.json(), indent, margin)
        case list():
            return _bracket("[]", [to_json(each, indent, margin + indent) for each in value], indent, margin)
        case dict():
            colon = ": " if indent else ":"
            pairs = sorted(((_json_key(key), each) for key, each in value.items()), key=lambda pair: pair[0])
            written = [f"{_json_text(key)}{colon}{to_json(each, indent, margin + indent)}" for key, each in pairs]
            return _bracket("{}", written, indent, margin)
        case Object():
            return to_json(value.json(), indent, margin)
    raise Fault(f"{'NaN or infinity' if isinstance(value, float) else type_name(value)} cannot be written as JSON")


def quote(text: str) -> str:
    """`text` in double quotes, with Go's escapes."""
    return f'"{"".join(map(_quoted, text))}"'


def _json_key(key: object) -> str:
    if isinstance(key, str):
        return key
    raise Fault(f"a map with a key of type {type_name(key)} cannot be written as JSON")


def _json_text(text: str) -> str:
    try:
        return orjson.dumps(text).decode().translate(_JSON_SAFE)
    except orjson.JSONEncodeError:  # half of a surrogate pair
        return _json_text(utf8(text).decode())


def _bracket(brackets: str, parts: list[str], indent: str, margin: str) -> str:
    if not parts or not indent:
        return f"{brackets[0]}{','.join(parts)}{brackets[1]}"
    inner = f",\n{margin}{indent}".join(parts)
    return f"{brackets[0]}\n{margin}{indent}{inner}\n{margin}{brackets[1]}"


def _quoted(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    if character in _QUOTED:
        return _QUOTED[character]
    code = ord(character)
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
