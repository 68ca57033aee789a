"""What a plain YAML word means: the YAML 1.1 readings that kubectl uses, so that the same file means the same here."""

from __future__ import annotations

import re

from argosy.resources.meta import Json

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})
_FALSE = frozenset({"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})
_NOT_JSON = frozenset(
    {".nan", ".NaN", ".NAN", *(f"{sign}{inf}" for sign in ("", "+", "-") for inf in (".inf", ".Inf", ".INF"))}
)
_INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LONGEST_NUMBER = 400
_MIN, _MAX = -(2**63), 2**64 - 1


def plain(text: str) -> Json:
    """The value of an unquoted word: null, boolean, number or the text itself; times stay text.

    Raises:
        ValueError: a number that JSON cannot hold.
    """
    if text in _NULLS:
        return None
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    if text in _NOT_JSON:
        raise ValueError(f"{text} is a number that JSON cannot hold")
    if text[0] not in "+-.0123456789" or len(text) > _LONGEST_NUMBER:
        return text
    return _number(text)


def _number(text: str) -> Json:
    digits = text.replace("_", "")
    if _INTEGER.fullmatch(digits):
        number = _integer(digits)
        if _MIN <= number <= _MAX:
            return number
    if _FLOAT.fullmatch(digits):
        value = float(digits)
        if value in (float("inf"), float("-inf")):
            raise ValueError(f"{text} is too large a number")
        return value
    return text


def _integer(digits: str) -> int:
    sign, body = (-1, digits[1:]) if digits[0] == "-" else (1, digits.lstrip("+"))
    if len(body) > 1 and body[0] == "0" and body[1].isdigit():
        return sign * int(body, 8)
    return sign * int(body, 0)
