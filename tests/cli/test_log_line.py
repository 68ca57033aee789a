"""The server's log as JSON: what collects logs finds its fields, and no login."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest

from argosy.cli.log_line import JsonLine, TextLine
from argosy.resources.meta import Key

STAGE = Key("Stage", "demo", "dev")


def record(message: str, *arguments: object, **extra: object) -> logging.LogRecord:
    made = logging.getLogger("argosy.x").makeRecord(
        "argosy.x", logging.WARNING, "f.py", 1, message, arguments, None, extra=extra
    )
    made.created = 1767225600.25
    return made


def told(given: logging.LogRecord) -> dict[str, Any]:
    line = JsonLine().format(given)
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_is_one_object_with_its_time_level_logger_and_message() -> None:
    assert told(record("two\nlines %d", 3)) == {
        "time": "2026-01-01T00:00:00.250Z",
        "level": "warning",
        "logger": "argosy.x",
        "message": "two\nlines 3",
    }


def test_the_resource_that_a_message_is_about_has_fields_of_its_own() -> None:
    found = told(record("%s: %s; again in %.1f s", STAGE, "no", 2.0))
    assert (found["kind"], found["namespace"], found["name"]) == ("Stage", "demo", "dev")
    whole = told(record("%s", Key("Project", "", "demo")))
    assert "namespace" not in whole


def test_what_is_given_besides_the_message_is_told_whatever_it_is() -> None:
    found = told(record("done", seconds=1.5, key=STAGE, odd={1}))
    assert found["seconds"] == 1.5
    assert "dev" in str(found["key"])


def test_a_trace_stays_within_its_line() -> None:
    try:
        raise ValueError("broken")
    except ValueError:
        given = record("failed")
        given.exc_info = sys.exc_info()
    assert "ValueError: broken" in told(given)["error"]


def test_what_json_cannot_hold_is_told_all_the_same() -> None:
    found = told(record("no such file: %s", "a\udcff", number=2**64, other="b\udcff"))
    assert found["message"] == "no such file: a\\udcff"
    assert (found["number"], found["other"]) == (str(2**64), "b\\udcff")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("cannot read https://robot:s3cret@git.example/x.git", "cannot read https://***@git.example/x.git"),
        ("https://:s3cret@git.example", "https://***@git.example"),
        ("sent Authorization: Bearer s3cret.abc-d_e=", "sent Authorization: Bearer ***"),
        ("basic czNjcmV0", "basic ***"),
        ("https://ghp_s3cret@git.example/x.git", "https://***@git.example/x.git"),
        ("https://robot:s3@cret@git.example/x.git", "https://***@git.example/x.git"),
        ("https://git.example/x?private_token=s3cret&page=2", "https://git.example/x?private_token=***&page=2"),
        ("sent PRIVATE-TOKEN: s3cret", "sent PRIVATE-TOKEN: ***"),
        ("sent Authorization: token s3cret", "sent Authorization: token ***"),
        ("ssh://git@git.example/x.git", "ssh://git@git.example/x.git"),
        ("https://git.example:8443/a@b: fine", "https://git.example:8443/a@b: fine"),
    ],
)
def test_logins_are_hidden_in_both_forms(text: str, wanted: str) -> None:
    assert told(record("%s", text))["message"] == wanted
    assert TextLine("%(message)s").format(record("%s", text)) == wanted


def test_logins_are_hidden_in_traces_and_extras_too() -> None:
    try:
        raise ValueError("https://robot:s3cret@git.example")
    except ValueError:
        given = record("failed", url="https://robot:s3cret@git.example")
        given.exc_info = sys.exc_info()
    assert "s3cret" not in JsonLine().format(given)
