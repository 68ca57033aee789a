"""JSON is edited in place: the value changes, and no other byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.errors import Permanent
from argosy.rules.edit import Update
from argosy.rules.json_edit import edit

TEXT = (
    b'{\n  "image": {"tag" : "v1",\t"n": 1.50},\n  "list": [ 1, {"a": null} ],\n  "a.b": true, "7": 0, "tag": "v1"\n}\n'
)


def changed(key: str, value: Any, text: bytes = TEXT) -> str:
    return edit(text, [Update(key, value)]).decode()


@pytest.mark.parametrize(
    ("key", "value", "before", "after"),
    [
        ("image.tag", "v2", '"tag" : "v1",\t', '"tag" : "v2",\t'),
        ("image.n", 3, "1.50", "3"),
        ("image.n", 0.0000001, "1.50", "0.0000001"),
        ("list.0", False, "[ 1, ", "[ false, "),
        ("list.1.a", "é\n", "null", '"é\\n"'),
        (r"a\.b", "x", "true", '"x"'),
        (":7", 2, '"7": 0', '"7": 2'),
        ("list.-1", 9, '{"a": null} ]', '{"a": null}, 9 ]'),
        ("list.2", 9, '{"a": null} ]', '{"a": null}, 9 ]'),
        ("image.new", 1, '"n": 1.50}', '"n": 1.50,\t"new": 1}'),
        ("image", "gone", '{"tag" : "v1",\t"n": 1.50}', '"gone"'),
    ],
)
def test_one_value_changes(key: str, value: Any, before: str, after: str) -> None:
    assert changed(key, value) == TEXT.decode().replace(before, after, 1)


@pytest.mark.parametrize(
    ("text", "key", "after"),
    [
        (b"", "a.b", '{"a": {"b": 1}}\n'),
        (b"{}", "a", '{"a": 1}'),
        (b'{"a": {}}', "a.0", '{"a": {"0": 1}}'),
        (b'{"a": []}', "a.0", '{"a": [1]}'),
        (b'{"a": 2}', "b.0.c", '{"a": 2, "b": [{"c": 1}]}'),
        (b'{"a": 2}', "b.:0", '{"a": 2, "b": {"0": 1}}'),
        (b'{\n  "a": 2\n}', "b", '{\n  "a": 2,\n  "b": 1\n}'),
        (b'\xef\xbb\xbf{"a": 2}', "a", '\ufeff{"a": 1}'),
        (b'{"a": 1, "a": 2}', "a", '{"a": 1, "a": 2}'),
    ],
)
def test_what_is_missing_is_added_in_the_style_of_its_surroundings(text: bytes, key: str, after: str) -> None:
    assert changed(key, 1, text) == after


@pytest.mark.parametrize(
    ("text", "key", "value", "problem"),
    [
        (TEXT, "image.tag.x", 1, "image.tag is a single value, so it has no 'x'"),
        (TEXT, "list.x", 1, "list is a list, and 'x' is no index"),
        (TEXT, "list.5", 1, "list is a list of 2"),
        (TEXT, "image..x", 1, "empty part"),
        (TEXT, "image.tag", None, "not a text, a number or a boolean"),
        (TEXT, "image.tag", [1], "not a text, a number or a boolean"),
        (TEXT, "image.tag", float("inf"), "not a text, a number or a boolean"),
        (TEXT, "image.tag", float("nan"), "not a text, a number or a boolean"),
        (b"[1]", "9" * 5000, 1, "is no index"),
        (b"{", "a", 1, "the file is no JSON: line 1"),
        (b'{"a": 1} x', "a", 1, "the file is no JSON: line 1"),
        (b"\xff", "a", 1, "the file is not UTF-8"),
        (b"[" * 100_000, "0", 1, "nested too deeply"),
    ],
)
def test_what_cannot_be_done_is_told(text: bytes, key: str, value: Any, problem: str) -> None:
    with pytest.raises(Permanent, match=problem):
        changed(key, value, text)


def test_a_number_of_any_length_stays() -> None:
    digits = "9" * 5000
    assert changed("b", 2, f'{{"a": {digits}, "b": 1}}'.encode()) == f'{{"a": {digits}, "b": 2}}'


LEAVES = st.one_of(st.booleans(), st.integers(), st.text(max_size=5), st.floats(-1e6, 1e6))
TREES = st.dictionaries(
    st.text(alphabet="abc.", min_size=1, max_size=3), st.one_of(LEAVES, st.lists(LEAVES)), min_size=1
)


@given(TREES, LEAVES, st.data())
def test_a_document_reads_as_before_but_for_the_value(tree: dict[str, Any], value: Any, data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(tree)))
    text = json.dumps(tree, indent=data.draw(st.sampled_from([None, 1, 4])), ensure_ascii=data.draw(st.booleans()))
    edited = edit(text.encode(), [Update(key.replace(".", r"\."), value)])
    assert json.loads(edited) == {**tree, key: value}
