"""The manifests of the page about promotion templates are right, and end as the page says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.engine.template_case import promotion_of

from argosy.resources.step import PromotionStep
from argosy.steps.catalogue import STEPS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "promotion-templates.md").read_text(encoding="utf-8")
BLOCK = re.compile(
    r"^```yaml\n(?P<manifests>.*?)^```\n(?:\n```outcome\n(?P<outcome>.*?)^```)?", re.DOTALL | re.MULTILINE
)


def blocks(*, run: bool) -> list[Any]:
    """The blocks of manifests, those with an outcome or those without; named by the heading above."""
    found = []
    for match in BLOCK.finditer(PAGE):
        heading = re.findall(r"^#+ (.*)$", PAGE[: match.start()], re.MULTILINE)[-1]
        if bool(match["outcome"]) == run:
            found.append(pytest.param(match["manifests"], match["outcome"], id=heading))
    return found


@pytest.mark.parametrize(("manifests", "outcome"), blocks(run=True))
async def test_an_example_ends_as_it_says(bench: Callable[..., Any], manifests: str, outcome: str) -> None:
    spec = promotion_of(manifests)
    run = bench(*spec["steps"], vars=spec["vars"])
    run.steps = STEPS
    status = await run.run()
    *lines, last = [line.split(None, 2) for line in outcome.splitlines()]
    statuses = {line[0]: line[1] for line in lines if line[1] != "task"}
    outputs = {line[0]: json.loads(line[2]) for line in lines if len(line) == 3}
    assert run.statuses() == statuses
    assert {alias: each for alias, each in run.status.state.items() if each} == outputs
    assert [status.phase, *([status.message] if status.message else [])] == last[1:]


@pytest.mark.parametrize(("manifests", "outcome"), blocks(run=False))
def test_an_example_is_right(manifests: str, outcome: None) -> None:
    assert promotion_of(manifests)["steps"]


def test_every_field_of_a_step_is_named() -> None:
    names = [info.alias or name for name, info in PromotionStep.model_fields.items()]
    assert [name for name in names if f"| `{name}` |" not in PAGE] == []
