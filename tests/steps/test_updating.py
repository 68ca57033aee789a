"""`json-update`, `toml-update`, `hcl-update` and `yaml-merge`: files change, and a message tells how."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import pytest

from argosy.errors import Permanent
from argosy.rules.edit import Update
from argosy.steps import hcl_update, json_update, toml_update, yaml_merge
from argosy.steps.base import AnyStep, Done
from argosy.steps.parsing import ParseConfig, parse
from argosy.steps.updating import update
from argosy.testing.context import FakeContext

CASES = [
    pytest.param(json_update.STEP, '{"image": {"tag": "v1"}}', '{"image": {"tag": "v2"}}', id="json"),
    pytest.param(toml_update.STEP, '[image]\ntag = "v1" # mine\n', '[image]\ntag = "v2" # mine\n', id="toml"),
    pytest.param(hcl_update.STEP, 'image {\n  tag = "v1" # mine\n}\n', 'image {\n  tag = "v2" # mine\n}\n', id="hcl"),
]


@pytest.mark.parametrize(("step", "before", "after"), CASES)
async def test_a_value_changes_and_the_message_tells_it(
    ctx: FakeContext, step: AnyStep, before: str, after: str
) -> None:
    ctx.write({"conf/file": before})
    outcome = await ctx.run(step, {"path": "conf/file", "updates": [{"key": "image.tag", "value": "v2"}]})
    assert ctx.read("conf/file") == after
    assert outcome == Done({"commitMessage": 'Updated conf/file\n\n- image.tag: "v2"'})


@pytest.mark.parametrize(("step", "before", "after"), CASES)
async def test_a_file_that_reads_so_already_is_not_touched(
    ctx: FakeContext, step: AnyStep, before: str, after: str
) -> None:
    ctx.write({"file": after})
    kept = (ctx.tree.root / "file").stat().st_ino
    await ctx.run(step, {"path": "file", "updates": [{"key": "image.tag", "value": "v2"}]})
    assert (ctx.tree.root / "file").stat().st_ino == kept


@pytest.mark.parametrize(("step", "before", "after"), CASES)
async def test_a_fault_leaves_the_file_as_it_was(ctx: FakeContext, step: AnyStep, before: str, after: str) -> None:
    ctx.write({"file": before})
    updates = [{"key": "image.tag", "value": "v2"}, {"key": "image.tag.x", "value": 1}]
    with pytest.raises(Permanent, match=r"^file: key image\.tag\.x "):
        await ctx.run(step, {"path": "file", "updates": updates})
    assert ctx.read("file") == before


async def test_merged_files_are_written_and_told(ctx: FakeContext) -> None:
    ctx.write(
        {"base.yaml": "service:\n  enabled: false\n", "qa.yaml": "service: {enabled: true, type: LoadBalancer}\n"}
    )
    outcome = await ctx.run(yaml_merge.STEP, {"inFiles": ["base.yaml", "./qa.yaml"], "outFile": "out/values.yaml"})
    assert ctx.read("out/values.yaml") == "service:\n  enabled: true\n  type: LoadBalancer\n"
    assert outcome == Done({"commitMessage": "Merged 2 YAML files to out/values.yaml\n- base.yaml\n- ./qa.yaml"})


async def test_files_that_may_be_missing_are_left_out(ctx: FakeContext) -> None:
    ctx.write({"base.yaml": "a: 1\n"})
    config = {"inFiles": ["base.yaml", "gone.yaml"], "outFile": "out.yaml", "ignoreMissingFiles": True}
    assert await ctx.run(yaml_merge.STEP, config) == Done({"commitMessage": "Wrote base.yaml to out.yaml"})
    assert await ctx.run(yaml_merge.STEP, {**config, "inFiles": ["gone.yaml"]}) == Done()
    assert ctx.read("out.yaml") == ""
    with pytest.raises(Permanent, match=r"no file gone\.yaml"):
        await ctx.run(yaml_merge.STEP, {**config, "ignoreMissingFiles": False})


async def test_files_are_read_and_changed_beside_the_loop(ctx: FakeContext) -> None:
    threads: list[threading.Thread] = []

    def edit(content: bytes, updates: Iterable[Update]) -> bytes:
        threads.append(threading.current_thread())
        return content

    def read(text: str) -> str:
        threads.append(threading.current_thread())
        return text

    ctx.write({"file": "x"})
    await update(ctx, "file", [], edit, str)
    config = {"path": "file", "outputs": [{"name": "text", "fromExpression": "$env"}]}
    assert await parse(ParseConfig.model_validate(config), ctx, read) == Done({"text": "x"})
    assert len(threads) == 2
    assert threading.main_thread() not in threads
