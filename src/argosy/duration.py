"""Durations as Go writes them, `1h30m` or `500ms`, in whole nanoseconds: manifests and expressions share them."""

from __future__ import annotations

import re

LONGEST = 2**63 - 1

_UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_MAX_CHARS = 64


def nanoseconds(text: str) -> int:
    """Read a duration (Go's `time.ParseDuration`): signed numbers with ns, us, ms, s, m or h, or a bare 0.

    Raises:
        ValueError: not a duration, or longer than 64-bit nanoseconds hold; the message says what one looks like.
    """
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if rest == "0":
        return 0
    total, end = 0, 0
    while match := _PART.match(rest, end) if len(rest) <= _MAX_CHARS else None:
        whole, _, fraction = match[1].partition(".")
        unit = _UNITS[match[2]]
        total += int(whole or 0) * unit + int(fraction or 0) * unit // 10 ** len(fraction)
        end = match.end()
    if not rest or end != len(rest):
        raise ValueError(f"{text[:_MAX_CHARS]!r} is not a duration such as 30s, 5m, 1h30m or 500ms")
    if total > LONGEST:
        raise ValueError(f"{text!r} is longer than the longest duration, about 292 years")
    return sign * total


def written(total: int) -> str:
    """Nanoseconds in Go's notation (`time.Duration.String`): `1h30m0s`, `1.5s`, `250ms`, `0s`."""
    sign, rest = ("-", -total) if total < 0 else ("", total)
    if rest == 0:
        return "0s"
    for unit in ("s", "ms", "µs", "ns"):
        if rest >= _UNITS[unit]:
            break
    if unit != "s":
        return f"{sign}{_decimal(rest, _UNITS[unit])}{unit}"
    minutes, left = divmod(rest, _UNITS["m"])
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{head}{_decimal(left, _UNITS['s'])}s"


def _decimal(amount: int, unit: int) -> str:
    whole, part = divmod(amount, unit)
    digits = str(part).zfill(len(str(unit)) - 1).rstrip("0") if part else ""
    return f"{whole}.{digits}" if digits else str(whole)
