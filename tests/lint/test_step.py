"""What lint knows of steps: outputs, tasks, variables and configurations."""

from __future__ import annotations

from typing import Any

import pytest
from tests.lint.test_rules import findings


def stage(steps: str, *, more: str = "", variables: str = "[]") -> str:
    body = "".join(f"        {line}\n" for line in steps.strip("\n").splitlines())
    return (
        "apiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: {name: dev, namespace: shop}\nspec:\n"
        f"  vars: {variables}\n  requestedFreight:\n"
        "    - origin: {kind: Warehouse, name: web}\n      sources: {direct: true}\n"
        f"  promotionTemplate:\n    spec:\n      steps:\n{body}{more}"
    )


TASK = """---
apiVersion: kargo.akuity.io/v1alpha1
kind: PromotionTask
metadata: {name: tell, namespace: shop}
spec:
  vars: [{name: channel, value: ops}]
  steps:
    - uses: git-commit
      as: commit
      config: {path: out, message: "for ${{ vars.channel }} in ${{ vars.region }}"}
    - uses: compose-output
      config: {id: "${{ task.outputs.commit.commit }}"}
"""


def told(text: str, *, all: bool = False) -> list[str]:
    return [f"{each.rule}: {each.message}" for each in findings(text) if all or each.severity == "error"]


MINE = "- uses: compose-output\n  as: mine\n  config: {a: 1}\n"
NO_STATUS = "unknown-name: there is no function status() here"
NO_TEXT = "step-config: git-commit: message: must be a text"
MISSPELT = "step-config: git-commit: mesage is not a setting (did you mean 'message'?)"


TWO = "- uses: fail\n  vars: [{name: a, value: x}, {name: b, value: '${{ vars.a }}${{ vars.c }}'}]\n"


def say(expression: str) -> str:
    return f'- uses: fail\n  config: {{message: "${{{{ {expression} }}}}"}}\n'


CALL = (
    "- uses: http\n  as: call\n  config: {url: 'https://x', outputs: [{name: id, fromExpression: response.body.id}]}\n"
)
COMMIT = "- uses: git-commit\n  as: commit\n  config: {path: out, message: m}\n"


@pytest.mark.parametrize(
    ("steps", "problems"),
    [
        (COMMIT + say("outputs.commit.commit"), []),
        (COMMIT + say("outputs['commit']['commit']"), []),
        (COMMIT + say("outputs.commit.comit"), ["unknown-output: outputs.commit has no 'comit'"]),
        (say("outputs.commit.commit") + COMMIT, ["unknown-output: step 'commit' runs later"]),
        (say("outputs.gone.x"), ["unknown-output: outputs has no 'gone'"]),
        (say("outputs.gone?.x ?? 'none'"), []),
        (COMMIT + say("status('commit')"), []),
        (COMMIT + say("status('comit')"), ["unknown-output: step 'comit' does not exist"]),
        (say("status('commit')") + COMMIT, ["unknown-output: step 'commit' runs later"]),
        (say("outputs['step-1'].x"), ["unknown-output: outputs has no 'step-1'"]),
        ("- uses: notify\n  as: call\n" + say("outputs.call.anything.at.all"), []),
        (CALL + say("outputs.call.id"), []),
        (CALL + say("outputs.call.ids"), ["unknown-output: outputs.call has no 'ids'"]),
        (MINE + say("outputs.mine.a"), []),
        (
            MINE + say("outputs.mine.b"),
            ["unknown-output: outputs.mine has no 'b'"],
        ),
        (say("task.outputs.x"), ["unknown-name: there is no variable 'task' here"]),
        (say("secret('a', 'b')"), ["unknown-name: secret() takes 1 arguments, not 2"]),
        (say("imagefrom('x')"), ["unknown-name: there is no function imagefrom() here"]),
        (say("stepMetas"), []),
        ("- uses: fail\n  if: ${{ failure() && ctx.stag == 'x' }}\n", ["unknown-name: ctx has no 'stag'"]),
        (
            "- uses: fail\n  vars: [{name: a, value: x}, {name: b, value: '${{ vars.a }}${{ vars.c }}'}]\n",
            ["unknown-name: vars has no 'c'"],
        ),
        (
            "- uses: fail\n  vars: [{name: a, value: '${{ status(1) }}'}]\n",
            [NO_STATUS],
        ),
    ],
)
def test_names_in_steps(steps: str, problems: list[str]) -> None:
    assert told(stage(steps)) == problems


@pytest.mark.parametrize(
    ("steps", "problems"),
    [
        ("- task: {name: tell}\n  as: t\n" + say("outputs.t.id + outputs['t::commit'].commit"), []),
        ("- task: {name: tell}\n  as: t\n" + say("outputs.t.idd"), ["unknown-output: outputs.t has no 'idd'"]),
        ("- task: {name: tell}\n" + say("outputs['task-1'].id"), []),
        (
            COMMIT + "- task: {name: tell}\n  vars: [{name: channel, value: '${{ outputs.commit.comit }}'}]\n",
            ["unknown-output: outputs.commit has no 'comit'"],
        ),
        ("- task: {name: gone}\n  as: t\n" + say("outputs.t.id"), []),
    ],
)
def test_names_around_tasks(steps: str, problems: list[str]) -> None:
    assert told(stage(steps, more=TASK, variables="[{name: region, value: eu}]")) == problems


def test_a_task_is_looked_at_with_the_variables_of_the_stage_that_uses_it() -> None:
    assert told(stage("- task: {name: tell}\n", more=TASK)) == ["unknown-name: vars has no 'region'"]


def test_a_task_alone_may_get_its_variables_from_elsewhere() -> None:
    assert told(TASK) == []
    assert told(TASK, all=True) == ["unknown-name: vars has no 'region'"]


def test_a_task_alone_may_read_outputs_of_a_stage() -> None:
    task = TASK.replace("task.outputs.commit.commit", "outputs.clone.commit")
    assert told(task.replace("vars.region", "vars.channel")) == []
    assert told(task.replace("vars.region", "vars.channel"), all=True) == ["unknown-output: outputs has no 'clone'"]


@pytest.mark.parametrize(
    ("config", "problems"),
    [
        ("{path: out, message: '${{ outputs.commit.commit }}'}", []),
        ("{path: out, message: '${{ secret(\"a\").b }}'}", []),
        ("{path: out, message: '${{ vars.text }}'}", []),
        (
            "{path: out, message: '${{ vars.number }}'}",
            [NO_TEXT],
        ),
        ("{path: out, message: '${{ quote(vars.number) }}'}", []),
        ("{path: out, message: '${{ ctx.stage }}'}", []),
        (
            "{path: out, mesage: m}",
            [MISSPELT],
        ),
        (
            "{path: out, message: m, mesage: '${{ outputs.commit.commit }}'}",
            [MISSPELT],
        ),
        ("'${{ outputs.commit }}'", []),
        ("{message: '${{ outputs.commit.commit }}'}", ["step-config: git-commit: path is missing"]),
    ],
)
def test_configurations_are_checked_as_far_as_they_are_known(config: str, problems: list[str]) -> None:
    variables = "[{name: text, value: some}, {name: number, value: '1.10'}]"
    found = told(stage(COMMIT + f"- uses: git-commit\n  config: {config}\n", variables=variables))
    assert [each for each in found if not ("mesage" in str(problems) and "is missing" in each)] == problems


NO_CONDITION = "expression: a condition must be true or false"


@pytest.mark.parametrize(
    ("condition", "problems"),
    [
        ("${{ true }}", []),
        ("${{ vars.wanted }}", []),
        ("${{ outputs.commit.commit }}", []),
        ("'true'", [NO_CONDITION]),
        ("${{ vars.name }}", [NO_CONDITION]),
        ("${{ true }} && ${{ true }}", [NO_CONDITION]),
    ],
)
def test_a_condition_is_true_or_false(condition: str, problems: list[str]) -> None:
    variables = "[{name: wanted, value: 'true'}, {name: name, value: web}]"
    assert told(stage(f"{COMMIT}- uses: fail\n  if: {condition}\n", variables=variables)) == problems


@pytest.mark.parametrize(
    ("config", "problems"),
    [
        ("{url: 'https://x', successExpression: response.status == 200}", []),
        ("{url: 'https://x', successExpression: '${{ vars.gone ?? 1 }} +'}", []),
        ("{url: 'https://x', successExpression: response.status ==}", ["expression: unexpected end of expression"]),
        (
            "{url: 'https://x', outputs: [{name: id, fromExpression: '1 +'}]}",
            ["expression: unexpected end of expression"],
        ),
    ],
)
def test_expressions_that_a_step_evaluates_can_be_read(config: str, problems: list[str]) -> None:
    assert told(stage(f"- uses: http\n  config: {config}\n")) == problems


def test_several_stages_tell_of_a_task_once() -> None:
    text = stage("- task: {name: tell}\n", more=TASK)
    other = stage("- task: {name: tell}\n").replace("name: dev", "name: test")
    assert len([each for each in findings(f"{text}---\n{other}") if each.rule == "unknown-name"]) == 1


def test_a_fault_has_its_place_and_shows_it() -> None:
    (found,) = [each for each in findings(stage(COMMIT + say("outputs.commit.comit"))) if each.rule == "unknown-output"]
    assert found.field == "spec.promotionTemplate.spec.steps[1].config.message"
    assert found.line == 16
    assert found.excerpt == " |  outputs.commit.comit \n | ................^"
    assert found.advice == "Did you mean 'commit'?"


@pytest.mark.parametrize(
    "document",
    ["spec: 1", "spec: {promotionTemplate: {spec: {steps: [1, {uses: [], config: x}]}}}", "spec: {vars: [1, {}]}"],
)
def test_a_manifest_of_the_wrong_shape_is_told_by_its_schema(document: str) -> None:
    head = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Stage\nmetadata: {name: dev, namespace: shop}\n"
    rules: set[Any] = {each.rule for each in findings(head + document)}
    assert "manifest" in rules
