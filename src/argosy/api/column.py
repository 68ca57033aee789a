"""What stands in a cell of a printed table: Kubernetes' JSONPath, and ages as kubectl writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache

from argosy.clock import parse_rfc3339
from argosy.resources.kind import Column
from argosy.resources.meta import Json

Cell = Callable[[Json, datetime], Json]
"""From a document and the time to what its cell shows."""

_PART = re.compile(
    r"\.(?P<name>(?:[^.\[\\]|\\.)+)"
    r"|\[(?P<index>[0-9]+)\]"
    r"|\[\?\(@\.(?P<key>[A-Za-z0-9_]+)\s*==\s*(?P<quote>[\"'])(?P<value>[^\"']*)(?P=quote)\)\]"
)
MINUTE, HOUR, DAY, YEAR = 60, 3600, 86400, 365 * 86400


@cache
def cell(column: Column) -> Cell:
    """How to fill a column."""
    steps = _compile(column.path)
    if column.type == "date":
        return lambda document, now: age(_follow(document, steps), now)
    if column.form == "count":
        return lambda document, now: len(_follow(document, steps) or ())
    if column.form:
        lower = column.form == "lower-reference"
        return lambda document, now: _reference(_follow(document, steps), lower=lower)
    return lambda document, now: _plain(_follow(document, steps))


def _compile(path: str) -> Sequence[Callable[[Json], Json]]:
    """The steps of a path. Raises ValueError for one that is not understood: a fault in the catalogue."""
    steps: list[Callable[[Json], Json]] = []
    place = 0
    while place < len(path):
        found = _PART.match(path, place)
        if found is None:
            raise ValueError(f"the column path {path!r} is not understood from {path[place:]!r}")
        steps.append(_step(found))
        place = found.end()
    return steps


def _step(found: re.Match[str]) -> Callable[[Json], Json]:
    if found["name"] is not None:
        name = re.sub(r"\\(.)", r"\1", found["name"])
        return lambda value: value.get(name) if isinstance(value, dict) else None
    if found["index"] is not None:
        index = int(found["index"])
        return lambda value: value[index] if isinstance(value, list) and index < len(value) else None
    key, wanted = found["key"], found["value"]
    return lambda value: next(
        (item for item in value or () if isinstance(item, dict) and item.get(key) == wanted), None
    )


def _follow(value: Json, steps: Sequence[Callable[[Json], Json]]) -> Json:
    for step in steps:
        value = step(value)
        if value is None:
            return None
    return value


def _reference(value: Json, *, lower: bool) -> str:
    """Kind and name of an object, as kubectl writes them: `stage/dev`."""
    kind, name = (str(value.get(part) or "") for part in ("kind", "name")) if isinstance(value, dict) else ("", "")
    return f"{kind.lower() if lower else kind}/{name}"


def _plain(value: Json) -> Json:
    return value if value is None or isinstance(value, str | int | float) else str(value)


def age(value: Json, now: datetime) -> str:
    """How long ago a time was, such as `5m` or `3d4h`; `<unknown>` when there is none."""
    try:
        return duration((now - parse_rfc3339(value)).total_seconds())
    except (TypeError, ValueError, AttributeError):
        return "<unknown>"


def duration(seconds: float) -> str:
    """A length of time in at most three characters for each of at most two units, as kubectl prints it."""
    whole = int(seconds)
    if whole < 0:
        return "0s" if whole >= -1 else "<invalid>"
    for below, unit, finer, exact_below in _UNITS:
        if whole < below:
            return _two(whole, unit, finer, exact_below)
    return f"{whole // YEAR}y"


_SIGNS = {1: "s", MINUTE: "m", HOUR: "h", DAY: "d", YEAR: "y"}
_UNITS = (
    (2 * MINUTE, 1, 0, 0),
    (3 * HOUR, MINUTE, 1, 10 * MINUTE),
    (2 * DAY, HOUR, MINUTE, 8 * HOUR),
    (2 * YEAR, DAY, HOUR, 8 * DAY),
    (8 * YEAR, YEAR, DAY, 8 * YEAR),
)
"""Below this many seconds: the unit, the finer unit, and below how many seconds the finer one is shown."""


def _two(whole: int, unit: int, finer: int, exact_below: int) -> str:
    rest = (whole % unit) // finer if finer and whole < exact_below else 0
    return f"{whole // unit}{_SIGNS[unit]}" + (f"{rest}{_SIGNS[finer]}" if rest else "")
