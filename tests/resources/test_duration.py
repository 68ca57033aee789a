"""Durations read and write as Go does."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.duration import nanoseconds
from argosy.resources.duration import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("30s", 30),
        ("5m0s", 300),
        ("1h30m", 5400),
        ("500ms", 0.5),
        ("1.5h", 5400),
        (".5s", 0.5),
        ("1.s", 1),
        ("-2m", -120),
        ("+2m", 120),
        ("250us", 0.00025),
        ("250µs", 0.00025),
        ("1h1h", 7200),
    ],
)
def test_text_becomes_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "1d", "s", "5 m", "1h ", "h1", "--1s", "1e3s", "-", "٣s", "1h" * 40])
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="1h30m"):
        parse_duration(text)


def test_longer_than_64_bits_of_nanoseconds_is_refused() -> None:
    assert parse_duration("2562047h") == 2562047 * 3600
    with pytest.raises(ValueError, match="292 years"):
        parse_duration("2562048h")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (5400, "1h30m0s"),
        (300, "5m0s"),
        (1.5, "1.5s"),
        (0.25, "250ms"),
        (0.0015, "1.5ms"),
        (2e-6, "2µs"),
        (5e-9, "5ns"),
        (-61, "-1m1s"),
        (3600.05, "1h0m0.05s"),
    ],
)
def test_seconds_become_text_as_go_writes_it(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.integers(min_value=-(10**9), max_value=10**9))
def test_milliseconds_survive_the_way_to_text_and_back(milliseconds: int) -> None:
    assert nanoseconds(format_duration(milliseconds / 1000)) == milliseconds * 10**6


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(nanoseconds(text), int)
