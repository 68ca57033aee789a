"""`json-parse`, `yaml-parse` and `toml-parse`: values of a file become outputs."""

from __future__ import annotations

from typing import Any

import pytest

from argosy.errors import Failed, Permanent
from argosy.steps import json_parse, toml_parse, yaml_parse
from argosy.steps.base import AnyStep, Done
from argosy.testing.context import FakeContext

STEPS: dict[str, AnyStep] = {"json": json_parse.STEP, "yaml": yaml_parse.STEP, "toml": toml_parse.STEP}
FILES = {
    "json": '{"image": {"tag": "v1.2.3"}, "ports": [80, 443], "ratio": 0.5, "gone": null}',
    "yaml": "image: {tag: v1.2.3}\nports: [80, 443]\nratio: 0.5\ngone:\n---\nimage: second\n",
    "toml": 'ports = [80, 443]\nratio = 0.5\n[image]\ntag = "v1.2.3"\n',
}


async def parsed(ctx: FakeContext, language: str, text: str, **expressions: str) -> Any:
    ctx.write({"file": text})
    outputs = [{"name": name, "fromExpression": expression} for name, expression in expressions.items()]
    outcome = await ctx.run(STEPS[language], {"path": "file", "outputs": outputs})
    assert isinstance(outcome, Done)
    return outcome.outputs


@pytest.mark.parametrize("language", STEPS)
async def test_expressions_take_values_of_any_type(ctx: FakeContext, language: str) -> None:
    outputs = await parsed(
        ctx,
        language,
        FILES[language],
        tag="image.tag",
        major='int(split(trimPrefix(image.tag, "v"), ".")[0])',
        ports="filter(ports, # > 100)",
        all="image",
        ratio="ratio * 2",
        missing="image?.digest",
        gone="gone",
    )
    assert outputs == {
        "tag": "v1.2.3",
        "major": 1,
        "ports": [443],
        "all": {"tag": "v1.2.3"},
        "ratio": 1.0,
        "missing": None,
        "gone": None,
    }


@pytest.mark.parametrize("language", ["json", "yaml"])
async def test_a_file_may_be_a_list(ctx: FakeContext, language: str) -> None:
    assert await parsed(ctx, language, '[{"a": 1}, {"a": 2}]', last="$env[-1].a", all="map($env, #.a)") == {
        "last": 2,
        "all": [1, 2],
    }


async def test_yaml_reads_as_kubernetes_reads_it(ctx: FakeContext) -> None:
    text = "on: yes\nday: 2024-05-01\n80: http\nbase: &b {x: 1}\nmore: {<<: *b, y: 2}\n"
    outputs = await parsed(ctx, "yaml", text, day="day", port="$env['80']", more="more", true="$env['on']")
    assert outputs == {"day": "2024-05-01", "port": "http", "more": {"x": 1, "y": 2}, "true": True}


async def test_moments_in_toml_are_times(ctx: FakeContext) -> None:
    text = "at = 2024-05-01T10:00:00+02:00\nday = 2024-05-01\n"
    outputs = await parsed(ctx, "toml", text, hour="at.UTC().Hour()", day="day")
    assert outputs == {"hour": 8, "day": "2024-05-01"}


@pytest.mark.parametrize(
    ("language", "text", "problem"),
    [
        ("json", "{", "file cannot be read"),
        ("json", "", "file cannot be read"),
        ("yaml", "a: [", "file cannot be read"),
        ("yaml", "", "file cannot be read: it is empty"),
        ("toml", "a =", "file cannot be read"),
        ("toml", " \n", "file cannot be read: it is empty"),
        ("json", "[" * 5000, "file"),
    ],
)
async def test_a_file_that_cannot_be_read_is_told(ctx: FakeContext, language: str, text: str, problem: str) -> None:
    with pytest.raises(Permanent, match=problem):
        await parsed(ctx, language, text, a="a")


async def test_a_missing_file_is_told(ctx: FakeContext) -> None:
    with pytest.raises(Permanent, match="no file gone"):
        await ctx.run(STEPS["json"], {"path": "gone", "outputs": [{"name": "a", "fromExpression": "a"}]})


async def test_an_expression_without_a_value_is_told_with_its_place(ctx: FakeContext) -> None:
    with pytest.raises(Failed, match=r"outputs\[1\].fromExpression") as raised:
        await parsed(ctx, "json", FILES["json"], a="image", b="image.tag.x")
    assert "^" in str(raised.value)
