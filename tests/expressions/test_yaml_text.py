"""YAML is written as go.yaml.in/yaml/v3 writes it; the expected texts were taken from it."""

from typing import Any

import pytest

from argosy.expressions.yaml_text import written


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(
            {"name": "web", "ports": [80, 443]}, "name: web\nports:\n    - 80\n    - 443\n", id="a list in a map"
        ),
        pytest.param({"a": {"b": {"c": 1}}}, "a:\n    b:\n        c: 1\n", id="maps in maps"),
        pytest.param(["one", {"a": 1, "b": [1]}, [[1]]], "- one\n- a: 1\n  b:\n    - 1\n- - - 1\n", id="in a list"),
        pytest.param({"a10": 1, "a9": 2, "B": 3, "1": 4}, '"1": 4\nB: 3\na9: 2\na10: 1\n', id="numbers in keys count"),
        pytest.param({"a": 1, "_a": 2, "a1b": 3, "a1_": 4}, "_a: 2\na: 1\na1b: 3\na1_: 4\n", id="letters come last"),
        pytest.param({"a1": 1, "a01": 2, "a10": 3}, "a1: 1\na01: 2\na10: 3\n", id="leading zeros"),
        pytest.param({"e": "multi\nline\n"}, "e: |\n    multi\n    line\n", id="several lines"),
        pytest.param("a\nb", "|-\n    a\n    b\n", id="several lines alone"),
        pytest.param([" a\nb"], "- |4-\n   a\n  b\n", id="several lines that begin with a space"),
        pytest.param("tab\t\nx", "|-\n    tab\t\n    x\n", id="several lines with a tab"),
        pytest.param("a\tb", '"a\\tb"\n', id="a tab"),
        pytest.param([], "[]\n", id="an empty list"),
        pytest.param({"a": {}, "b": None, "c": True}, "a: {}\nb: null\nc: true\n", id="nothing"),
        pytest.param("emoji \U0001f600", '"emoji \\U0001F600"\n', id="rare characters"),
        pytest.param(
            [443.0, 1.5, 1e21, 1e-7, 1234567.5], "- 443\n- 1.5\n- 1e+21\n- 1e-07\n- 1.2345675e+06\n", id="floats"
        ),
    ],
)
def test_values_are_written(value: Any, text: str) -> None:
    assert written(value) == text


@pytest.mark.parametrize(
    "text",
    [
        *("true", "yes", "on", "y", "N", "~", "null", "", ".nan", "-.inf", "12:30:45", "2026-01-01"),
        *("1", "1.5", "1e3", ".5", "5.", "0x1F", "0o17", "0b1", "1_000"),
    ],
)
def test_what_would_be_read_as_something_else_stands_in_double_quotes(text: str) -> None:
    assert written(text) == f'"{text}"\n'


@pytest.mark.parametrize(
    "text", ["=", "<<", "1e", "0x", "0o8", "v1.2.3", "1.2.3", "sha256:abc", "https://x.y/z", "a#b"]
)
def test_what_is_a_text_stands_plain(text: str) -> None:
    assert written(text) == f"{text}\n"


@pytest.mark.parametrize("text", ["x: y", "- a", "#c", " lead", "trail ", "{x", "*w", "k:", "-", "@q"])
def test_what_would_break_the_document_stands_in_single_quotes(text: str) -> None:
    assert written(text) == f"'{text}'\n"
