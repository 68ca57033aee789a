"""Moments and zones as values: `time.Time` and `*time.Location` of Go, to the nanosecond."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import ClassVar
from zoneinfo import ZoneInfo

from argosy.expressions import time_layout, time_reading
from argosy.expressions.durations import SECOND, Duration
from argosy.expressions.errors import Fault
from argosy.expressions.time_layout import Parts
from argosy.expressions.time_reading import Mismatch
from argosy.expressions.value import Catalogue, Object, Value

TIME_METHODS = Catalogue()
LOCATION_METHODS = Catalogue()
NAME_METHODS = Catalogue()

RFC3339_NANO = "2006-01-02T15:04:05.999999999Z07:00"
_STRING = "2006-01-02 15:04:05.999999999 -0700 MST"
_DAY = 86_400
_ZERO = -62_135_596_800  # seconds from 1970 to the year 1, where Go begins to count
_FIRST, _LAST = -62_135_000_000, 253_402_000_000  # what Python's calendar of zones reaches, in seconds


@dataclass(frozen=True, slots=True)
class Location(Object):
    """A zone: its name, and what Python knows of it."""

    name: str
    zone: tzinfo = field(compare=False)

    type_name: ClassVar[str] = "time.Location"
    methods: ClassVar[Catalogue] = LOCATION_METHODS

    @classmethod
    @lru_cache(maxsize=128)
    def load(cls, name: str) -> Location:
        """As `time.LoadLocation`, with the zone data of the system, or that of the package tzdata. Raises Fault."""
        if name in ("", "UTC", "Local"):
            return GREENWICH if name != "Local" else Location("Local", UTC)
        try:
            return cls(name, ZoneInfo(name))
        except (ValueError, OSError, KeyError):
            raise Fault("there is no such time zone", "A zone is named as in Europe/Zurich.") from None

    @classmethod
    def fixed(cls, name: str, offset: int) -> Location:
        """A zone that is always `offset` seconds east of UTC."""
        return cls(name, timezone(timedelta(seconds=offset), name or "+"))

    def at(self, seconds: int) -> tuple[str, int]:
        """The zone's abbreviation and offset in seconds, at a moment in seconds since 1970."""
        moment = datetime.fromtimestamp(max(_FIRST, min(_LAST, seconds)), self.zone)
        offset = int((moment.utcoffset() or timedelta()).total_seconds())
        fixed = isinstance(self.zone, timezone)
        return ("UTC" if self.zone is UTC else self.name) if fixed else moment.tzname() or "", offset

    def offset_of(self, name: str, wall: int) -> int | None:
        """The offset that an abbreviation means here, when clocks show `wall`; None when it means nothing."""
        known = [offset for each, offset in _abbreviations(self) if each == name]
        then = (offset for offset in known if self.at(wall - offset)[0] == name)
        return next(then, known[0] if known else None)

    def summer(self, seconds: int) -> bool:
        """Whether daylight saving time holds."""
        return bool(datetime.fromtimestamp(max(_FIRST, min(_LAST, seconds)), self.zone).dst())

    def plain(self) -> str:
        return self.name

    def json(self) -> Value:
        return {}


@lru_cache(maxsize=32)
def _abbreviations(location: Location) -> tuple[tuple[str, int], ...]:
    """Every abbreviation that a zone has had, with its offset: what holds in any month since 1880."""
    months = range(_days(1880, 1, 15) * _DAY, _days(2037, 1, 15) * _DAY, 30 * _DAY)
    return tuple(dict.fromkeys(map(location.at, months)))


GREENWICH = Location("UTC", UTC)


@dataclass(frozen=True, slots=True)
class Name(Object):
    """A month or a day of the week: a number with a name."""

    number: int
    name: str
    type_name: str  # type: ignore[misc]  # two types of Go in one class

    methods: ClassVar[Catalogue] = NAME_METHODS

    def plain(self) -> str:
        return self.name

    def json(self) -> Value:
        return self.number


@dataclass(frozen=True, slots=True, order=True)
class Time(Object):
    """A moment, in nanoseconds since 1970, and the zone it is shown in, which does not count in comparisons."""

    nanoseconds: int
    location: Location = field(default=GREENWICH, compare=False)

    type_name: ClassVar[str] = "time.Time"
    methods: ClassVar[Catalogue] = TIME_METHODS

    @classmethod
    def of(cls, moment: datetime) -> Time:
        """An aware datetime, in its zone."""
        since = moment - datetime(1970, 1, 1, tzinfo=UTC)
        offset = int((moment.utcoffset() or timedelta()).total_seconds())
        nanoseconds = (since.days * _DAY + since.seconds) * SECOND + since.microseconds * 1000
        return cls(nanoseconds, Location.fixed("", offset) if offset else GREENWICH)

    @classmethod
    def read(cls, text: str, layout: str, location: Location = GREENWICH) -> Time:
        """As `time.ParseInLocation`. Raises Mismatch."""
        parts = time_reading.read(text, layout)
        wall = _wall_seconds(parts)
        if parts.offset is not None:
            seconds = wall - parts.offset
            name, offset = location.at(seconds)
            known = offset == parts.offset and parts.zone in ("", name)
            where = (
                GREENWICH if parts.zone == "UTC" else location if known else Location.fixed(parts.zone, parts.offset)
            )
            return cls(seconds * SECOND + parts.nanosecond, where)
        if parts.zone:
            named = location.offset_of(parts.zone, wall)
            if named is not None:
                return cls((wall - named) * SECOND + parts.nanosecond, location)
            hours = int(parts.zone[3:]) if parts.zone[:3] == "GMT" and parts.zone[3:] else 0  # shown, not counted
            return cls(wall * SECOND + parts.nanosecond, Location.fixed(parts.zone, hours * 3600))
        return cls.local(parts, location)

    @classmethod
    def local(cls, parts: Parts, location: Location) -> Time:
        """The moment when clocks in a zone show `parts`, as `time.Date` finds it."""
        wall = _wall_seconds(parts)
        guess = location.at(wall)[1]
        return cls((wall - location.at(wall - guess)[1]) * SECOND + parts.nanosecond, location)

    @property
    def seconds(self) -> int:
        return self.nanoseconds // SECOND

    @property
    def since_zero(self) -> int:
        """Nanoseconds since the beginning of the year 1."""
        return self.nanoseconds - _ZERO * SECOND

    def parts(self) -> Parts:
        """What clocks and calendars show."""
        name, offset = self.location.at(self.seconds)
        days, clock = divmod(self.seconds + offset, _DAY)
        year, month, day = _civil(days)
        return Parts(
            year,
            month,
            day,
            clock // 3600,
            clock % 3600 // 60,
            clock % 60,
            self.nanoseconds % SECOND,
            weekday=(days + 4) % 7,
            year_day=days - _days(year, 1, 1) + 1,
            zone=name,
            offset=offset,
        )

    def format(self, layout: str) -> str:
        return time_layout.written(self.parts(), layout)

    def shifted(self, by: Duration) -> Time:
        return Time(self.nanoseconds + by.nanoseconds, self.location)

    def since(self, other: Time) -> Duration:
        return Duration.limited(self.nanoseconds - other.nanoseconds)

    def plain(self) -> str:
        return self.format(_STRING)

    def json(self) -> str:
        if not 0 <= self.parts().year <= 9999:
            raise Fault("a time outside of the years 0 to 9999 cannot be written as JSON")
        return self.format(RFC3339_NANO)


def months_later(parts: Parts, years: int, months: int, days: int) -> Parts:
    """`parts` moved in the calendar; a day that the month does not have runs on into the next one."""
    years_more, month = divmod(parts.month - 1 + months, 12)
    day_number = _days(parts.year + years + years_more, month + 1, 1) + parts.day - 1 + days
    parts.year, parts.month, parts.day = _civil(day_number)
    return parts


def week_year(parts: Parts) -> int:
    """The year that the week of `parts` belongs to: that of its Thursday."""
    thursday = _days(parts.year, parts.month, parts.day) + 3 - (parts.weekday - 1) % 7
    return _civil(thursday)[0]


def _wall_seconds(parts: Parts) -> int:
    days = _days(parts.year, parts.month, parts.day)
    return days * _DAY + parts.hour * 3600 + parts.minute * 60 + parts.second


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the Gregorian calendar, for any year: years begin in March, in cycles of 400."""
    shifted = year - (month <= 2)
    cycle, of_cycle = divmod(shifted, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return cycle * 146_097 + of_cycle * 365 + of_cycle // 4 - of_cycle // 100 + of_year - 719_468


def _civil(days: int) -> tuple[int, int, int]:
    """Year, month and day: the reverse of `_days`."""
    cycle, rest = divmod(days + 719_468, 146_097)
    of_cycle = (rest - rest // 1_460 + rest // 36_524 - rest // 146_096) // 365
    of_year = rest - (365 * of_cycle + of_cycle // 4 - of_cycle // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return cycle * 400 + of_cycle + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1


__all__ = ["GREENWICH", "Location", "Mismatch", "Name", "Time", "months_later"]
