"""Every rule of lint is documented, and its examples break it or not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from argosy.lint.base import RULES, Finding
from argosy.lint.check import lint
from argosy.resources.manifest import parse_manifests

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "lint.md").read_text(encoding="utf-8")
WARNINGS = {
    "unknown-artifact",
    "unknown-step",
    "unknown-task",
    "unknown-warehouse",
    "unknown-stage",
    "idle-policy",
    "idle-replication",
}


def findings(text: str) -> list[Finding]:
    manifests, problems = parse_manifests(text, "file.yaml")
    return lint(manifests, problems)


def examples() -> list[Any]:
    sections = re.findall(r"^### (\S+)\n(.*?)(?=^### |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    return [
        pytest.param(rule, *re.findall(r"^```yaml\n(.*?)^```", text, re.DOTALL | re.M), id=rule)
        for rule, text in sections
    ]


def test_every_rule_is_documented() -> None:
    assert [each.id for each in examples()] == list(RULES)


@pytest.mark.parametrize(("rule", "wrong", "right"), examples())
def test_the_examples_of_a_rule_break_it_and_do_not(rule: str, wrong: str, right: str) -> None:
    broken = [each for each in findings(wrong) if each.rule == rule]
    assert broken
    assert all(each.line > 0 for each in broken)
    severities = {each.severity.value for each in broken}
    assert severities == ({"warning"} if rule in WARNINGS else {"error"}) or rule == "task-variable"
    assert [each for each in findings(right) if each.rule == rule or each.severity == "error"] == []
