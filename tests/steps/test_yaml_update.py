from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from argosy.errors import Permanent
from argosy.steps.base import Done
from argosy.steps.yaml_update import STEP
from argosy.testing.context import FakeContext


async def test_values_change_and_the_commit_message_lists_them(ctx: FakeContext) -> None:
    ctx.write({"c/values.yaml": "image: # the app\n  tag: v1\nreplicas: 1\non: no\n"})
    updates: list[dict[str, Any]] = [
        {"key": "image.tag", "value": "1.10"},
        {"key": "replicas", "value": 3},
        {"key": "on", "value": True},
    ]
    outcome = await ctx.run(STEP, {"path": "c/values.yaml", "updates": updates})
    assert ctx.read("c/values.yaml") == 'image: # the app\n  tag: "1.10"\nreplicas: 3\non: true\n'
    message = 'Updated c/values.yaml\n\n- image.tag: "1.10"\n- replicas: 3\n- on: true'
    assert outcome == Done({"commitMessage": message})


async def test_a_file_that_reads_so_already_is_not_touched(ctx: FakeContext) -> None:
    ctx.write({"v.yaml": "a: 'x'\n"})
    before = (ctx.tree.root / "v.yaml").stat()
    await ctx.run(STEP, {"path": "v.yaml", "updates": [{"key": "a", "value": "x"}]})
    assert (ctx.tree.root / "v.yaml").stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize(
    ("path", "key", "says"),
    [
        pytest.param("v.yaml", "b", r"v\.yaml: key b is not in the file", id="a missing key"),
        pytest.param("none.yaml", "a", "no file none.yaml", id="a missing file"),
        pytest.param(".git/config", "a", "leads into .git", id="a file of Git"),
        pytest.param("out.yaml", "a", "no file", id="a link out"),
        pytest.param("../v.yaml", "zz", "is not in the file", id="a path that leads out means one inside"),
    ],
)
async def test_yaml_update_refuses(ctx: FakeContext, path: str, key: str, says: str) -> None:
    ctx.write({"v.yaml": "a: 1\n"})
    (ctx.root / "secret.yaml").write_text("a: 1\n")
    (ctx.tree.root / "out.yaml").symlink_to(ctx.root / "secret.yaml")
    with pytest.raises(Permanent, match=says):
        await ctx.run(STEP, {"path": path, "updates": [{"key": key, "value": 2}]})
    assert (ctx.root / "secret.yaml").read_text() == "a: 1\n"


@pytest.mark.parametrize("updates", [[], [{"key": "a"}], [{"key": "", "value": 1}], [{"key": "a", "value": 1, "x": 1}]])
async def test_updates_name_key_and_value(ctx: FakeContext, updates: list[Any]) -> None:
    with pytest.raises(ValidationError):
        await ctx.run(STEP, {"path": "v.yaml", "updates": updates})
