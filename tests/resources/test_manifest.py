"""Files are read as kubectl reads them; what cannot be read is told with line and advice; hostile files cost little."""

import contextlib
import time
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.errors import Invalid, Problem
from argosy.resources.manifest import Limits, Manifest, parse_manifests, read_manifests

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"


def value(text: str) -> Any:
    """The value of `a: <text>`."""
    manifests, problems = parse_manifests(f"a: {text}")
    assert not problems
    return manifests[0].document["a"]


def problems(text: str | bytes, **options: Any) -> list[Problem]:
    return parse_manifests(text, "f.yaml", **options)[1]


def only(text: str | bytes, **options: Any) -> Problem:
    found = problems(text, **options)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("-7", -7),
        ("1_000", 1000),
        ("0x1F", 31),
        ("0b101", 5),
        ("0o17", 15),
        ("017", 15),
        ("089", 89.0),
        ("1.10", 1.1),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", 1.8446744073709552e19),
        ("yes", True),
        ("On", True),
        ("y", True),
        ("off", False),
        ("NO", False),
        ("~", None),
        ("", None),
        ("null", None),
        ("yEs", "yEs"),
        ("1.2.3", "1.2.3"),
        ("2026-01-02", "2026-01-02"),
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("12:30", "12:30"),
        ("'yes'", "yes"),
        ('"5"', "5"),
        ("!!str 5", "5"),
        ("!!int '5'", 5),
        ("0x", "0x"),
        ("+", "+"),
        ("${{ vars.x }}", "${{ vars.x }}"),
        ("|\n  two\n  lines", "two\nlines"),
    ],
)
def test_a_word_means_what_kubectl_takes_it_for(text: str, expected: object) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


def test_a_file_holds_any_number_of_documents_and_empty_ones_are_passed_over() -> None:
    manifests = read_manifests(f"---\n---\n{CONFIG_MAP}---\n# nothing\n---\n{CONFIG_MAP}", "f.yaml")
    assert [(str(manifest.key), manifest.line) for manifest in manifests] == [("ConfigMap c", 3), ("ConfigMap c", 9)]


def test_a_list_is_taken_apart_and_keeps_its_lines() -> None:
    item = "- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: c}\n  data:\n    a: 1\n"
    text = f"apiVersion: v1\nkind: List\nitems:\n{item}"
    manifests, _ = parse_manifests(text, "f.yaml")
    assert [manifest.key.name for manifest in manifests] == ["c"]
    assert [(problem.field, problem.line) for problem in manifests[0].problems()] == [("data.a", 8)]


def test_json_is_read_too() -> None:
    document = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "\U0001f600\t/"}}
    indented = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    assert read_manifests(indented)[0].document == document
    assert read_manifests(indented.replace("\U0001f600".encode(), b"\\ud83d\\ude00"))[0].document == document


def test_a_byte_order_mark_does_no_harm() -> None:
    assert read_manifests(b"\xef\xbb\xbf" + CONFIG_MAP.encode())[0].line == 1


def test_aliases_and_merge_keys_are_put_in_place() -> None:
    text = "base: &b {x: 1, z: 2}\nmore: &m {z: 3, w: 4}\nlist: [*b]\nmerged:\n  <<: [*b, *m]\n  x: 9\n"
    document = parse_manifests(text)[0][0].document
    assert document["list"] == [{"x": 1, "z": 2}]
    assert document["merged"] == {"x": 9, "z": 2, "w": 4}
    document["list"][0]["x"] = 5
    assert document["base"]["x"] == 1, "what an alias stands for is a copy"


@pytest.mark.parametrize(
    ("text", "line", "field", "advice"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "a", "Keep one"),
        ("a:\n  b: 1\n  b: 2\n", 3, "a.b", "Keep one"),
        ("on: 1\n", 1, "", "Quote the key"),
        ("a:\n  8080: x\n", 2, "a", "Quote the key"),
        ("? [x]\n: y\n", 1, "", "Quote the key"),
        ("a: {{ vars.x }}\n", 1, "a", "Quote the key"),
        ("a:\n\tb: 1\n", 2, "", "spaces, not tabs"),
        ("a: b: c\n", 1, "", "Quote text that contains `: `"),
        ("a:\n  b: 1\n c: 2\n", 3, "", "indentation"),
        ("a: 'open\n", 2, "", "Close the quotation mark"),
        ("a: @x\n", 1, "", "Quote text that starts with @"),
        ("a: %x\n", 1, "", "Quote text that starts with %"),
        ("a: {b: ${{ x }}}\n", 1, "", "Close the bracket, or quote"),
        ('a: "\\q"\n', 1, "", "backslash twice"),
        ("a: x\x01\n", 1, "", "Remove the control character"),
        ("a: 1\nb: *c\n", 2, "b", "Define it with &c"),
        ("a: &a [1, *a]\n", 1, "a[1]", "Write the value out"),
        ("a: .inf\n", 1, "a", "Quote it"),
        ("a: 1e999\n", 1, "a", "Quote it"),
        ("a: !Ref x\n", 1, "a", "Remove the tag"),
        ("a:\n  <<: 5\n", 2, "a", "alias of a mapping"),
        ("- a\n- b\n", 1, "", "Begin with `apiVersion:`"),
        ("just text\n", 1, "", "Begin with `apiVersion:`"),
    ],
)
def test_what_cannot_be_read_is_told_with_line_and_advice(text: str, line: int, field: str, advice: str) -> None:
    problem = only(text)
    assert (problem.file, problem.line, problem.field) == ("f.yaml", line, field)
    assert advice in problem.advice


def test_a_file_that_is_not_utf_8_is_refused() -> None:
    assert only(b"a: 1\nb: \xff\n").line == 2
    assert only("a: 1\nb: \ud800\n").line == 2


def test_documents_before_a_syntax_error_are_still_checked() -> None:
    text = f"{CONFIG_MAP}dta: {{}}\n---\na: b: c\n---\nkind: Nothing\n"
    with pytest.raises(Invalid) as caught:
        read_manifests(text, "f.yaml")
    assert [problem.line for problem in caught.value.problems] == [4, 6]
    assert str(caught.value).startswith("f.yaml has 2 problems")


def test_checking_can_be_left_to_the_server() -> None:
    assert read_manifests("kind: Nothing", check=False)[0].document == {"kind": "Nothing"}


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "aliases counted in full"),
        ("c: 1\n" * 400_000, "after so many problems"),
        ("- " * 5000 + "x", "nested deeper than"),
        ("{a: " * 5000, "nested deeper than"),
        ("[1," * 90 + "1,1,1,1,1,1,1,1,1," * 80_000, "values"),
        ("x" * (17 * 1024 * 1024), "bytes long"),
    ],
    ids=["alias bomb", "the same key over and over", "deep list", "deep mapping", "many values", "large"],
)
def test_hostile_files_are_refused_before_they_cost_much(text: str, words: str) -> None:
    began = time.process_time()
    found = problems(text)
    assert any(words in problem.message for problem in found), found
    assert time.process_time() - began < 10


def test_a_hundred_megabytes_are_refused_without_being_read() -> None:
    began = time.process_time()
    assert "100,000,000" in only(bytes(100_000_000)).message
    assert time.process_time() - began < 0.5


def test_limits_can_be_narrowed() -> None:
    assert "more than 3 values" in only("a: [1, 2]\n", limits=Limits(nodes=3)).message
    assert not problems("a: [1, 2]\n", limits=Limits(nodes=5))
    assert "deeper than 1" in only("a: [1]\n", limits=Limits(depth=1)).message
    assert "4 allowed" in only("a: 12\n", limits=Limits(size=4)).message


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_problems(data: bytes) -> None:
    check_readable(data)


WORDS = """a:_ b: -_ __ &x_ *x <<:_ { } [ ] , ' " | --- !!str_ ?_ 5 ${{_x_}} ~ kind:_Stage metadata: spec: __steps:"""
PIECES = st.sampled_from(
    ["\n", "\napiVersion: kargo.akuity.io/v1alpha1\n", *(word.replace("_", " ") for word in WORDS.split())]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_yaml_like_text_is_read_or_refused_with_problems(text: str) -> None:
    check_readable(text)


def check_readable(text: str | bytes) -> None:
    with contextlib.suppress(Invalid):
        manifests = read_manifests(text, "f.yaml")
        assert all(isinstance(manifest, Manifest) for manifest in manifests)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(), JSON, max_size=4).filter(lambda value: value.get("kind") != "List"))
def test_any_json_object_is_read_as_it_is(document: dict[str, Any]) -> None:
    manifests, found = parse_manifests(orjson.dumps(document))
    assert not found
    assert [manifest.document for manifest in manifests] == [orjson.loads(orjson.dumps(document))]
