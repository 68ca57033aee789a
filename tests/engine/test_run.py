"""Promotions run step by step as Kargo's orchestrator runs them."""

from collections.abc import Callable
from typing import Any

import pytest

Make = Callable[..., Any]


async def test_steps_run_in_order_and_see_outputs_of_those_before(bench: Make) -> None:
    run = bench(
        {"uses": "read", "as": "read"},
        {"uses": "compute", "as": "sum", "config": {"twice": "${{ outputs.read.version * 2 }}"}},
        {"uses": "append", "as": "edit", "config": {"text": "${{ outputs.sum.twice }}"}},
    )
    status = await run.run()
    assert status.phase == "Succeeded"
    assert status.state == {"read": {"version": 1}, "sum": {"twice": 2}, "edit": {"text": "v1+2"}}
    assert run.statuses() == {"read": "Succeeded", "sum": "Succeeded", "edit": "Succeeded"}
    assert status.current_step == 2
    assert status.journal is None
    assert status.freight_collection.items["Warehouse/w"].name == "f1"
    assert not (run.folder / "workspaces" / "u1").exists()


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("ctx.project", "demo"),
        ("ctx.stage", "dev"),
        ("ctx.promotion", "dev.01.abc"),
        ("ctx.targetFreight.name", "f1"),
        ("ctx.targetFreight.alias", "brave-crab"),
        ("ctx.targetFreight.origin.name", "w"),
        ("ctx.meta.promotion.actor", "admin"),
        ("ctx.meta.step.alias", "step-1"),
        ("ctx.uiBaseUrl", "https://argosy.example"),
        ("imageFrom('example.com/app').Tag", "1.2.3"),
        ("imageFrom('example.com/app', warehouse('w')).Digest", "sha256:1"),
        ("imageFrom('example.com/other')", None),
        ("commitFrom('HTTPS://example.com/r').ID", "c0ffee"),
        ("vars.greeting + '!'", "hello!"),
        ("success()", True),
        ("failure()", False),
        ("status('none')", ""),
    ],
)
async def test_expressions_see(bench: Make, expression: str, value: Any) -> None:
    step = {"uses": "compute", "config": {"value": f"${{{{ {expression} }}}}"}}
    run = bench(step, vars=[{"name": "greeting", "value": "hello"}])
    await run.run()
    assert run.status.state["step-1"].get("value") == value


async def test_variables_of_the_step_are_stronger_and_see_outputs(bench: Make) -> None:
    run = bench(
        {"uses": "read", "as": "read"},
        {
            "uses": "compute",
            "vars": [{"name": "a", "value": "${{ vars.a }}-${{ outputs.read.version }}"}],
            "config": {"value": "${{ vars.a }}"},
        },
        vars=[{"name": "a", "value": "base"}],
    )
    await run.run()
    assert run.status.state["step-2"] == {"value": "base-1"}


async def test_variables_of_the_promotion_see_no_outputs(bench: Make) -> None:
    run = bench(
        {"uses": "read", "as": "read"},
        {"uses": "compute", "config": {"value": "${{ vars.a }}"}},
        vars=[{"name": "a", "value": "${{ outputs?.read?.version ?? 'unseen' }}"}],
    )
    await run.run()
    assert run.status.state["step-2"] == {"value": "unseen"}


async def test_a_false_condition_skips_a_step_before_its_kind_is_looked_at(bench: Make) -> None:
    run = bench({"uses": "no-such-step", "as": "odd", "if": "${{ false }}"}, {"uses": "compute", "as": "next"})
    status = await run.run()
    assert run.statuses() == {"odd": "Skipped", "next": "Succeeded"}
    assert status.phase == "Succeeded"


async def test_an_unknown_kind_errs_when_it_runs_and_says_what_was_meant(bench: Make) -> None:
    run = bench({"uses": "apend", "as": "typo"})
    status = await run.run()
    assert status.phase == "Errored"
    assert "Did you mean 'append'?" in status.message


async def test_after_a_failure_steps_are_skipped_unless_they_ask_to_run(bench: Make) -> None:
    run = bench(
        {"uses": "fail", "as": "bad"},
        {"uses": "compute", "as": "skipped"},
        {"uses": "compute", "as": "always", "if": "${{ always() }}"},
        {"uses": "compute", "as": "on-failure", "if": "${{ failure() && status('bad') == 'Failed' }}"},
        {"uses": "compute", "as": "on-success", "if": "${{ success() }}"},
    )
    status = await run.run()
    assert run.statuses() == {
        "bad": "Failed",
        "skipped": "Skipped",
        "always": "Succeeded",
        "on-failure": "Succeeded",
        "on-success": "Skipped",
    }
    assert status.phase == "Failed"
    assert "told to fail" in status.message


async def test_a_failure_that_may_be_ignored_is_ignored(bench: Make) -> None:
    run = bench({"uses": "fail", "as": "bad", "continueOnError": True}, {"uses": "compute", "as": "next"})
    status = await run.run()
    assert run.statuses() == {"bad": "Failed", "next": "Succeeded"}
    assert status.phase == "Succeeded"


@pytest.mark.parametrize(
    ("how", "phase", "count"), [("failed", "Failed", 0), ("temporary", "Errored", 3), ("permanent", "Errored", 0)]
)
async def test_errors_are_tried_again_up_to_the_threshold_but_final_ones_are_not(
    bench: Make, how: str, phase: str, count: int
) -> None:
    run = bench({"uses": "fail", "as": "bad", "config": {"how": how}, "retry": {"errorThreshold": 3}})
    status = await run.run()
    assert status.phase == phase
    assert status.step_execution_metadata[0].error_count == count


async def test_a_bug_in_a_step_counts_as_an_error_and_names_its_type(bench: Make) -> None:
    run = bench({"uses": "broken"})
    status = await run.run()
    assert status.phase == "Errored"
    assert "ZeroDivisionError: a bug" in status.message


async def test_a_waiting_step_is_polled_as_it_asks_but_not_more_than_every_ten_seconds(bench: Make) -> None:
    run = bench({"uses": "wait", "config": {"polls": 3, "every": 1}})
    first = await run.step()
    assert first.again_after == 10
    assert run.status.phase == "Running"
    assert run.status.step_execution_metadata[0].message == "not yet"
    assert (await run.run()).phase == "Succeeded"
    assert run.world.polls == 3


async def test_a_waiting_step_times_out_counted_from_its_first_start(bench: Make) -> None:
    run = bench({"uses": "wait", "config": {"polls": 99, "every": 30}, "retry": {"timeout": "1m"}})
    status = await run.run()
    assert status.phase == "Errored"
    assert "timed out after 1m0s" in status.message
    assert 60 <= run.clock.monotonic() <= 95


async def test_outputs_composed_in_a_task_become_those_of_the_task(bench: Make) -> None:
    run = bench(
        {"uses": "compute", "as": "task::inner", "config": {"a": 1}},
        {"uses": "compute", "as": "task::second", "config": {"b": "${{ task.outputs.inner.a }}"}},
        {"uses": "compute", "as": "after", "config": {"sum": "${{ outputs.task.a + outputs.task.b }}"}},
    )
    await run.run()
    assert run.status.state["after"] == {"sum": 2}


async def test_status_looks_among_the_steps_of_the_same_task(bench: Make) -> None:
    run = bench(
        {"uses": "fail", "as": "one", "continueOnError": True},
        {"uses": "compute", "as": "task::one"},
        {"uses": "compute", "as": "task::two", "config": {"inner": "${{ status('one') }}"}},
        {"uses": "compute", "as": "last", "config": {"outer": "${{ status('one') }}"}},
    )
    await run.run()
    assert run.status.state["task::two"] == {"inner": "Succeeded"}
    assert run.status.state["last"] == {"outer": "Failed"}


async def test_status_from_outside_looks_into_no_task(bench: Make) -> None:
    run = bench(
        {"uses": "compute", "as": "task::one"},
        {"uses": "compute", "as": "a::b::c"},
        {"uses": "compute", "as": "last", "config": {"found": "${{ [status('task::one'), status('a::b::c')] }}"}},
    )
    await run.run()
    assert run.status.state["last"] == {"found": ["", "Succeeded"]}


async def test_a_step_whose_alias_has_two_separators_belongs_to_no_task(bench: Make) -> None:
    run = bench({"uses": "compute", "as": "a::b::c", "config": {"task": "${{ task == nil }}"}})
    await run.run()
    assert run.status.state == {"a::b::c": {"task": True}}


async def test_the_records_of_steps_are_read_as_in_kargo(bench: Make) -> None:
    reads = "[stepMetas.bad.Alias, stepMetas.bad.Status, stepMetas.bad.status, stepMetas.bad.StartedAt.Year()]"
    run = bench(
        {"uses": "fail", "as": "bad", "continueOnError": True},
        {"uses": "compute", "as": "it", "config": {"read": f"${{{{ {reads} }}}}", "all": "${{ keys(stepMetas.bad) }}"}},
    )
    await run.run()
    assert run.status.state["it"]["read"] == ["bad", "Failed", "Failed", 2026]
    fields = {"Alias", "StartedAt", "FinishedAt", "ErrorCount", "Status", "Message", "ContinueOnError"}
    assert set(run.status.state["it"]["all"]) == fields


async def test_a_variable_that_cannot_be_computed_is_named(bench: Make) -> None:
    step = {"uses": "compute", "vars": [{"name": "mine", "value": "${{ vars.a.b }}"}], "config": {"x": 1}}
    run = bench(step, vars=[{"name": "other", "value": "fine"}])
    assert (await run.run()).phase == "Errored"
    assert "vars.mine: 'a' of" not in run.status.message
    assert "vars.mine: 'b' of nil cannot be read" in run.status.message


async def test_variables_are_not_evaluated_for_a_step_without_configuration(bench: Make) -> None:
    run = bench({"uses": "compute"}, vars=[{"name": "broken", "value": "${{ 1 + }}"}])
    assert (await run.run()).phase == "Succeeded"


async def test_variables_keep_the_type_that_their_value_reads_as(bench: Make) -> None:
    types = "${{ [type(vars.n), type(vars.t), type(vars.m), type(vars.e)] }}"
    values = {"n": "${{ 1.5 }}", "t": "3", "m": "${{ {a: 1} }}", "e": ""}
    run = bench(
        {"uses": "compute", "as": "it", "config": {"types": types}},
        vars=[{"name": name, "value": value} for name, value in values.items()],
    )
    await run.run()
    assert run.status.state["it"] == {"types": ["float", "string", "map", "string"]}


async def test_numbers_of_a_configuration_are_those_that_json_has(bench: Make) -> None:
    run = bench({"uses": "compute", "as": "it", "config": {"a": 1.0, "b": [2.5, 1e300], "c": "${{ 3.0 }}"}})
    await run.run()
    numbers = [run.status.state["it"]["a"], *run.status.state["it"]["b"], run.status.state["it"]["c"]]
    assert [(type(number), number) for number in numbers] == [(int, 1), (float, 2.5), (float, 1e300), (int, 3)]


async def test_a_skipped_step_leaves_no_outputs_and_one_that_failed_neither(bench: Make) -> None:
    run = bench(
        {"uses": "compute", "as": "skipped", "if": "${{ false }}", "config": {"a": 1}},
        {"uses": "fail", "as": "bad", "continueOnError": True},
        {"uses": "compute", "as": "quiet"},
        {"uses": "compute", "as": "it", "config": {"seen": "${{ [outputs.skipped, outputs.bad, outputs.quiet] }}"}},
    )
    await run.run()
    assert run.status.state == {"quiet": {}, "it": {"seen": [None, None, {}]}}


@pytest.mark.parametrize("condition", ["${{ 1 }}", "yes please", "${{ 1 + }}"])
async def test_a_condition_that_is_not_true_or_false_is_an_error(bench: Make, condition: str) -> None:
    run = bench({"uses": "compute", "as": "odd", "if": condition})
    assert (await run.run()).phase == "Errored"
    assert "should be skipped" in run.status.message


async def test_a_config_that_cannot_be_computed_is_an_error_that_names_the_field(bench: Make) -> None:
    run = bench({"uses": "compute", "config": {"deep": [{"x": "${{ outputs.none.value }}"}]}})
    assert (await run.run()).phase == "Errored"
    assert "config.deep[0].x" in run.status.message


async def test_health_checks_and_metadata_are_registered(bench: Make) -> None:
    run = bench({"uses": "read"}, {"uses": "push"}, {"uses": "metadata", "config": {"k": "v"}})
    status = await run.run()
    assert [check.dump() for check in status.health_checks] == [{"uses": "alive", "config": {"for": "v1"}}]
    assert run.world.metadata == [("demo", "Stage", "dev", {"k": "v"})]


async def test_other_origins_keep_the_freight_of_the_last_promotion(bench: Make) -> None:
    run = bench({"uses": "compute"})
    other = {"kind": "Warehouse", "name": "other"}
    requests = [{"origin": {"kind": "Warehouse", "name": "w"}, "sources": {}}, {"origin": other, "sources": {}}]
    items = {"Warehouse/other": {"name": "kept", "origin": other}, "Warehouse/gone": {"name": "x", "origin": other}}
    run.stage = {
        "spec": {"requestedFreight": requests},
        "status": {"lastPromotion": {"name": "p", "status": {"freightCollection": {"id": "", "items": items}}}},
    }
    status = await run.run()
    assert {key: item.name for key, item in status.freight_collection.items.items()} == {
        "Warehouse/other": "kept",
        "Warehouse/w": "f1",
    }


async def test_the_log_tells_what_happened(bench: Make) -> None:
    run = bench({"uses": "read", "as": "look"}, {"uses": "fail", "as": "bad"})
    await run.run()
    assert "look: read starts" in run.log()
    assert "bad: Failed: " in run.log()
    assert run.log().splitlines()[-1].startswith("2026-01-01T00:00:")


async def test_a_config_the_step_does_not_accept_fails_the_step(bench: Make) -> None:
    run = bench({"uses": "strict", "as": "s", "config": {"typo": 1}, "retry": {"errorThreshold": 5}})
    status = await run.run()
    assert status.phase == "Failed"
    assert "invalid config of step 's' (strict): typo" in status.message


async def test_metadata_that_cannot_be_written_is_an_error_of_the_step(bench: Make) -> None:
    run = bench({"uses": "metadata", "as": "m", "config": {"refuse": True}})
    assert (await run.run()).phase == "Errored"
    assert "no such Stage" in run.status.message


async def test_what_a_step_warns_of_is_handed_on(bench: Make) -> None:
    run = bench({"uses": "compute", "as": "c", "config": {"warning": "mind the gap"}})
    assert (await run.step()).warnings == ("step 'c' (compute): mind the gap",)


async def test_an_unknown_setting_is_told_with_what_was_meant(bench: Make) -> None:
    run = bench({"uses": "strict", "as": "s", "config": {"mesage": "x"}})
    status = await run.run()
    assert "mesage is not a setting (did you mean 'message'?)" in status.message
