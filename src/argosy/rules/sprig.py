"""The functions of Go's templates: those built in, and of Sprig's those that take a value apart or put one together.

Sprig's arguments come with the value last, so that it can be piped in. Nothing reads the environment, the clock, the
network or a random number.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote_plus

import orjson

from argosy.errors import Invalid
from argosy.expressions.errors import Fault
from argosy.expressions.patterns import compiled
from argosy.expressions.text import plain, quote, to_json
from argosy.rules.versions import Version

MOST = 8192
"""Characters of a text that a function may make."""

_MOST_MATCHING = 1 << 22  # characters times instructions of a regular expression; each pair takes some 30 ns at worst

_GROUP = re.compile(r"\$(?:\{(\w+)\}|(\w+)|\$)")
_VERB = re.compile(r"%(?P<verb>[svdqxf%])")


def is_true(value: Any) -> bool:
    """What counts as true: all but false, nil, 0 and what is empty."""
    return bool(value)


def _text(value: Any) -> str:
    return "" if value is None else plain(value)


def _index(of: Any, *keys: Any) -> Any:
    for key in keys:
        of = of.get(key) if isinstance(of, Mapping) else of[_position(key, len(of))]
    return of


def _position(key: Any, length: int) -> int:
    at = int(key)
    if not 0 <= at < length:
        raise Fault(f"index {at} is out of range: there are {length} elements")
    return at


def _slice(of: Any, start: Any = 0, stop: Any = None) -> Any:
    end = len(of) if stop is None else int(stop)
    if not 0 <= int(start) <= end <= len(of):
        raise Fault("slice is out of range")
    return of[int(start) : end]


def _printf(form: str, *values: Any) -> str:
    rest = list(values)

    def write(match: re.Match[str]) -> str:
        verb = match["verb"]
        if verb == "%":
            return "%"
        if not rest:
            raise Fault("printf has fewer values than its format")
        value = rest.pop(0)
        if verb == "q":
            return quote(_text(value))
        if verb == "x":
            return value.encode().hex() if isinstance(value, str) else f"{int(value):x}"
        return f"{value:f}" if verb == "f" else str(int(value)) if verb == "d" else plain(value)

    return _VERB.sub(write, form)


def _same(first: Any, *others: Any) -> bool:
    return any(first == other and isinstance(first, bool) == isinstance(other, bool) for other in others)


def _and(*values: Any) -> Any:
    return next((value for value in values if not is_true(value)), values[-1])


def _or(*values: Any) -> Any:
    return next((value for value in values if is_true(value)), values[-1])


BUILT_IN: Mapping[str, Callable[..., Any]] = {
    "and": _and,
    "or": _or,
    "not": lambda value: not is_true(value),
    "eq": _same,
    "ne": lambda a, b: not _same(a, b),
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "index": _index,
    "len": len,
    "print": lambda *values: "".join(map(plain, values)),
    "printf": _printf,
    "slice": _slice,
    "urlquery": lambda *values: quote_plus("".join(map(plain, values)), safe="~"),
}


def _default(given: Any, value: Any = None) -> Any:
    return value if is_true(value) else given


def _trunc(length: int, value: str) -> str:
    return value[: int(length)] if length >= 0 else value[int(length) :]


def _split(separator: str, value: str) -> dict[str, Any]:
    return {f"_{index}": part for index, part in enumerate(value.split(separator))}


def _repeat(count: int, value: str) -> str:
    if int(count) * len(value) > MOST:
        raise Fault(f"repeat would make more than {MOST} characters")
    return value * int(count)


def _replace(old: str, new: str, value: str) -> str:
    if len(value) + (value.count(old) if old else len(value) + 1) * len(new) > MOST:
        raise Fault(f"replace would make more than {MOST} characters")
    return value.replace(old, new)


def _pattern(pattern: str, value: str) -> Any:
    """A regular expression, unless it is too large for a text of that length. Raises Fault."""
    expression = compiled(pattern)
    if expression.programsize * len(value) > _MOST_MATCHING:
        raise Fault("a regular expression is too large for a text that long")
    return expression


def _regex_replace(pattern: str, value: str, new: str) -> str:
    """`${1}`, `${name}` and `$1` stand for groups, and for nothing where there is no such group."""
    if (len(value) + 1) * len(new) > 1 << 20:
        raise Fault("regexReplaceAll has too much to replace")
    expression = _pattern(pattern, value)

    def group(found: Any, name: str) -> str:
        key = int(name) if name.isdecimal() else expression.groupindex.get(name.encode())
        known = key is not None and key <= expression.groups
        return (found[key] or b"").decode("utf-8", "replace") if known else ""

    def write(found: Any) -> bytes:
        return _GROUP.sub(lambda mark: group(found, mark[1] or mark[2]) if mark[0] != "$$" else "$", new).encode()

    made: bytes = expression.sub(write, value.encode())
    return made.decode("utf-8", "replace")


def _regex_find(pattern: str, value: str) -> str:
    match = _pattern(pattern, value).search(value.encode())
    return match[0].decode("utf-8", "replace") if match else ""


def _dig(*arguments: Any) -> Any:
    *keys, given, of = arguments
    for key in keys:
        if not isinstance(of, Mapping) or key not in of:
            return given
        of = of[key]
    return of


def _semver(value: str) -> dict[str, Any]:
    try:
        found = Version.parse(value)
    except Invalid:
        raise Fault("semver cannot read this version") from None
    return {"Major": found.major, "Minor": found.minor, "Patch": found.patch, "Prerelease": found.prerelease}


SPRIG: Mapping[str, Callable[..., Any]] = {
    "upper": str.upper,
    "lower": str.lower,
    "title": str.title,
    "trim": str.strip,
    "trimAll": lambda characters, value: value.strip(characters),
    "trimPrefix": lambda prefix, value: value.removeprefix(prefix),
    "trimSuffix": lambda suffix, value: value.removesuffix(suffix),
    "nospace": lambda value: "".join(value.split()),
    "trunc": _trunc,
    "substr": lambda start, end, value: value[max(int(start), 0) : int(end) if end >= 0 else None],
    "replace": _replace,
    "repeat": _repeat,
    "contains": lambda part, value: part in value,
    "hasPrefix": lambda prefix, value: value.startswith(prefix),
    "hasSuffix": lambda suffix, value: value.endswith(suffix),
    "quote": lambda *values: " ".join(quote(_text(value)) for value in values if value is not None),
    "squote": lambda *values: " ".join(f"'{_text(value)}'" for value in values if value is not None),
    "cat": lambda *values: " ".join(_text(value) for value in values if value is not None),
    "toString": _text,
    "join": lambda separator, values: separator.join(_text(value) for value in values),
    "split": _split,
    "splitList": lambda separator, value: value.split(separator),
    "sortAlpha": lambda values: sorted(map(_text, values)),
    "uniq": lambda values: [value for index, value in enumerate(values) if value not in values[:index]],
    "list": lambda *values: list(values),
    "first": lambda values: values[0] if values else None,
    "last": lambda values: values[-1] if values else None,
    "rest": lambda values: values[1:],
    "initial": lambda values: values[:-1],
    "has": lambda value, values: value in (values or []),
    "dict": lambda *values: dict(zip(values[::2], values[1::2], strict=True)),
    "get": lambda of, key: of.get(key, ""),
    "hasKey": lambda of, key: key in of,
    "keys": list,
    "dig": _dig,
    "default": _default,
    "empty": lambda value: not is_true(value),
    "coalesce": lambda *values: next((value for value in values if is_true(value)), None),
    "ternary": lambda yes, no, test: yes if test else no,
    "regexMatch": lambda pattern, value: _pattern(pattern, value).search(value.encode()) is not None,
    "regexFind": _regex_find,
    "regexReplaceAll": _regex_replace,
    "b64enc": lambda value: base64.b64encode(value.encode()).decode(),
    "b64dec": lambda value: base64.b64decode(value, validate=True).decode(),
    "sha1sum": lambda value: hashlib.sha1(value.encode(), usedforsecurity=False).hexdigest(),
    "sha256sum": lambda value: hashlib.sha256(value.encode()).hexdigest(),
    "int": lambda value: int(float(value)),
    "add": lambda *values: sum(map(int, values)),
    "sub": lambda a, b: int(a) - int(b),
    "toJson": to_json,
    "fromJson": orjson.loads,
    "semver": _semver,
}

FUNCTIONS: Mapping[str, Callable[..., Any]] = {**SPRIG, **BUILT_IN}
