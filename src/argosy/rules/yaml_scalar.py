"""How one value is spelled in YAML, so that every parser reads it as what it is.

A text stays a text: it is quoted when Kargo would quote it (`pkg/yaml/quote.go`: it reads as a number, a boolean or
JSON), and when YAML 1.1 or 1.2 would read it as something else.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import orjson
import yaml

from argosy.expressions.numbers import parse_float
from argosy.resources.meta import Json

_GO_BOOLEANS = frozenset({"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"})
_NUMBER = re.compile(r"[-+]?(?:0o[0-7]+|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?)")
_FIRST = frozenset("-?:,[]{}#&*!|>'\"%@`= ")
_UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_FOLDED = re.compile("[\x85\u2028\u2029]")
_RESOLVER: Any = yaml.resolver.Resolver()


def spell(value: Json, *, quote: str = "", flow: bool = False) -> str:
    """One line of YAML that reads as `value`; lists and mappings come out in flow style.

    Args:
        quote: the quote to keep around a text, if it may be kept.
        flow: whether it goes within `{}` or `[]`.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float():
            return _float(value)
        case str():
            return _text(value, quote, flow=flow)
        case list():
            return f"[{', '.join(spell(each, flow=True) for each in value)}]"
        case dict():
            pairs = (f"{_double_quoted(key)}: {spell(each, flow=True)}" for key, each in value.items())
            return f"{{{', '.join(pairs)}}}"
        case _:
            return str(value)


def spell_block(value: str, indent: int, *, folded: bool = False) -> list[str] | None:
    """The lines of a block, header first; None when a block would not keep `value`.

    It is literal (`|`), unless `folded` (`>`) means the same because there is one line only.
    """
    body = value.removesuffix("\n")
    lines = body.split("\n")
    if not body or _UNPRINTABLE.search(value) or _FOLDED.search(value) or "\t" in value:
        return None
    if lines[0][:1] in ("", " ") or not lines[-1].strip():
        return None
    header = ">" if folded and len(lines) == 1 else "|"
    return [header if value.endswith("\n") else f"{header}-", *(" " * indent + line if line else "" for line in lines)]


def is_ambiguous(text: str) -> bool:
    """Whether `text`, unquoted, is something else than a text to some parser."""
    if parse_float(text) is not None or text in _GO_BOOLEANS or _NUMBER.fullmatch(text):
        return True
    if _RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) != "tag:yaml.org,2002:str":
        return True
    try:
        orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return False
    return True


def _float(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    written = repr(value)
    # YAML 1.1 knows no float without a point.
    return written.replace("e", ".0e") if "e" in written and "." not in written else written


def _text(value: str, quote: str, *, flow: bool) -> str:
    one_line = "\n" not in value and not _UNPRINTABLE.search(value) and not _FOLDED.search(value)
    if quote == "'" and one_line:
        return "'" + value.replace("'", "''") + "'"
    if quote == '"' or not one_line or not _may_be_plain(value, flow=flow):
        return _double_quoted(value)
    return value


def _may_be_plain(text: str, *, flow: bool) -> bool:
    if not text or text[0] in _FIRST or text[-1] in " :" or "\t" in text or text.startswith(("---", "...")):
        return False
    if ": " in text or " #" in text or (flow and any(char in text for char in ",[]{}:")):
        return False
    return not is_ambiguous(text)


def _double_quoted(text: str) -> str:
    written = json.dumps(text, ensure_ascii=False)
    written = _FOLDED.sub(lambda found: f"\\u{ord(found[0]):04x}", written)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def spell_in_message(value: Json) -> str:
    """A value as commit messages show it: texts bare, unless they look like something else."""
    if not isinstance(value, str):
        return spell(value)
    return _double_quoted(value) if is_ambiguous(value) else value
