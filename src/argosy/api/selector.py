"""Reads label and field selectors as they stand in a query string. Grammar: the Kubernetes API documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from argosy.api.answer import Refused
from argosy.store.base import Operator, Requirement

_KEY = r"(?:[A-Za-z0-9][A-Za-z0-9.-]{0,252}/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
_VALUE = r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?"
_EXISTS = re.compile(rf"\s*(?P<not>!)?\s*(?P<key>{_KEY})\s*")
_EQUALS = re.compile(rf"\s*(?P<key>{_KEY})\s*(?P<operator>==|=|!=)\s*(?P<value>{_VALUE})\s*")
_SET = re.compile(rf"\s*(?P<key>{_KEY})\s+(?P<operator>in|notin)\s*\((?P<values>[^()]*)\)\s*")
_FIELD = re.compile(r"(?P<path>(?:[^\\=!,]|\\.)+?)(?P<operator>==|!=|=)(?P<value>(?:[^\\=,]|\\[\\=,])*)(?:,|$)")
_LONGEST = 64 * 1024


def parse_labels(text: str) -> tuple[Requirement, ...]:
    """The requirements of a label selector such as `a=b,c!=d,e in (f,g),!h`. Raises Refused (400)."""
    if not text.strip():
        return ()
    _check_length(text)
    return tuple(_requirement(part) for part in _split(text))


def _split(text: str) -> Iterator[str]:
    """The parts between commas that stand outside parentheses."""
    start = depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth <= 0:
            yield text[start:place]
            start = place + 1
    yield text[start:]


def _requirement(text: str) -> Requirement:
    if found := _EXISTS.fullmatch(text):
        return Requirement(found["key"], Operator.MISSING if found["not"] else Operator.EXISTS)
    if found := _EQUALS.fullmatch(text):
        operator = Operator.NOT_IN if found["operator"] == "!=" else Operator.IN
        return Requirement(found["key"], operator, (found["value"],))
    if found := _SET.fullmatch(text):
        values = tuple(value.strip() for value in found["values"].split(","))
        if all(re.fullmatch(_VALUE, value) for value in values):
            return Requirement(found["key"], Operator(found["operator"]), values)
    raise Refused(
        400,
        f"unable to parse requirement {text.strip()[:200]!r} of the label selector",
        advice="Write key=value, key!=value, key in (a,b), key notin (a,b), key or !key, separated by commas.",
    )


def parse_fields(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """What must be equal and what must differ in a field selector such as `a.b=c,d!=e`. Raises Refused (400)."""
    equal: dict[str, str] = {}
    differ: dict[str, str] = {}
    _check_length(text)
    place = 0
    while place < len(text):
        found = _FIELD.match(text, place)
        if found is None:
            raise Refused(
                400,
                f"unable to parse {text[place : place + 200]!r} in the field selector",
                advice="Write path=value or path!=value, separated by commas.",
            )
        chosen = differ if found["operator"] == "!=" else equal
        chosen[found["path"].strip()] = re.sub(r"\\(.)", r"\1", found["value"])
        place = found.end()
    return equal, differ


def _check_length(text: str) -> None:
    if len(text) > _LONGEST:
        raise Refused(400, f"the selector has {len(text)} characters, more than the {_LONGEST} allowed")
