"""JSONPath as kubectl understands it (`-o jsonpath=...`): fields, indexes, slices, filters, `range`, text between."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import orjson

from argosy.errors import Invalid
from argosy.resources.meta import Json

Step = Callable[[list[Json]], list[Json]]

MOST_CHARACTERS = 4096

_TOKEN = re.compile(
    r"(?P<deep>\.\.)"
    r"|\.?\[\s*\?\(\s*(?P<filter>(?:[^\"'()]|\"[^\"]*\"|'[^']*')+?)\s*\)\s*\]"
    r"|\.?\[\s*(?P<names>(?:'[^']*'|\"[^\"]*\")(?:\s*,\s*(?:'[^']*'|\"[^\"]*\"))*)\s*\]"
    r"|\.?\[\s*(?P<slice>-?\d*\s*:\s*-?\d*(?:\s*:\s*-?\d*)?)\s*\]"
    r"|\.?\[\s*(?P<indexes>-?\d+(?:\s*,\s*-?\d+)*)\s*\]"
    r"|\.?(?P<all>\[\s*\*\s*\]|\*)"
    r"|\.?(?P<field>(?:[^.\[\]{}()\\\s,=<>!\"'*]|\\.)+)"
    r"|(?P<dot>\.)$"
)
_FILTER = re.compile(
    r"(?P<left>[^=!<>]+?)\s*(?:(?P<op>==|!=|<=|>=|<|>)\s*(?P<right>\"[^\"]*\"|'[^']*'|[^=!<>\"']+))?", re.DOTALL
)
_COMPARE: Mapping[str, Callable[[Json, Json], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class _Text:
    text: str


@dataclass(frozen=True, slots=True)
class _Path:
    steps: tuple[Step, ...]
    from_root: bool = False


@dataclass(frozen=True, slots=True)
class _Range:
    over: _Path
    body: tuple[_Text | _Path | _Range, ...]


Node = _Text | _Path | _Range


class Template:
    """A parsed template, such as `{range .items[*]}{.metadata.name}{"\\n"}{end}`.

    Raises Invalid when it is not understood.
    """

    def __init__(self, text: str) -> None:
        if len(text) > MOST_CHARACTERS:
            raise Invalid(f"the JSONPath template is longer than {MOST_CHARACTERS} characters")
        self._nodes = _nodes(text)

    def text(self, data: Json) -> str:
        """What kubectl prints for `-o jsonpath`: the values of each path separated by a blank."""
        return "".join(_texts(self._nodes, data, data))

    def values(self, data: Json) -> list[Json]:
        """All values found, for `-o jsonpath-as-json`."""
        return list(_values(self._nodes, data, data))


def _texts(nodes: tuple[Node, ...], data: Json, root: Json) -> Iterator[str]:
    for node in nodes:
        match node:
            case _Text(text):
                yield text
            case _Path():
                yield " ".join(_plain(value) for value in _found(node, data, root))
            case _Range(over, body):
                for item in _found(over, data, root):
                    yield from _texts(body, item, root)


def _values(nodes: tuple[Node, ...], data: Json, root: Json) -> Iterator[Json]:
    for node in nodes:
        match node:
            case _Path():
                yield from _found(node, data, root)
            case _Range(over, body):
                for item in _found(over, data, root):
                    yield from _values(body, item, root)


def _found(path: _Path, data: Json, root: Json) -> list[Json]:
    values = [root if path.from_root else data]
    for step in path.steps:
        values = step(values)
    return values


def _plain(value: Json) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return "<nil>"
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _nodes(text: str) -> tuple[Node, ...]:
    """The nodes of a template. Loops are kept on a stack, so nesting costs no recursion."""
    open_ranges: list[tuple[_Path, list[Node]]] = []
    nodes: list[Node] = []
    for inside, part in _parts(text):
        if not inside:
            nodes.append(_Text(part))
        elif part == "end":
            if not open_ranges:
                raise _wrong(text, "{end} without {range}")
            over, outer = open_ranges.pop()
            outer.append(_Range(over, tuple(nodes)))
            nodes = outer
        elif part.startswith("range") and part[5:6] in (" ", ".", "[", "$", "@"):
            open_ranges.append((_path(part[5:].strip(), text), nodes))
            nodes = []
        elif part[:1] in ("'", '"') and len(part) >= 2 and part[-1] == part[0]:
            nodes.append(_Text(_unescaped(part[1:-1])))
        else:
            nodes.append(_path(part, text))
    if open_ranges:
        raise _wrong(text, "{range} without {end}")
    return tuple(nodes)


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """Text outside of braces, and what is inside of each pair; quoted text may hold braces."""
    place = 0
    while place < len(text):
        start = text.find("{", place)
        if start < 0:
            yield False, text[place:]
            return
        if start > place:
            yield False, text[place:start]
        inside = re.compile(r"((?:[^{}\"']|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')*)\}").match(text, start + 1)
        if inside is None:
            raise _wrong(text, f"the brace at character {start + 1} is not closed")
        yield True, inside[1].strip()
        place = inside.end()


def _path(part: str, template: str) -> _Path:
    from_root = part.startswith("$")
    rest = part[1:] if part[:1] in ("$", "@") else part
    steps: list[Step] = []
    place = 0
    while place < len(rest):
        found = _TOKEN.match(rest, place)
        if found is None or found.end() == place:
            raise _wrong(template, f"{rest[place : place + 20]!r} is not understood")
        step = _step(found, template)
        if step is not None:
            steps.append(step)
        place = found.end()
    return _Path(tuple(steps), from_root)


def _step(found: re.Match[str], template: str) -> Step | None:
    kind, text = found.lastgroup or "", found[found.lastgroup or 0]
    if kind == "deep":
        return lambda values: [inner for value in values for inner in _descend(value)]
    if kind == "filter":
        return _filter(text, template)
    if kind == "names":
        quoted = re.findall(r"'[^']*'|\"[^\"]*\"", text)
        return _fields([re.sub(r"\\(.)", r"\1", name[1:-1]) for name in quoted])
    if kind == "slice":
        return _slice(text, template)
    if kind == "indexes":
        return _indexes([int(index) for index in text.split(",")])
    if kind == "all":
        return lambda values: [inner for value in values for inner in _children(value)]
    if kind == "field":
        return _fields([re.sub(r"\\(.)", r"\1", text)])
    return None


def _fields(names: list[str]) -> Step:
    return lambda values: [
        value[name] for value in values for name in names if isinstance(value, dict) and name in value
    ]


def _indexes(indexes: list[int]) -> Step:
    return lambda values: [
        value[index]
        for value in values
        for index in indexes
        if isinstance(value, list) and -len(value) <= index < len(value)
    ]


def _slice(text: str, template: str) -> Step:
    numbers = [int(part) if part.strip() else None for part in text.split(":")]
    if len(numbers) == 3 and numbers[2] is not None and numbers[2] <= 0:
        raise _wrong(template, "the step of a slice must be greater than 0")
    wanted = slice(*numbers)
    return lambda values: [inner for value in values if isinstance(value, list) for inner in value[wanted]]


def _filter(text: str, template: str) -> Step:
    found = _FILTER.fullmatch(text)
    if found is None:
        raise _wrong(template, f"the filter {text!r} is not understood")
    left = _operand(found["left"], template)
    if found["op"] is None:
        return lambda values: [item for item in _items(values) if left(item)]
    right, compare = _operand(found["right"].strip(), template), _COMPARE[found["op"]]

    def holds(item: Json) -> bool:
        ours, theirs = left(item), right(item)
        try:
            return bool(ours and theirs) and compare(ours[0], theirs[0])
        except TypeError:
            return False

    return lambda values: [item for item in _items(values) if holds(item)]


def _operand(text: str, template: str) -> Callable[[Json], list[Json]]:
    """One side of a comparison: a path, or a constant."""
    if text[:1] in ("'", '"'):
        constant: Json = text[1:-1]
    elif text[:1] in ("@", "$", "."):
        path = _path(text, template)
        return lambda item: _found(path, item, item)
    else:
        try:
            constant = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise _wrong(template, f"{text!r} is neither a path nor a value") from None
    return lambda item: [constant]


def _items(values: list[Json]) -> Iterator[Json]:
    for value in values:
        if isinstance(value, list):
            yield from value


def _children(value: Json) -> Iterator[Json]:
    if isinstance(value, dict):
        yield from (value[key] for key in sorted(value))
    elif isinstance(value, list):
        yield from value


def _descend(value: Json) -> Iterator[Json]:
    """The value and everything inside of it, outermost first; documents may be nested deeply, the stack is ours."""
    left = [value]
    while left:
        inner = left.pop()
        yield inner
        left.extend(reversed(list(_children(inner))))


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t", "r": "\r"}.get(found[1], found[1]), text)


def _wrong(template: str, why: str) -> Invalid:
    return Invalid(f"the JSONPath template {template[:100]!r} is wrong: {why}", advice="Write it as for kubectl.")
