"""The page about explanations knows every reason."""

from __future__ import annotations

from pathlib import Path

from argosy.rules.obstacle import Code
from argosy.rules.reason import WORDS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "explain.md"


def test_every_reason_is_explained() -> None:
    page = PAGE.read_text()
    assert {code for code in Code if f"| `{code}` |" not in page} == set()


def test_every_reason_has_words() -> None:
    assert set(Code) == set(WORDS)
