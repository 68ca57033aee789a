"""Times read by Go's layouts, as `time.Parse` does it."""

from __future__ import annotations

import re
from functools import lru_cache

from argosy.expressions.time_layout import MONTHS, WEEKDAYS, Parts, pieces

_HOURS = r"[+-]0*(?:1?[0-9]|2[0-3])(?![0-9])"
_ZONE = (
    rf"(?=.{{3}})(?:UTC|ChST|MeST|GMT(?:{_HOURS})?|{_HOURS}"
    r"|[A-Z]{4}T(?![A-Z])|[A-Z]{3}T(?![A-Z])|WITA(?![A-Z])|[A-Z]{3}(?![A-Z]))"
)


class Mismatch(Exception):
    """A text does not have the form of the layout, or a part of it is out of range; the message says which."""


def read(text: str, layout: str) -> Parts:
    """The parts of a moment written in a layout's form; what the layout does not name keeps its default.

    Without a zone in the text, `offset` is None; so it is for a zone that is only named.

    Raises Mismatch.
    """
    elements, pattern = _pattern(layout)
    match = pattern.fullmatch(text)
    if match is None:
        raise Mismatch("it does not have the form of the layout")
    reading = _Reading(Parts())
    for element, found in zip(elements, match.groups(), strict=True):
        reading.take(element, found)
    return reading.finished()


@lru_cache(maxsize=256)
def _pattern(layout: str) -> tuple[list[str], re.Pattern[str]]:
    """The layout's elements, and a pattern with a group for each. Groups are atomic: Go never tries again."""
    parts = pieces(layout)
    pattern = ""
    for index, (element, text) in enumerate(parts):
        if not element:
            pattern += "".join(
                r"(?> +|\Z)" if each[0] == " " else re.escape(each) for each in re.findall(" +|[^ ]", text)
            )
            continue
        following = next((other for is_element, other in parts[index + 1 :] if is_element), "")
        pattern += f"((?>{_form(text, following)}))"
    return [text for element, text in parts if element], re.compile(pattern, re.DOTALL)


def _form(element: str, following: str) -> str:
    """A pattern for what may stand for `element`, when `following` is the element after it."""
    if element in ("5", "05"):
        digits = "[0-9]{2}" if element == "05" else "[0-9]{1,2}"
        return digits if following[:1] in (".", ",") and following else digits + "(?>(?:[.,][0-9]+)?)"
    if element[0] in ".,":
        return f"[.,][0-9]{{{len(element) - 1}}}" if element[1] == "0" else "(?:[.,][0-9]+)?"
    if element[0] in "-Z":
        number = re.sub("0[07]", "[0-9][0-9]", element[1:])
        return f"Z|[+-]{number}" if element[0] == "Z" else f"[+-]{number}"
    return _FORM[element]


def _any_of(names: tuple[str, ...], length: int | None = None) -> str:
    return f"(?i:{'|'.join(name[:length] for name in names)})"


_FORM: dict[str, str] = {
    "January": _any_of(MONTHS),
    "Jan": _any_of(MONTHS, 3),
    "Monday": _any_of(WEEKDAYS),
    "Mon": _any_of(WEEKDAYS, 3),
    "_2": " ?[0-9]{1,2}",
    "__2": " {0,2}[0-9]{1,3}",
    "002": "[0-9]{3}",
    "15": "[0-9]{1,2}",
    "2006": "[0-9]{4}",
    "PM": "PM|AM",
    "pm": "pm|am",
    "MST": _ZONE,
    **dict.fromkeys(("1", "2", "3", "4"), "[0-9]{1,2}"),
    **dict.fromkeys(("01", "02", "03", "04", "06"), "[0-9]{2}"),
}
_RANGES = {"month": (1, 12), "hour": (0, 23), "half": (0, 12), "minute": (0, 59), "second": (0, 59)}
_NUMBERS = {
    **dict.fromkeys(("1", "01"), "month"),
    **dict.fromkeys(("3", "03"), "half"),
    **dict.fromkeys(("4", "04"), "minute"),
    "15": "hour",
}


class _Reading:
    """What has been read so far."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.dated = {"month": False, "day": False}
        self.year_day: int | None = None
        self.half = ""
        self.universal = False  # Z and UTC outdo every other zone

    def take(self, element: str, text: str) -> None:
        """Take one element's text."""
        parts = self.parts
        if element in _NUMBERS:
            self.number(_NUMBERS[element], int(text))
        elif element in ("5", "05"):
            whole, point, fraction = text.replace(",", ".").partition(".")
            self.number("second", int(whole))
            if fraction:
                parts.nanosecond = _nanosecond(point + fraction)
        elif element[0] in ".,":
            parts.nanosecond = _nanosecond(text) if text else parts.nanosecond
        elif element[0] in "-Z":
            parts.offset = _seconds(text)
            self.universal |= text == "Z"
        elif element == "MST":
            parts.zone = text
            self.universal |= text == "UTC"
        elif element in ("2006", "06"):
            parts.year = int(text) if element == "2006" else int(text) + (1900 if int(text) >= 69 else 2000)
        elif element in ("January", "Jan"):
            parts.month = next(at for at, name in enumerate(MONTHS, 1) if name[:3].lower() == text[:3].lower())
            self.dated["month"] = True
        elif element in ("2", "_2", "02"):
            parts.day = int(text)
            self.dated["day"] = True
        elif element in ("__2", "002"):
            self.year_day = int(text)
        elif element in ("PM", "pm"):
            self.half = text.lower()

    def number(self, name: str, value: int) -> None:
        least, most = _RANGES[name]
        if not least <= value <= most:
            raise Mismatch(f"the {'hour' if name == 'half' else name} is out of range")
        self.dated["month"] |= name == "month"
        setattr(self.parts, "hour" if name == "half" else name, value)

    def finished(self) -> Parts:
        """The parts, when they make a date together."""
        parts = self.parts
        if self.universal:
            parts.zone, parts.offset = "UTC", 0
        if self.half == "pm" and parts.hour < 12:
            parts.hour += 12
        elif self.half == "am" and parts.hour == 12:
            parts.hour = 0
        if self.year_day is not None:
            self._place(self.year_day)
        if not 1 <= parts.day <= days_in(parts.year, parts.month):
            raise Mismatch("the day is out of range")
        return parts

    def _place(self, year_day: int) -> None:
        """Find month and day of the day of the year; those read already must agree."""
        month, day = 1, year_day
        while month < 12 and day > days_in(self.parts.year, month):
            day -= days_in(self.parts.year, month)
            month += 1
        agree = (not self.dated["month"] or self.parts.month == month) and (
            not self.dated["day"] or self.parts.day == day
        )
        if year_day < 1 or not agree:
            raise Mismatch("the day of the year is out of range, or is not that of month and day")
        self.parts.month, self.parts.day = month, day


def _nanosecond(fraction: str) -> int:
    return int(fraction[1:10].ljust(9, "0"))


def _seconds(text: str) -> int:
    """Seconds east of UTC."""
    if text == "Z":
        return 0
    digits = text[1:].replace(":", "").ljust(6, "0")
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    total = hours * 3600 + minutes * 60 + seconds
    if minutes > 60 or seconds > 60 or total >= 86_400:  # Go takes a whole day too; no zone is that far
        raise Mismatch("the time zone is out of range")
    return -total if text[0] == "-" else total


def days_in(year: int, month: int) -> int:
    """The number of days in a month."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31
