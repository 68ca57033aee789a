"""What Kargo's reference of promotion templates and tasks documents, example by example, with our own manifests.

The steps are those of the bench: `compute` outputs its configuration, `fail` fails or errs, `wait` waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.engine.template_case import promotion_of, template

from argosy.errors import Invalid

Make = Callable[..., Any]

OK, BAD, ERR = "- uses: compute", "- uses: fail", "- uses: fail\n  config: {how: permanent}"
ALWAYS, FAILURE, SUCCESS = ("\n  if: ${{ " + name + "() }}" for name in ("always", "failure", "success"))


async def ended(bench: Make, manifests: str) -> Any:
    spec = promotion_of(manifests)
    run = bench(*spec["steps"], vars=spec["vars"])
    await run.run()
    return run


@pytest.mark.parametrize(
    ("steps", "statuses", "phase"),
    [
        pytest.param(
            [OK, OK + ALWAYS, OK + FAILURE, OK + SUCCESS],
            ["Succeeded", "Succeeded", "Skipped", "Succeeded"],
            "Succeeded",
            id="after success: always and success run, failure is skipped",
        ),
        pytest.param(
            [BAD, OK + ALWAYS, OK + FAILURE, OK + SUCCESS],
            ["Failed", "Succeeded", "Succeeded", "Skipped"],
            "Failed",
            id="after a failure: always and failure run, success is skipped",
        ),
        pytest.param(
            [f"{ERR}\n  as: mine", OK + ALWAYS, OK + FAILURE, f"{OK}\n  if: ${{{{ status('mine') == 'Errored' }}}}"],
            ["Errored", "Succeeded", "Succeeded", "Succeeded"],
            "Errored",
            id="the status of one step can be asked for by its alias",
        ),
        pytest.param(
            [f"{BAD}\n  continueOnError: true", OK + ALWAYS, OK + FAILURE, OK + SUCCESS],
            ["Failed", "Succeeded", "Skipped", "Succeeded"],
            "Succeeded",
            id="a failure with continueOnError counts neither for conditions nor for the promotion",
        ),
        pytest.param(
            [OK, f"{BAD}\n  continueOnError: true", OK, OK],
            ["Succeeded", "Failed", "Succeeded", "Succeeded"],
            "Succeeded",
            id="steps without a condition run after a failure with continueOnError",
        ),
        pytest.param(
            [OK + "\n  if: ${{ false }}", OK, OK + SUCCESS],
            ["Skipped", "Succeeded", "Succeeded"],
            "Succeeded",
            id="a skipped step counts as no failure",
        ),
        pytest.param([BAD, OK], ["Failed", "Skipped"], "Failed", id="steps without a condition are skipped after one"),
    ],
)
async def test_conditional_steps(bench: Make, steps: list[str], statuses: list[str], phase: str) -> None:
    run = await ended(bench, template("\n".join(steps)))
    assert list(run.statuses().values()) == statuses
    assert run.status.phase == phase


VARIABLES = "- name: repo\n  value: https://example.com/r.git\n- name: branch\n  value: stage/${{ ctx.stage }}"
TASK = """
apiVersion: kargo.akuity.io/v1alpha1
kind: %s
metadata: {name: %s}
spec:
%s
---
"""


def task(body: str, name: str = "mine", kind: str = "PromotionTask") -> str:
    placed = f"{name}, namespace: demo" if kind == "PromotionTask" else name
    return TASK % (kind, placed, "\n".join(f"  {line}" for line in body.splitlines()))


@pytest.mark.parametrize(
    ("manifests", "outputs"),
    [
        pytest.param(
            template(
                "- uses: compute\n  as: clone\n  config:\n    repoURL: ${{ vars.repo }}\n    checkout:\n"
                "    - branch: ${{ vars.branch }}\n      path: ./target",
                variables=VARIABLES,
            ),
            {
                "clone": {
                    "repoURL": "https://example.com/r.git",
                    "checkout": [{"branch": "stage/dev", "path": "./target"}],
                }
            },
            id="variables of the template are used at any depth of a configuration",
        ),
        pytest.param(
            template(
                "- uses: compute\n  vars:\n  - {name: a, value: one}\n  - {name: b, value: '${{ vars.a }} two'}\n"
                "  config: {x: '${{ vars.a }}', z: '${{ vars.b }}'}\n"
                "- uses: compute\n  config: {x: '${{ vars.a ?? 0 }}'}"
            ),
            {"step-1": {"x": "one", "z": "one two"}, "step-2": {"x": 0}},
            id="variables of a step are its own",
        ),
        pytest.param(
            template(
                "- uses: compute\n  as: first\n  config: {some: thing}\n- uses: compute\n  as: second\n"
                "  vars:\n  - {name: a, value: '${{ outputs.first.some }}'}\n  config: {got: '${{ vars.a }}'}"
            ),
            {"first": {"some": "thing"}, "second": {"got": "thing"}},
            id="variables of a step can be made of outputs",
        ),
        pytest.param(
            template(
                "- uses: compute\n  vars:\n  - {name: branch, value: mine}\n  config: {b: '${{ vars.branch }}'}",
                variables=VARIABLES,
            ),
            {"step-1": {"b": "mine"}},
            id="a variable of a step overrides that of the template",
        ),
        pytest.param(
            template("- uses: compute\n  config: {option1: value1, option2: value2}"),
            {"step-1": {"option1": "value1", "option2": "value2"}},
            id="a configuration without expressions stays as it is",
        ),
        pytest.param(
            template(
                "- uses: compute\n  as: alias\n  config: {some: 42}\n"
                "- uses: compute\n  config: {input: '${{ outputs.alias.some }}'}"
            ),
            {"alias": {"some": 42}, "step-2": {"input": 42}},
            id="outputs of a step are input of the next",
        ),
    ],
)
async def test_variables_and_outputs(bench: Make, manifests: str, outputs: dict[str, Any]) -> None:
    run = await ended(bench, manifests)
    assert run.status.state == outputs
    assert run.status.phase == "Succeeded"


async def test_variables_of_the_template_cannot_be_made_of_outputs(bench: Make) -> None:
    variables = "- name: a\n  value: ${{ outputs.first.some }}"
    run = await ended(bench, template("- uses: compute\n  as: first\n  config: {some: 1}", variables=variables))
    assert run.status.phase == "Errored"
    assert "vars.a: 'first' of nil cannot be read" in run.status.message


async def test_a_step_may_err_as_often_as_its_threshold_says_and_take_as_long_as_its_timeout(bench: Make) -> None:
    retry = "\n  retry: {errorThreshold: 3, timeout: 48h}"
    often = await ended(bench, template(f"- uses: fail{retry}\n  config: {{how: temporary}}"))
    assert often.status.step_execution_metadata[0].error_count == 3
    long = bench(*promotion_of(template(f"- uses: wait{retry}\n  config: {{polls: 9999, every: 86400}}"))["steps"])
    assert (await long.run()).phase == "Errored"
    assert "timed out after 48h0m0s" in long.status.message


async def test_by_default_one_error_ends_a_step_and_waiting_has_no_end(bench: Make) -> None:
    once = await ended(bench, template("- uses: fail\n  config: {how: temporary}"))
    assert once.status.step_execution_metadata[0].error_count == 1
    patient = bench(*promotion_of(template("- uses: wait\n  config: {polls: 90, every: 86400}"))["steps"])
    assert (await patient.run()).phase == "Succeeded"


OPEN = """vars:
- name: repoURL
- name: sourceBranch
- name: targetBranch
  value: main
steps:
- uses: compute
  as: open
  config:
    repo: ${{ vars.repoURL }}
    from: ${{ vars.sourceBranch }}
    to: ${{ vars.targetBranch }}
    pr: {id: 7}
- uses: compute
  as: wait
  config: {number: "${{ task.outputs['open'].pr.id }}"}
"""


@pytest.mark.parametrize(
    ("variables", "passed", "opened"),
    [
        pytest.param(
            "- {name: repoURL, value: r}\n- {name: sourceBranch, value: s}",
            "",
            {"repo": "r", "from": "s", "to": "main"},
            id="the template gives what is required, the default is used",
        ),
        pytest.param(
            "- {name: repoURL, value: r}",
            "\n  vars:\n  - {name: sourceBranch, value: feature}\n  - {name: targetBranch, value: release}",
            {"repo": "r", "from": "feature", "to": "release"},
            id="the step overrides the default",
        ),
        pytest.param(
            "- {name: repoURL, value: r}\n- {name: sourceBranch, value: s}\n- {name: targetBranch, value: trunk}",
            "\n  vars:\n  - {name: repoURL, value: mine}",
            {"repo": "mine", "from": "s", "to": "trunk"},
            id="the step overrides the template, and the template the default",
        ),
        pytest.param(
            "- {name: repoURL, value: r}\n- {name: sourceBranch, value: s}\n- {name: targetBranch, value: ''}",
            "",
            {"repo": "r", "from": "s", "to": "main"},
            id="an empty variable of the template is not set",
        ),
        pytest.param(
            "- {name: repoURL, value: r}\n- {name: sourceBranch, value: s}",
            "\n  vars:\n  - {name: targetBranch, value: ''}",
            {"repo": "r", "from": "s", "to": ""},
            id="what a step passes is passed, even when empty",
        ),
        pytest.param(
            "- {name: repoURL, value: r}\n- {name: sourceBranch, value: '${{ vars.repoURL }}-${{ ctx.stage }}'}",
            "\n  vars:\n  - {name: targetBranch, value: '${{ vars.sourceBranch }}!'}",
            {"repo": "r", "from": "r-dev", "to": "r-dev!"},
            id="values can be expressions",
        ),
    ],
)
async def test_variables_of_tasks(bench: Make, variables: str, passed: str, opened: dict[str, Any]) -> None:
    run = await ended(bench, task(OPEN) + template(f"- task: {{name: mine}}{passed}", variables=variables))
    assert run.status.state == {"task-1::open": {**opened, "pr": {"id": 7}}, "task-1::wait": {"number": 7}} | {
        "task-1": {**opened, "pr": {"id": 7}, "number": 7}
    }


def test_a_variable_without_a_value_is_required() -> None:
    with pytest.raises(Invalid) as error:
        promotion_of(task(OPEN) + template("- task: {name: mine}\n  vars:\n  - {name: repoURL, value: ''}"))
    assert [problem.message.split("'")[3] for problem in error.value.problems] == ["repoURL", "sourceBranch"]


def test_a_task_cannot_reference_a_task() -> None:
    with pytest.raises(Invalid, match="problem") as error:
        promotion_of(task("steps:\n- task: {name: other}") + template("- task: {name: mine}"))
    assert "a task cannot be referenced here" in error.value.problems[0].message


@pytest.mark.parametrize(
    ("field", "value"),
    [("retry", "{errorThreshold: 2}"), ("continueOnError", "true"), ("if", "${{ false }}"), ("config", "{b: 2}")],
)
def test_a_reference_to_a_task_has_only_alias_and_variables(field: str, value: str) -> None:
    with pytest.raises(Invalid, match="problem") as error:
        promotion_of(task("steps:\n- uses: compute") + template(f"- task: {{name: mine}}\n  {field}: {value}"))
    assert f"cannot have `{field}`" in error.value.problems[0].message


async def test_what_a_task_composes_is_its_output(bench: Make) -> None:
    inner = "{commit: '${{ task.outputs.wait.version }}', branch: '${{ vars.branch }}'}"
    body = (
        "vars:\n- {name: branch, value: main}\nsteps:\n- uses: read\n  as: wait\n"
        f"- uses: compute\n  as: output\n  config: {inner}"
    )
    steps = (
        "- task: {name: mine}\n  as: promotion\n"
        "- uses: compute\n  as: tell\n  config:\n    body: |\n      New commit: ${{ outputs.promotion.commit }}"
    )
    run = await ended(bench, task(body) + template(steps))
    assert run.status.state["promotion"] == {"commit": 1, "branch": "main"}
    assert run.status.state["tell"] == {"body": "New commit: 1\n"}
    assert list(run.statuses()) == ["promotion::wait", "promotion::output", "tell"]


async def test_a_task_of_all_projects_is_referenced_by_its_kind(bench: Make) -> None:
    body = task("steps:\n- uses: compute\n  config: {a: 1}", "global", "ClusterPromotionTask")
    run = await ended(bench, body + template("- task: {name: global, kind: ClusterPromotionTask}"))
    assert run.statuses() == {"task-1::step-1": "Succeeded"}


async def test_a_condition_in_a_task_can_be_about_its_variables(bench: Make) -> None:
    body = task("vars:\n- name: deploy\nsteps:\n- uses: compute\n  as: inner\n  if: ${{ vars.deploy == 'yes' }}")
    calls = "\n".join(
        f"- task: {{name: mine}}\n  vars: [{{name: deploy, value: '{answer}'}}]" for answer in ("yes", "no")
    )
    run = await ended(bench, body + template(calls))
    assert run.statuses() == {"task-1::inner": "Succeeded", "task-2::inner": "Skipped"}
