"""Times, durations and zones, as JSON writes them. The expected values are those of expr-lang v1.17.8."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.expressions import ExpressionError, Time, evaluate_now, now_at

TABLE: dict[str, list[tuple[str, Any]]] = {
    "Dates are read and written": [
        ('date("2023-08-14")', "2023-08-14T00:00:00Z"),
        ('date("15:04:05")', "0000-01-01T15:04:05Z"),
        ('date("2023-08-14 10:01:02")', "2023-08-14T10:01:02Z"),
        ('date("2023-08-14T10:01:02.123+02:00")', "2023-08-14T10:01:02.123+02:00"),
        ('date("14 Aug 23 10:01 CET").String()', "2023-08-14 10:01:00 +0000 CET"),
        ('date("Monday, 14-Aug-23 10:01:05 UTC")', "2023-08-14T10:01:05Z"),
        ('date("Mon, 14 Aug 2023 10:01:05 GMT").String()', "2023-08-14 10:01:05 +0000 GMT"),
        ('date("2023-08-14T10:01:02+02:00").String()', "2023-08-14 10:01:02 +0200 +0200"),
        (
            'date("2023-03-26 02:30:00", "2006-01-02 15:04:05", "Europe/Zurich").String()',
            "2023-03-26 03:30:00 +0200 CEST",
        ),
        (
            'date("2023-10-29 02:30:00", "2006-01-02 15:04:05", "Europe/Zurich").String()',
            "2023-10-29 02:30:00 +0100 CET",
        ),
        (
            'date("2023-10-29 02:30:00", "2006-01-02 15:04:05", "America/New_York").UTC().String()',
            "2023-10-29 06:30:00 +0000 UTC",
        ),
        ('date(timezone("Asia/Tokyo"), "2023-08-14").String()', "2023-08-14 00:00:00 +0900 JST"),
        ('date("Feb 29 2024", "Jan _2 2006")', "2024-02-29T00:00:00Z"),
        ('date("2024-060", "2006-002")', "2024-02-29T00:00:00Z"),
        ('date("12:30am", "3:04pm").String()', "0000-01-01 00:30:00 +0000 UTC"),
        ('date("12:30PM", "3:04PM").String()', "0000-01-01 12:30:00 +0000 UTC"),
        ('date("2023-08-14").Month()', 8),
        ('date("2023-08-14").Month().String()', "August"),
        ('string(date("2023-08-14").Month())', "August"),
        ('int(date("2023-08-14").Month())', 8),
        ('date("2023-08-14").Weekday()', 1),
        ('string(date("2023-08-14").Weekday())', "Monday"),
        ('date("2023-08-14").YearDay()', 226),
        ('date("2023-01-01").ISOWeek()', 2022),
        ('map(["2024-12-30", "2025-01-01", "2027-01-03", "2024-12-29"], date(#).ISOWeek())', [2025, 2025, 2026, 2024]),
        ('date("2023-08-14", "2006-01-02", "Europe/Zurich").Zone()', "CEST"),
        ('date("2023-08-14T00:00:00+02:00").Zone()', ""),
        ('date("2024-07-18 +0900 JST", "2006-01-02 -0700 MST").String()', "2024-07-18 00:00:00 +0900 JST"),
        ('date("JST +0900", "MST -0700").String()', "0000-01-01 00:00:00 +0900 JST"),
        ('date("Z +09", "Z07 -07").String()', "0000-01-01 00:00:00 +0000 UTC"),
        (
            'date("2024-07-18 EST", "2006-01-02 MST", "America/New_York").String()',
            "2024-07-18 01:00:00 -0400 EDT",
        ),
        ('date("2024-07-18 CEST", "2006-01-02 MST", "Europe/Zurich").UTC().String()', "2024-07-17 22:00:00 +0000 UTC"),
        ('date("2024-07-18").Format(".0000000000")', ".000000000"),
        ('date("+03 1", "MST 2").String()', "0000-01-01 00:00:00 +0000 +03"),
        ('date("GMT-2 1", "MST 2").String()', "-0001-12-31 22:00:00 -0200 GMT-2"),
        ('date("2023-08-14").MarshalText()', "MjAyMy0wOC0xNFQwMDowMDowMFo="),
        ('date("2023-08-14").MarshalJSON()', "IjIwMjMtMDgtMTRUMDA6MDA6MDBaIg=="),
        ('date("2023-08-14").AppendFormat(b"on ", "2 Jan")', "b24gMTQgQXVn"),
        ('date("2023-08-14").Unix()', 1691971200),
        ('date("2023-08-14").UnixMilli()', 1691971200000),
        ('date("2023-08-14").UnixNano()', 1691971200000000000),
        ('type(date("2023-08-14"))', "time.Time"),
        ('type(duration("1h"))', "time.Duration"),
        ('type(timezone("UTC"))', "time.Location"),
        ('type(date("2023-08-14").Month())', "time.Month"),
        ('string(date("2023-08-14T10:01:02.5Z"))', "2023-08-14 10:01:02.5 +0000 UTC"),
        ('timezone("Europe/Zurich")', {}),
        ('timezone("Europe/Zurich").String()', "Europe/Zurich"),
        (
            'date("2023-08-14").Format("Monday, January 2 2006 3:04:05.000 PM MST -07:00 __2 002 06 01 _2 Z07:00 pm")',
            "Monday, August 14 2023 12:00:00.000 AM UTC +00:00 226 226 23 08 14 Z am",
        ),
        ('date("2023-08-14").In(timezone("America/New_York")).Hour()', 20),
        ('date("2023-08-14").In(timezone("America/New_York"))', "2023-08-13T20:00:00-04:00"),
        (
            'date("2023-08-14").In(timezone("Asia/Kolkata")).Format("MST -0700 -07 Z0700 -07:00:00")',
            "IST +0530 +05 +0530 +05:30:00",
        ),
        ('date("2023-08-14").In(timezone("America/Sao_Paulo")).Format("MST")', "-03"),
        ('date("2023-08-14").Location()', {}),
        ('date("2023-08-14").Location().String()', "UTC"),
        ('date("2023-08-14")?.Year()', 2023),
        ('date("2023-08-14").Year() | string()', "2023"),
        ('{"a": duration("1m")}', {"a": 60000000000}),
        ('date("2023-08-14  10:01:02")', "2023-08-14T10:01:02Z"),
        ('date("8/4/23", "1/2/06")', "2023-08-04T00:00:00Z"),
        ('date("2023-08-14T10:01:02,5Z", "2006-01-02T15:04:05Z07:00")', "2023-08-14T10:01:02.5Z"),
        ('date("10:01:02.25", "15:04:05.00").Nanosecond()', 250000000),
    ],
    "Durations": [
        ('duration("1h") + duration("1m")', 3660000000000),
        ('duration("1h") - duration("1m")', 3540000000000),
        ('duration("1h") * 2', 7200000000000),
        ('2 * duration("1h")', 7200000000000),
        ('duration("1h") * 1.5', 5400000000000),
        ('1.5 * duration("1h")', 5400000000000),
        ('duration("1h") > duration("1m")', True),
        ('string(duration("90m"))', "1h30m0s"),
        ('duration("90m").String()', "1h30m0s"),
        ('duration("90m").Hours()', 1.5),
        ('duration("1.5s").Milliseconds()', 1500),
        ('duration("-1.5s").Abs().String()', "1.5s"),
        ('duration("1h15m30.918273645s").Round(duration("1h")).String()', "1h0m0s"),
        ('duration("1h15m30.918273645s").Truncate(duration("1m")).String()', "1h15m0s"),
        ('duration("1h").Seconds()', 3600),
        ('int(duration("1h"))', 3600000000000),
        ('max(duration("1h"), duration("2h"))', 7200000000000),
        ('sum([duration("2h"), duration("1h")])', 10800000000000),
        ('mean([duration("2h"), duration("1h")])', 5400000000000),
        ('duration("1h").Nanoseconds()', 3600000000000),
        ('duration("100000h").Hours()', 100000),
    ],
    "Times are compared and moved": [
        ('date("2023-08-14") - date("2023-08-13")', 86400000000000),
        ('date("2023-08-14") + duration("1h")', "2023-08-14T01:00:00Z"),
        ('duration("1h") + date("2023-08-14")', "2023-08-14T01:00:00Z"),
        ('date("2023-08-14") > date("2023-08-13")', True),
        ('date("2023-08-14") == date("2023-08-14T00:00:00Z")', True),
        ('date("2023-08-14T02:00:00+02:00") == date("2023-08-14")', True),
        ('date("2023-08-14") in [date("2023-08-14")]', True),
        ('[date("2023-08-14")] == [date("2023-08-14")]', True),
        ('[date("2023-08-14T02:00:00+02:00")] == [date("2023-08-14")]', True),
        ('sort([date("2023-08-14"), date("2023-08-13")])', ["2023-08-13T00:00:00Z", "2023-08-14T00:00:00Z"]),
        ('sort([duration("2h"), duration("1h")])', [3600000000000, 7200000000000]),
        ('date("2023-08-14T10:01:02.123456789Z").Truncate(duration("1h")).String()', "2023-08-14 10:00:00 +0000 UTC"),
        ('date("2023-08-14T10:31:02.123456789Z").Round(duration("1h")).String()', "2023-08-14 11:00:00 +0000 UTC"),
        ('date("2023-01-31").AddDate(0, 1, 0)', "2023-03-03T00:00:00Z"),
        ('date("2023-01-31").AddDate(1, -13, 5)', "2023-01-05T00:00:00Z"),
        ('date("2023-01-31").AddDate(0, 25, -500)', "2023-10-20T00:00:00Z"),
        ('date("2023-08-14").IsZero()', False),
        ('date("0001-01-01").IsZero()', True),
        ('date("2023-08-14").Compare(date("2023-08-15"))', -1),
        ('date("2023-08-14").Before(date("2023-08-15"))', True),
        ('date("2023-08-14").Sub(date("1700-08-15"))', 9223372036854775807),
        ('date("0000-03-01").AddDate(0,0,-1).Format("2006-01-02")', "0000-02-29"),
    ],
}

REFUSED = [
    'date("Feb 29 2023", "Jan _2 2006")',
    'date("2023-08-14").Month() + 1',
    'duration("1h") / 2',
    'duration("1h") / duration("1m")',
    'duration("1h") % 7',
    '-duration("1h")',
    'duration("1h") > 5',
    'duration("x")',
    'duration("")',
    'timezone("Nowhere/X")',
    'float(duration("1h"))',
    'abs(duration("-1h"))',
    'max(date("2023-08-14"), date("2023-08-13"))',
    'date("2023-08-14").Year',
    'date("2023-08-14").Nope()',
    'duration("10000000h")',
    'date(" 2023-08-14")',
    'date("10:01:02.257", "15:04:05.00").Nanosecond()',
]

NOON = datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=2)))


def rows() -> list[Any]:
    return [pytest.param(*row, id=f"{about}: {row[0]}") for about, group in TABLE.items() for row in group]


@pytest.mark.parametrize(("expression", "value"), rows())
def test_an_expression_of_times_is_what_expr_lang_makes_of_it(expression: str, value: object) -> None:
    assert json.loads(str(evaluate_now(f"toJSON({expression})", {}))) == value


@pytest.mark.parametrize("expression", REFUSED)
def test_what_go_refuses_is_refused(expression: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate_now(expression, {})


def test_now_is_the_moment_it_was_given() -> None:
    assert evaluate_now("now().Format('15:04 -0700')", {}, now_at(NOON)) == "12:00 +0200"
    assert evaluate_now("now(timezone('Asia/Tokyo')).Hour()", {}, now_at(NOON)) == 19


def test_a_time_is_appended_as_text() -> None:  # younger than the Go that judges the table
    assert evaluate_now("date('2023-08-14').AppendText(b'on ')", {}) == b"on 2023-08-14T00:00:00Z"


def test_without_a_moment_there_is_no_now() -> None:
    with pytest.raises(ExpressionError, match="the time is not available here"):
        evaluate_now("now()", {})


def test_a_method_that_is_misspelt_is_guessed() -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate_now("now().Yaer()", {}, now_at(NOON))
    assert caught.value.problem == "time.Time has no method Yaer()"
    assert caught.value.advice == "Did you mean 'Year'?"


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)), st.integers(-14, 14))
def test_a_time_reads_back_as_it_was_written(wall: datetime, hours: int) -> None:
    moment = wall.replace(tzinfo=timezone(timedelta(hours=hours)))
    env = {"at": Time.of(moment)}
    layout = "2006-01-02T15:04:05.999999999Z07:00"
    assert evaluate_now(f"date(at.Format('{layout}'), '{layout}') == at", env) is True
    assert evaluate_now("at.Format('2006-01-02 15:04:05')", env) == f"{wall:%Y-%m-%d %H:%M:%S}".zfill(19)
    assert evaluate_now("[at.YearDay(), at.Weekday().String()]", env) == [wall.timetuple().tm_yday, f"{wall:%A}"]


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_a_duration_reads_back_as_it_was_written(nanoseconds: int) -> None:
    source = "duration(string(duration('1ns') * n)) == duration('1ns') * n"
    assert evaluate_now(source, {"n": nanoseconds}) is True


@given(st.datetimes(), st.datetimes())
def test_a_difference_added_is_the_other_time(one: datetime, other: datetime) -> None:
    env = {"a": Time.of(one.replace(tzinfo=UTC)), "b": Time.of(other.replace(tzinfo=UTC))}
    near = -(2**63) <= (other - one) // timedelta(microseconds=1) * 1000 < 2**63  # what a duration can be
    assert evaluate_now("a + (b - a) == b", env) is near
