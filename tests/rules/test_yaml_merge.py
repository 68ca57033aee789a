"""YAML texts are merged, and keep their comments."""

from __future__ import annotations

import pytest

from argosy.errors import Permanent
from argosy.rules.yaml_merge import merged

BASE = """# values
character:
  name: Vader   # who
  ability: Force
  colour: red
vehicles:
- Star Destroyer
keep: "x" # quoted
1: number
"""
OVER = """character:
  name: Luke # new
  colour: null
  siblings: # all new
  - Leia
vehicles: # replaced
- Falcon
"""


def merge(*texts: str) -> str:
    return merged([(f"{number}.yaml", text.encode()) for number, text in enumerate(texts)]).decode()


def test_later_files_win_and_comments_stay() -> None:
    assert merge("", BASE, OVER) == (
        "# values\ncharacter:\n  name: Luke # new\n  ability: Force\n  siblings: # all new\n  - Leia\n"
        'vehicles: # replaced\n- Falcon\nkeep: "x" # quoted\n1: number\n'
    )


@pytest.mark.parametrize(
    ("texts", "result"),
    [
        (("a: {b: 1}", "a: 2"), "a: 2\n"),
        (("a: 2", "a: {b: 1}"), "a: {b: 1}\n"),
        (("a: [1, 2]", "a: [3]"), "a: [3]\n"),
        (("a: 1", "b: 2", "a: 3"), "a: 3\nb: 2\n"),
        (("a: 1\nb: 2", "b: ~"), "a: 1\n"),
        (("a: 1", "c: null"), "a: 1\n"),
        (("a: yes", "b: 0123"), "a: yes\nb: 0123\n"),
        (("x: &x {a: 1}\ny: *x", "x: {a: 2}"), "x: &x {a: 2}\ny: *x\n"),
        (("- 1", "- 2"), "- 2\n"),
        (("", "# nothing"), ""),
    ],
)
def test_merging(texts: tuple[str, ...], result: str) -> None:
    assert merge(*texts) == result


def test_a_tag_of_python_is_kept_and_nothing_is_made_of_it() -> None:
    assert merge("", "!!python/object/apply:os.system [x]") == "!!python/object/apply:os.system [x]\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "1.yaml is no YAML: line"),
        ("a: 1\na: 2", "1.yaml is no YAML: line 2"),
        ("a: 1\n---\nb: 2", "1.yaml is no YAML"),
        ("[" * 3000, "nested too deeply"),
    ],
)
def test_what_cannot_be_merged_is_told(text: str, problem: str) -> None:
    with pytest.raises(Permanent, match=problem):
        merge("a: 1", text)
