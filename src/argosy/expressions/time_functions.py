"""The functions that make times, and the methods that times have, as in Go's package time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from argosy.expressions import durations, times
from argosy.expressions.bounds import Meter
from argosy.expressions.durations import Duration
from argosy.expressions.errors import Fault
from argosy.expressions.kinds import integer, string
from argosy.expressions.numbers import wrap
from argosy.expressions.time_layout import MONTHS, WEEKDAYS
from argosy.expressions.time_reading import Mismatch
from argosy.expressions.times import GREENWICH, LOCATION_METHODS, NAME_METHODS, TIME_METHODS, Location, Name, Time
from argosy.expressions.value import Catalogue, Value

TIMES = Catalogue()
_LONGEST_LAYOUT = 1024  # of a time to be read; what is made of it takes the square of its length

# What date() tries in this order: a date, a time, both, then RFC 3339, 822, 850 and 1123.
_LAYOUTS = (
    "2006-01-02",
    "15:04:05",
    "2006-01-02 15:04:05",
    "2006-01-02T15:04:05Z07:00",
    "02 Jan 06 15:04 MST",
    "Monday, 02-Jan-06 15:04:05 MST",
    "Mon, 02 Jan 2006 15:04:05 MST",
)


def now_at(moment: datetime) -> dict[str, Callable[..., Any]]:
    """The function `now()` for expressions that are evaluated at an aware `moment`."""

    def now(location: Value = None) -> Time:
        present = Time.of(moment)
        return present if location is None else Time(present.nanoseconds, _location(location, "the argument of now()"))

    return {"now": now}


@TIMES.add("now", 0, 1)
def _now(_meter: Meter, *_arguments: Value) -> Value:
    raise Fault("the time is not available here")


@TIMES.add("duration", 1)
def _duration(_meter: Meter, text: Value) -> Value:
    return Duration.read(string(text, "the argument of duration()"))


@TIMES.add("timezone", 1)
def _timezone(_meter: Meter, name: Value) -> Value:
    return Location.load(string(name, "the argument of timezone()"))


@TIMES.add("date", 1, 4)
def _date(_meter: Meter, *arguments: Value) -> Value:
    """`date([location,] text[, layout[, zone]])`."""
    location, rest = GREENWICH, list(arguments)
    if isinstance(rest[0], Location):
        location, rest = rest[0], rest[1:]
    if not 1 <= len(rest) <= 3:
        raise Fault("date() takes a text, and may take a layout and the name of a time zone")
    text, *options = (string(each, "every argument of date()") for each in rest)
    if options and len(options[0]) > _LONGEST_LAYOUT:
        raise Fault(f"the layout is longer than {_LONGEST_LAYOUT} characters")
    if len(options) == 2:
        location = Location.load(options[1])
    for layout in options[:1] or _LAYOUTS:
        try:
            return Time.read(text, layout, location)
        except Mismatch as mismatch:
            problem = str(mismatch)
    if options:
        raise Fault(f"date() cannot read this text: {problem}", "A layout shows how 2006-01-02 15:04:05 is written.")
    raise Fault(
        "date() cannot read this text", "It reads 2006-01-02, 2006-01-02 15:04:05 and RFC 3339; or add a layout."
    )


# -- methods of times


def _calendar(name: str, read: Callable[[Time], Value]) -> None:
    TIME_METHODS.add(name, 0)(lambda _meter, of: read(of))


_calendar("Year", lambda of: of.parts().year)
_calendar("Month", lambda of: Name(of.parts().month, MONTHS[of.parts().month - 1], "time.Month"))
_calendar("Day", lambda of: of.parts().day)
_calendar("Weekday", lambda of: Name(of.parts().weekday, WEEKDAYS[of.parts().weekday], "time.Weekday"))
_calendar("YearDay", lambda of: of.parts().year_day)
_calendar("Hour", lambda of: of.parts().hour)
_calendar("Minute", lambda of: of.parts().minute)
_calendar("Second", lambda of: of.parts().second)
_calendar("Nanosecond", lambda of: of.parts().nanosecond)
_calendar("ISOWeek", lambda of: times.week_year(of.parts()))  # of two results, an expression gets the first
_calendar("Zone", lambda of: of.parts().zone)
_calendar("MarshalText", lambda of: of.json().encode())
_calendar("MarshalJSON", lambda of: f'"{of.json()}"'.encode())
_calendar("Unix", lambda of: of.seconds)
_calendar("UnixMilli", lambda of: of.nanoseconds // 10**6)
_calendar("UnixMicro", lambda of: of.nanoseconds // 10**3)
_calendar("UnixNano", lambda of: wrap(of.nanoseconds))
_calendar("UTC", lambda of: Time(of.nanoseconds, GREENWICH))
_calendar("Local", lambda of: Time(of.nanoseconds, Location.load("Local")))
_calendar("Location", lambda of: of.location)
_calendar("IsZero", lambda of: of.since_zero == 0)
_calendar("IsDST", lambda of: of.location.summer(of.seconds))
_calendar("String", lambda of: of.plain())


@TIME_METHODS.add("Format", 1)
def _format(meter: Meter, of: Time, layout: Value) -> Value:
    form = string(layout, "the layout of Format()")
    meter.text(len(form) * 2)
    return of.format(form)


@TIME_METHODS.add("AppendFormat", 2)
def _append_format(meter: Meter, of: Time, start: Value, layout: Value) -> Value:
    given = _bytes(start, "AppendFormat()")
    meter.text(len(given))
    return given + str(_format(meter, of, layout)).encode()


@TIME_METHODS.add("AppendText", 1)
def _append_text(meter: Meter, of: Time, start: Value) -> Value:
    given = _bytes(start, "AppendText()")
    meter.text(len(given))
    return given + of.json().encode()


@TIME_METHODS.add("In", 1)
def _in(_meter: Meter, of: Time, location: Value) -> Value:
    return Time(of.nanoseconds, _location(location, "the argument of In()"))


@TIME_METHODS.add("Add", 1)
def _add(_meter: Meter, of: Time, by: Value) -> Value:
    return of.shifted(durations.given(by, "the argument of Add()"))


@TIME_METHODS.add("AddDate", 3)
def _add_date(_meter: Meter, of: Time, *by: Value) -> Value:
    years, months, days = (integer(each, "every argument of AddDate()") for each in by)
    return Time.local(times.months_later(of.parts(), years, months, days), of.location)


@TIME_METHODS.add("Sub", 1)
def _sub(_meter: Meter, of: Time, other: Value) -> Value:
    return of.since(_time(other, "the argument of Sub()"))


@TIME_METHODS.add("Truncate", 1)
def _truncate(_meter: Meter, of: Time, step: Value) -> Value:
    size = durations.given(step, "the argument of Truncate()").nanoseconds
    return Time(of.nanoseconds - of.since_zero % size, of.location) if size > 0 else of


@TIME_METHODS.add("Round", 1)
def _round(_meter: Meter, of: Time, step: Value) -> Value:
    size = durations.given(step, "the argument of Round()").nanoseconds
    if size <= 0:
        return of
    rest = of.since_zero % size
    return Time(of.nanoseconds - rest + (size if rest * 2 >= size else 0), of.location)


def _comparison(name: str, holds: Callable[[int, int], Value]) -> None:
    def run(_meter: Meter, of: Time, other: Value) -> Value:
        return holds(of.nanoseconds, _time(other, f"the argument of {name}()").nanoseconds)

    TIME_METHODS.add(name, 1)(run)


_comparison("Before", lambda a, b: a < b)
_comparison("After", lambda a, b: a > b)
_comparison("Equal", lambda a, b: a == b)
_comparison("Compare", lambda a, b: (a > b) - (a < b))


@LOCATION_METHODS.add("String", 0)
def _location_string(_meter: Meter, of: Location) -> Value:
    return of.plain()


@NAME_METHODS.add("String", 0)
def _name_string(_meter: Meter, of: Name) -> Value:
    return of.plain()


def _location(value: Value, where: str) -> Location:
    if isinstance(value, Location):
        return value
    raise Fault(f"{where} must be a time zone", "timezone('Europe/Zurich') makes one.")


def _bytes(value: Value, name: str) -> bytes:
    if isinstance(value, bytes):
        return value
    raise Fault(f"the first argument of {name} must be bytes", "b'' are no bytes at all.")


def _time(value: Value, where: str) -> Time:
    if isinstance(value, Time):
        return value
    raise Fault(f"{where} must be a time", "date('2024-05-01') makes one.")
