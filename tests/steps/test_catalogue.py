from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from argosy.errors import Failed, Invalid
from argosy.steps import argocd_update, catalogue, compose_output, fail, set_metadata
from argosy.steps.base import Done, Effect, MetadataUpdate
from argosy.steps.catalogue import GROUP, STEPS, config_schema, with_plugins
from argosy.testing.context import FakeContext


def test_a_step_is_found_by_its_name_in_the_file_of_its_name() -> None:
    folder = Path(catalogue.__file__).parent
    for name, step in STEPS.items():
        assert step.name == name
        assert (folder / f"{name.replace('-', '_')}.py").exists()


def test_what_changes_the_world_or_waits_can_be_previewed() -> None:
    reaching = {name for name, step in STEPS.items() if step.effect in (Effect.EXTERNAL, Effect.WAIT)}
    assert reaching == {name for name, step in STEPS.items() if step.preview is not None}
    assert {"git-push", "set-freight-alias"} <= reaching


@pytest.mark.parametrize(
    ("value", "says"),
    [
        pytest.param("argosy.steps.copy:STEP", "brings a step 'copy'", id="a name that is taken"),
        pytest.param("argosy.steps.copy:run", "is function, not a Step", id="no step"),
        pytest.param("argosy.no_such_module:STEP", "cannot be loaded: ModuleNotFoundError", id="no module"),
    ],
)
def test_a_plugin_is_refused_with_its_origin(value: str, says: str) -> None:
    with pytest.raises(Invalid, match=says) as error:
        with_plugins(STEPS, [EntryPoint("copy", value, GROUP)])
    assert value in str(error.value)


def test_a_plugin_joins_the_catalogue() -> None:
    steps = with_plugins({}, [EntryPoint("fail", "argosy.steps.fail:STEP", GROUP)])
    assert steps == {"fail": fail.STEP}


def test_a_schema_has_the_names_and_the_words_that_users_see() -> None:
    schema = config_schema(STEPS["git-clone"])
    assert schema["required"] == ["repoURL", "checkout"]
    assert schema["properties"]["insecureSkipTLSVerify"]["description"] == "Whether to accept any TLS certificate."
    assert schema["additionalProperties"] is False


async def test_compose_output_outputs_its_configuration_and_counts_for_its_task(ctx: FakeContext) -> None:
    outcome = await ctx.run(compose_output.STEP, {"url": "x", "n": {"a": [1]}})
    assert outcome == Done({"url": "x", "n": {"a": [1]}})
    assert compose_output.STEP.propagates
    with pytest.raises(ValidationError, match="at least one"):
        await ctx.run(compose_output.STEP, {})


async def test_set_metadata_hands_over_values_by_resource(ctx: FakeContext) -> None:
    updates: list[dict[str, Any]] = [
        {"kind": "Stage", "name": "test", "values": {"a": 1}},
        {"kind": "Freight", "name": "abc", "values": {"b": [True]}},
    ]
    outcome = await ctx.run(set_metadata.STEP, {"updates": updates})
    assert outcome == Done(
        metadata=(MetadataUpdate("Stage", "test", {"a": 1}), MetadataUpdate("Freight", "abc", {"b": [True]}))
    )
    for wrong in ([], [{**updates[0], "kind": "Warehouse"}], [{**updates[0], "values": {}}]):
        with pytest.raises(ValidationError):
            await ctx.run(set_metadata.STEP, {"updates": wrong})


async def test_fail_fails_with_its_message(ctx: FakeContext) -> None:
    with pytest.raises(Failed, match=r"^failed: too late$"):
        await ctx.run(fail.STEP, {"message": "too late"})
    with pytest.raises(Failed, match=r"^failed$"):
        await ctx.run(fail.STEP, {})


async def test_argocd_update_is_skipped_with_a_warning(ctx: FakeContext) -> None:
    source = {"repoURL": "https://example.com/r.git", "desiredRevision": "abc", "updateTargetRevision": True}
    outcome = await ctx.run(argocd_update.STEP, {"apps": [{"name": "web", "sources": [source]}]})
    assert isinstance(outcome, Done)
    assert outcome.skipped
    assert outcome.warning == "nothing was updated: no Argo CD is configured (--argocd), for these Applications: web"


@pytest.mark.parametrize(
    "app",
    [
        pytest.param({}, id="neither name nor selector"),
        pytest.param({"name": "a", "selector": {"matchLabels": {"a": "b"}}}, id="both"),
        pytest.param({"name": "a", "sources": [{"repoURL": "r", "updateTargetRevision": True}]}, id="no revision"),
        pytest.param(
            {
                "name": "a",
                "sources": [{"repoURL": "r", "kustomize": {"images": [{"repoURL": "i", "tag": "1", "digest": "d"}]}}],
            },
            id="tag and digest",
        ),
    ],
)
async def test_argocd_update_checks_its_configuration_all_the_same(ctx: FakeContext, app: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        await ctx.run(argocd_update.STEP, {"apps": [app]})
