"""Durations as values: whole nanoseconds, with the methods of Go's `time.Duration`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from argosy import duration
from argosy.expressions.bounds import Meter
from argosy.expressions.errors import Fault
from argosy.expressions.numbers import MAX_INT, MIN_INT, wrap
from argosy.expressions.value import Catalogue, Object, Value

METHODS = Catalogue()
MICROSECOND, MILLISECOND, SECOND = 10**3, 10**6, 10**9
MINUTE, HOUR = 60 * SECOND, 3600 * SECOND


@dataclass(frozen=True, slots=True, order=True)
class Duration(Object):
    """`nanoseconds` has 64 bits."""

    nanoseconds: int

    type_name: ClassVar[str] = "time.Duration"
    methods: ClassVar[Catalogue] = METHODS

    @classmethod
    def read(cls, text: str) -> Duration:
        """As `time.ParseDuration`. Raises Fault."""
        try:
            return cls(duration.nanoseconds(text))
        except ValueError:
            raise Fault("duration() cannot read this text", "A duration looks like 30s, 5m, 1h30m or 500ms.") from None

    @classmethod
    def limited(cls, nanoseconds: int) -> Duration:
        """The nearest duration there is."""
        return cls(max(MIN_INT, min(MAX_INT, nanoseconds)))

    def plain(self) -> str:
        return duration.written(self.nanoseconds)

    def json(self) -> Value:
        return self.nanoseconds


def truncated(value: int, step: int) -> int:
    """`value` towards zero to a multiple of `step`; as it is when `step` is not positive."""
    return value if step <= 0 else value - _remainder(value, step)


def rounded(value: int, step: int) -> int:
    """`value` to the nearest multiple of `step`, halves away from zero."""
    if step <= 0:
        return value
    rest = abs(_remainder(value, step))
    size = abs(value) - rest + (step if rest * 2 >= step else 0)
    return max(MIN_INT, min(MAX_INT, -size if value < 0 else size))


def _remainder(value: int, step: int) -> int:
    rest = abs(value) % step
    return -rest if value < 0 else rest


def given(value: Value, where: str) -> Duration:
    """`value`, which must be a duration. Raises Fault."""
    if isinstance(value, Duration):
        return value
    raise Fault(f"{where} must be a duration", "duration('1h') makes one.")


def _count(name: str, unit: int) -> None:
    METHODS.add(name, 0)(lambda _meter, of: truncated(of.nanoseconds, unit) // unit)


def _float(name: str, unit: int) -> None:
    def run(_meter: Meter, of: Duration) -> Value:
        whole = truncated(of.nanoseconds, unit)
        return float(whole // unit) + (of.nanoseconds - whole) / unit

    METHODS.add(name, 0)(run)


_count("Nanoseconds", 1)
_count("Microseconds", MICROSECOND)
_count("Milliseconds", MILLISECOND)
_float("Seconds", SECOND)
_float("Minutes", MINUTE)
_float("Hours", HOUR)


@METHODS.add("Abs", 0)
def _abs(_meter: Meter, of: Duration) -> Value:
    return Duration.limited(abs(of.nanoseconds))


@METHODS.add("Round", 1)
def _round(_meter: Meter, of: Duration, step: Value) -> Value:
    return Duration(rounded(of.nanoseconds, given(step, "the argument of Round()").nanoseconds))


@METHODS.add("Truncate", 1)
def _truncate(_meter: Meter, of: Duration, step: Value) -> Value:
    return Duration(truncated(of.nanoseconds, given(step, "the argument of Truncate()").nanoseconds))


@METHODS.add("String", 0)
def _string(_meter: Meter, of: Duration) -> Value:
    return of.plain()


def add(a: Duration, b: Duration) -> Duration:
    return Duration(wrap(a.nanoseconds + b.nanoseconds))


def subtract(a: Duration, b: Duration) -> Duration:
    return Duration(wrap(a.nanoseconds - b.nanoseconds))
