from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.errors import Permanent
from argosy.rules.edit import Update
from argosy.rules.yaml_edit import edit


def changed(text: str, key: str, value: object) -> str:
    return edit(text.encode(), [Update(key, value)]).decode()


@pytest.mark.parametrize(
    ("text", "key", "value", "expected"),
    [
        pytest.param("a: 1\nb: 2 # two\n", "b", 3, "a: 1\nb: 3 # two\n", id="a comment on the line stays"),
        pytest.param("tag: v1", "tag", "v2", "tag: v2", id="no line end is added"),
        pytest.param("tag: 'v1'\n", "tag", "it's", "tag: 'it''s'\n", id="single quotes stay"),
        pytest.param('tag: "v1"\n', "tag", 'a"b', 'tag: "a\\"b"\n', id="double quotes stay"),
        pytest.param("tag: v1\n", "tag", "42", 'tag: "42"\n', id="a text that looks like a number is quoted"),
        pytest.param("tag: v1\n", "tag", "12e34567", 'tag: "12e34567"\n', id="a commit id like a float is quoted"),
        pytest.param(
            "tag: v1\n", "tag", "yes", 'tag: "yes"\n', id="a text that YAML 1.1 takes for a boolean is quoted"
        ),
        pytest.param("tag: '1'\n", "tag", 2, "tag: 2\n", id="a number loses the quotes"),
        pytest.param("tag: 1.10\n", "tag", "1.10", 'tag: "1.10"\n', id="a number becomes the text given"),
        pytest.param("tag:  'v1'  # x\n", "tag", "v1", "tag:  'v1'  # x\n", id="nothing changes when it is so already"),
        pytest.param("on: no\n", "on", True, "on: true\n", id="a boolean"),
        pytest.param("on: no\n", "on", None, "on: null\n", id="null"),
        pytest.param("n: 1\n", "n", 1e22, "n: 1.0e+22\n", id="a large float"),
        pytest.param(
            "a:\n  b:\n    - c: x\n    - c: y\n", "a.b.1.c", "z", "a:\n  b:\n    - c: x\n    - c: z\n", id="deep"
        ),
        pytest.param("a.b: {c: 1, d: [x, y]}\n", r"a\.b.d.0", "z", "a.b: {c: 1, d: [z, y]}\n", id="within flow style"),
        pytest.param("a: [x, y]\n", "a.0", "p, q", 'a: ["p, q", y]\n', id="a comma is quoted in flow style"),
        pytest.param('{"a":1}\n', "a", "x", '{"a":x}\n', id="JSON"),
        pytest.param("0: x\n", ":0", "y", "0: y\n", id="a colon before a numeric key"),
        pytest.param("a:\nb: 1\n", "a", "x", "a: x\nb: 1\n", id="an empty value is filled in"),
        pytest.param("a:   # why\nb: 1\n", "a", 5, "a: 5   # why\nb: 1\n", id="an empty value before a comment"),
        pytest.param("- a\n-\n", "1", "x", "- a\n- x\n", id="an empty item"),
        pytest.param("a: &x 1\nb: *x\n", "a", 2, "a: &x 2\nb: *x\n", id="an anchor stays"),
        pytest.param("a: &x\nb: *x\n", "a", 2, "a: &x 2\nb: *x\n", id="an anchor of nothing stays"),
        pytest.param("a: &x 1\nb: *x\n", "b", 2, "a: &x 1\nb: 2\n", id="an alias is replaced, not what it stands for"),
        pytest.param("a: !!str 1 # c\n", "a", 2, "a: 2 # c\n", id="a tag goes"),
        pytest.param(
            "a: !<tag:x,1> &n\n  1\nb: 2\n", "a", 2, "a: &n 2\nb: 2\n", id="a tag and an anchor on a line before"
        ),
        pytest.param("a: one\n  two\nb: 1\n", "a", "x", "a: x\nb: 1\n", id="a plain value over two lines"),
        pytest.param("a: |\n  one\n\nb: 1\n", "a", "x\n", "a: |\n  x\n\nb: 1\n", id="a literal block stays one"),
        pytest.param(
            "a: >- # c\n    one\nb: 1\n", "a", "x", "a: >- # c\n    x\nb: 1\n", id="a folded block of one line"
        ),
        pytest.param("a: |\n  one\nb: 1\n", "a", 7, "a: 7\nb: 1\n", id="a block becomes a number"),
        pytest.param("a: |\n  one\n", "a", "x\ny", "a: |-\n  x\n  y\n", id="the header follows the last line end"),
        pytest.param(
            "a:\n  b: x\nc: 1\n", "a.b", "p\nq\n", "a:\n  b: |\n    p\n    q\nc: 1\n", id="several lines make a block"
        ),
        pytest.param("a: &q\n  b: x\n", "a.b", "p\nq", "a: &q\n  b: |-\n    p\n    q\n", id="a block below an anchor"),
        pytest.param("a:\n- x\n", "a.0", "p\nq", "a:\n- |-\n  p\n  q\n", id="a block in a list"),
        pytest.param("a:\n", "a", "p\nq\n", "a: |\n  p\n  q\n", id="a block where nothing was"),
        pytest.param("a: x # c\n", "a", "p\nq", 'a: "p\\nq" # c\n', id="several lines before a comment are quoted"),
        pytest.param("a: x\n", "a", "p\tq\x07", 'a: "p\\tq\\u0007"\n', id="control characters are escaped"),
        pytest.param("a: 1\r\nb: 2\r\n", "b", 3, "a: 1\r\nb: 3\r\n", id="CRLF"),
        pytest.param("a: |\r\n  x\r\nb: 1\r\n", "a", "p\nq\n", "a: |\r\n  p\r\n  q\r\nb: 1\r\n", id="CRLF in a block"),
        pytest.param("\ufeffa: ü\nb: 2\n", "b", 3, "\ufeffa: ü\nb: 3\n", id="a byte order mark shifts nothing"),
        pytest.param("a: 1\n---\na: 2\n", "a", 3, "a: 3\n---\na: 2\n", id="the first document alone"),
        pytest.param("# c\n---\na: 1\n...\n", "a", 3, "# c\n---\na: 3\n...\n", id="document marks stay"),
        pytest.param("a: 1\na: 2\n", "a", 3, "a: 3\na: 2\n", id="the first of equal keys"),
        pytest.param("a: 1\n", "a", {"b": [1, "x: y"]}, 'a: {"b": [1, "x: y"]}\n', id="a structure in flow style"),
        pytest.param("v: 😀 # ü\nw: 1\n", "v", "😎", "v: 😎 # ü\nw: 1\n", id="characters beyond 16 bits"),
    ],
)
def test_edit_replaces_the_value_and_keeps_every_other_byte(text: str, key: str, value: object, expected: str) -> None:
    assert changed(text, key, value) == expected


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        pytest.param("a: 1\nb: 2\n", "c", "no 'c'. It has a, b", id="a missing key is not made"),
        pytest.param("a: {b: 1}\n", "a", "holds a mapping", id="a mapping is no value"),
        pytest.param("a: [1]\n", "a", "holds a list", id="a list is no value"),
        pytest.param("a: [1]\n", "a.1", "list of 1", id="an index beyond the end"),
        pytest.param("a: [1]\n", "a.-1", "list of 1", id="a negative index"),
        pytest.param("a: [1]\n", "a.x", "no index", id="a name where an index belongs"),
        pytest.param("a: 1\n", "a.b", "single value", id="a key within a scalar"),
        pytest.param("a: &x {b: 1}\nc: *x\n", "c.b", "alias *x", id="a key through an alias"),
        pytest.param("", "a", "holds nothing", id="an empty file"),
        pytest.param("a: [\n", "a", "no YAML: line 2", id="a file that is no YAML"),
        pytest.param("? a\n? b\n", "a", "cannot be changed", id="a key without place for a value"),
        pytest.param("[" * 300 + "]" * 300, "0", "deeper than", id="deep nesting"),
        pytest.param("[" * 100_000, "0", "deeper than", id="nesting that would end a recursive parser"),
        pytest.param("a: 1\n", "a..b", "empty part", id="a malformed key"),
        pytest.param("a: 1\n", "", "key is empty", id="an empty key"),
        pytest.param("a: 1\n", "a:b", "colon", id="a colon within a part"),
        pytest.param("a: 1\n", "a\\x", "backslash", id="an unknown escape"),
        pytest.param("a: 1\n", "a\\", "backslash", id="a backslash at the end"),
    ],
)
def test_edit_refuses(text: str, key: str, says: str) -> None:
    with pytest.raises(Permanent) as error:
        changed(text, key, "x")
    assert says in str(error.value)


def test_edit_refuses_what_is_not_utf_8() -> None:
    with pytest.raises(Permanent, match="UTF-8"):
        edit(b"a: \xff\n", [Update("a", 1)])


def test_edit_refuses_a_file_beyond_its_limit() -> None:
    with pytest.raises(Permanent, match="limit"):
        edit(b"#" * (17 << 20), [Update("a", 1)])


def test_edit_applies_all_updates_and_the_last_of_one_key() -> None:
    updates = [Update("b", 5), Update("a.0", 9), Update("b", 6), Update("a.1", 8)]
    assert edit(b"a: [1, 2] # x\nb: 3\n", updates) == b"a: [9, 8] # x\nb: 6\n"


def test_aliases_cost_nothing() -> None:
    bomb = "a0: &a0 x\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40))
    assert changed(bomb, "a0", "y").startswith("a0: &a0 y\n")


keys = st.from_regex(r"[a-z]{1,4}", fullmatch=True)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12) | st.sampled_from(
    [
        "1.10",
        "yes",
        "null",
        "~",
        "0x1f",
        "2024-01-01",
        "a: b",
        "- x",
        "#",
        "1:30",
        "<<",
        "=",
        "a #b",
        " a",
        "x\ny\n",
        ".inf",
    ]
)
scalars = texts | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False)
structures = st.recursive(
    scalars, lambda inner: st.dictionaries(keys, inner, min_size=1) | st.lists(inner, min_size=1), max_leaves=12
)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for key, each in value.items() for leaf in leaves(each, (*path, key))]
    if isinstance(value, list):
        return [leaf for index, each in enumerate(value) for leaf in leaves(each, (*path, index))]
    return [path]


def span(text: str, path: tuple[Any, ...]) -> tuple[int, int]:
    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    for part in path:
        if isinstance(node, yaml.MappingNode):
            node = next(value for key, value in node.value if key.value == part)
        else:
            node = node.value[part]
    return node.start_mark.index, node.end_mark.index


@settings(max_examples=150, deadline=None)
@given(
    structure=st.dictionaries(keys, structures, min_size=1),
    flow=st.sampled_from([None, True, False]),
    style=st.sampled_from([None, "'", '"', "|", ">"]),
    new=scalars,
    data=st.data(),
)
def test_an_edited_text_reads_as_meant_and_differs_only_at_the_value(
    structure: dict[str, Any], flow: bool | None, style: str | None, new: Any, data: st.DataObject
) -> None:
    text = yaml.safe_dump(structure, default_flow_style=flow, default_style=style, allow_unicode=True, sort_keys=False)
    path = data.draw(st.sampled_from(leaves(structure)))
    edited = changed(text, ".".join(map(str, path)), new)
    expected = copy.deepcopy(yaml.safe_load(text))
    holder = expected
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = new
    assert yaml.safe_load(edited) == expected
    start, end = span(text, path)
    assert edited.startswith(text[:start])
    assert edited.endswith(text[end:])
