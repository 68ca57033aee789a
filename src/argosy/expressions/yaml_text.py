"""Values as YAML, in the form that Kargo's `asYAML()` has: go.yaml.in/yaml/v3, four spaces deep."""

from __future__ import annotations

import re
from functools import cmp_to_key
from itertools import takewhile
from typing import Any

import yaml

from argosy.expressions.numbers import format_float

_STRING, _FLOAT = "tag:yaml.org,2002:str", "tag:yaml.org,2002:float"
_OLD_BOOLEANS = frozenset("yYnN")
_PLAIN = frozenset(("=", "<<"))  # a value to PyYAML, text to Go
_NUMBER = re.compile(
    r"[-+]?(\.[0-9_]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?|[-+]?0([bB][01_]+|[oO][0-7_]+|[xX][0-9a-fA-F_]+)"
)
_DEEP = 4


class _Writer(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # whatever it is, it is written out
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """As in Go: what is in an item of a list follows its dash, all else goes to the next multiple of four."""
        writer: Any = self
        writer.indents.append(writer.indent)
        if writer.indent is None:
            writer.indent = _DEEP if flow else 0
        elif writer.states and writer.states[-1] == writer.expect_block_sequence_item:
            writer.indent += 2
        else:
            writer.indent = (writer.indent // _DEEP + 1) * _DEEP

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> Any:
        """The tag that the bare text would be read with by Go."""
        meaning = super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]
        if kind is not yaml.ScalarNode or not implicit[0]:
            return meaning
        if value in _PLAIN:
            return _STRING
        return _FLOAT if meaning == _STRING and _NUMBER.fullmatch(value) else meaning

    def analyze_scalar(self, scalar: str) -> Any:
        """As in Go, several lines with tabs can be a block."""
        writer: Any = super()
        analysis = writer.analyze_scalar(scalar.replace("\t", "x") if "\n" in scalar else scalar)
        analysis.scalar = scalar
        return analysis


def _text(writer: Any, value: str) -> yaml.Node:
    """Several lines as a block; in double quotes what would be read as something else than a string."""
    plain = writer.resolve(yaml.ScalarNode, value, (True, False)) == _STRING and value not in _OLD_BOOLEANS
    rare = any(character > "\uffff" for character in value)  # Go escapes them
    style = '"' if rare else "|" if "\n" in value else None if plain else '"'
    node: yaml.Node = writer.represent_scalar(_STRING, value, style=style)
    return node


def _map(writer: yaml.SafeDumper, value: dict[str, Any]) -> yaml.Node:
    keys = sorted(value, key=cmp_to_key(_order))
    return writer.represent_mapping("tag:yaml.org,2002:map", [(key, value[key]) for key in keys])


def _order(a: str, b: str) -> int:
    """Below zero when Go writes `a` first: runs of digits count as numbers, letters come after all else."""
    at = next((index for index, (one, other) in enumerate(zip(a, b, strict=False)) if one != other), None)
    if at is None:
        return len(a) - len(b)
    before = "".join(takewhile(str.isdecimal, reversed(a[:at])))[::-1]
    if a[at].isalpha() and b[at].isalpha():
        return ord(a[at]) - ord(b[at])
    if a[at].isalpha() or b[at].isalpha():
        return -1 if a[at].isalpha() == bool(before) else 1
    one, other = ("".join(takewhile(str.isdecimal, text[at:])) for text in (a, b))
    lead = "1" if before.strip("0") and "0" in (a[at], b[at]) else ""
    return int(lead + one or 0) - int(lead + other or 0) or len(one) - len(other) or ord(a[at]) - ord(b[at])


def _float(writer: Any, value: float) -> yaml.Node:
    text = {"+Inf": ".inf", "-Inf": "-.inf", "NaN": ".nan"}.get(format_float(value), format_float(value))
    node: yaml.Node = writer.represent_scalar(writer.resolve(yaml.ScalarNode, text, (True, False)), text)
    return node


_Writer.add_representer(str, _text)
_Writer.add_representer(float, _float)
_Writer.add_representer(dict, _map)


def written(value: Any) -> str:
    """Plain data as a YAML document, with a newline at its end."""
    text: str = yaml.dump(
        value, Dumper=_Writer, allow_unicode=True, default_flow_style=False, indent=_DEEP, width=2**31
    )
    return text.removesuffix("...\n")
