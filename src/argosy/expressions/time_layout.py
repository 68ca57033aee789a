"""Go's layouts, which show times by example, `Mon Jan 2 15:04:05 MST 2006`; and times written so, as by `Format`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

# What stands for a part of a time. Longer ones come first where one begins another.
_ELEMENT = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_2(?!006)|__2|3|4|5|PM|pm"
    r"|[-Z]070000|[-Z]07:00:00|[-Z]0700|[-Z]07:00|[-Z]07|[.,](?:0+|9+)(?![0-9])"
)


@dataclass(slots=True)
class Parts:
    """A moment as clocks and calendars show it, in one zone. `offset` is in seconds east of UTC."""

    year: int = 0
    month: int = 1
    day: int = 1
    hour: int = 0
    minute: int = 0
    second: int = 0
    nanosecond: int = 0
    weekday: int = 0
    year_day: int = 0
    zone: str = ""
    offset: int | None = None


@lru_cache(maxsize=256)
def pieces(layout: str) -> tuple[tuple[bool, str], ...]:
    """The parts of a layout, in order, each with whether it is an element rather than plain text."""
    return tuple(_split(layout))


def _split(layout: str) -> Iterator[tuple[bool, str]]:
    at = 0
    for match in _ELEMENT.finditer(layout):
        if match.start() > at:
            yield False, layout[at : match.start()]
        yield True, match[0]
        at = match.end()
    if at < len(layout):
        yield False, layout[at:]


# -- writing


def written(parts: Parts, layout: str) -> str:
    """A moment in a layout's form."""
    return "".join(_written(parts, text) if element else text for element, text in pieces(layout))


def _written(parts: Parts, element: str) -> str:
    if element[0] in ".,":
        digits = f"{parts.nanosecond:09d}"[: len(element) - 1]
        if element[1] == "9":
            digits = digits.rstrip("0")
        return element[0] + digits if digits else ""
    if element[0] in "-Z":
        return _offset(parts.offset or 0, element)
    if element == "MST":
        return parts.zone or _offset(parts.offset or 0, "-0700")
    return _WRITE[element](parts)


def _offset(seconds: int, element: str) -> str:
    if seconds == 0 and element[0] == "Z":
        return "Z"
    minutes = abs(seconds) // 60
    colon = ":" if ":" in element else ""
    text = f"{'-' if seconds <= -60 else '+'}{minutes // 60:02d}"
    if len(element) > 3:
        text += f"{colon}{minutes % 60:02d}"
    return text + f"{colon}{abs(seconds) % 60:02d}" if len(element) > 6 else text


def _year(parts: Parts) -> str:
    return f"-{-parts.year:04d}" if parts.year < 0 else f"{parts.year:04d}"


def _half_day(parts: Parts) -> int:
    return parts.hour % 12 or 12


_WRITE: dict[str, Callable[[Parts], str]] = {
    "January": lambda parts: MONTHS[parts.month - 1],
    "Jan": lambda parts: MONTHS[parts.month - 1][:3],
    "1": lambda parts: f"{parts.month}",
    "01": lambda parts: f"{parts.month:02d}",
    "Monday": lambda parts: WEEKDAYS[parts.weekday],
    "Mon": lambda parts: WEEKDAYS[parts.weekday][:3],
    "2": lambda parts: f"{parts.day}",
    "_2": lambda parts: f"{parts.day:2d}",
    "02": lambda parts: f"{parts.day:02d}",
    "__2": lambda parts: f"{parts.year_day:3d}",
    "002": lambda parts: f"{parts.year_day:03d}",
    "15": lambda parts: f"{parts.hour:02d}",
    "3": lambda parts: f"{_half_day(parts)}",
    "03": lambda parts: f"{_half_day(parts):02d}",
    "4": lambda parts: f"{parts.minute}",
    "04": lambda parts: f"{parts.minute:02d}",
    "5": lambda parts: f"{parts.second}",
    "05": lambda parts: f"{parts.second:02d}",
    "2006": _year,
    "06": lambda parts: f"{abs(parts.year) % 100:02d}",
    "PM": lambda parts: "PM" if parts.hour >= 12 else "AM",
    "pm": lambda parts: "pm" if parts.hour >= 12 else "am",
}
