"""Every fault has its place, its line and advice; what newer versions wrote is no fault."""

import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml

from argosy.errors import Invalid, Problem
from argosy.resources.manifest import parse_manifests, read_manifests, validate

KARGO = "apiVersion: kargo.akuity.io/v1alpha1\n"


def document(kind: str, body: str, name: str = "x") -> str:
    """A Kargo manifest whose body begins in line 4."""
    return f"{KARGO}kind: {kind}\nmetadata: {{name: {name}, namespace: demo}}\n{textwrap.dedent(body).strip()}\n"


def stage(body: str) -> str:
    """A Stage whose `spec` goes on in line 6."""
    head = "spec:\n  requestedFreight: [{origin: {kind: Warehouse, name: w}, sources: {direct: true}}]\n"
    return document("Stage", head + textwrap.indent(textwrap.dedent(body).strip(), "  "))


def steps(body: str) -> str:
    """A Stage whose first step is in line 9."""
    return stage("promotionTemplate:\n  spec:\n    steps:\n" + textwrap.indent(textwrap.dedent(body).strip(), "    "))


def subscription(body: str) -> str:
    """A Warehouse whose first subscription is in line 6."""
    return document("Warehouse", "spec:\n  subscriptions:\n" + textwrap.indent(textwrap.dedent(body).strip(), "  "))


def requests(body: str) -> str:
    """A Stage whose first requested Freight is in line 6."""
    return document("Stage", "spec:\n  requestedFreight:\n" + textwrap.indent(textwrap.dedent(body).strip(), "  "))


def problems(text: str) -> list[Problem]:
    manifests, unread = parse_manifests(text, "f.yaml")
    return [*unread, *(problem for manifest in manifests for problem in manifest.problems())]


ORIGIN = "origin: {kind: Warehouse, name: w}"
FAULTS = yaml.safe_load((Path(__file__).parent / "faults.yaml").read_text())


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: row["name"])
def test_a_fault_is_told_with_field_line_and_advice(row: dict[str, Any]) -> None:
    found = problems(row["text"])
    assert any(
        (problem.file, problem.field, problem.line) == ("f.yaml", row["field"], row["line"])
        and row["advice"] in problem.advice
        for problem in found
    ), "\n".join(map(str, found))


def test_every_fault_of_a_file_is_told_at_once_in_order() -> None:
    faulty = steps("- uses: a\n  confg: {}\n  retry: {timeout: x}\n- {uses: b, task: {name: c}, as: step-1}")
    with pytest.raises(Invalid) as caught:
        read_manifests(f"{faulty}---\n{subscription('- git: {repoURL: x, brnch: y}')}", "f.yaml")
    fields = [problem.field.rpartition("spec.")[2] for problem in caught.value.problems]
    assert fields == [
        "steps[0].confg",
        "steps[0].retry.timeout",
        "steps[1]",
        "steps[1].as",
        "subscriptions[0].git.brnch",
        "subscriptions[0].git.repoURL",
    ]
    lines = [problem.line for problem in caught.value.problems]
    assert lines == sorted(lines)


def test_unknown_steps_are_no_fault() -> None:
    assert not problems(steps("- uses: step-of-tomorrow\n  config: {anything: [goes, null]}"))


def test_dangling_references_are_no_fault() -> None:
    assert not problems(requests(f"- {ORIGIN}\n  sources: {{stages: [nowhere]}}"))


def test_nulls_mean_absent() -> None:
    assert not problems(stage("promotionTemplate:\nvars: ~\nshard:"))
    found = problems(document("Warehouse", "spec:\n  subscriptions:"))
    assert [problem.field for problem in found] == ["spec.subscriptions"]


def test_values_of_secrets_and_passwords_in_addresses_are_not_repeated() -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: {pin: 987654}\ndata: {key: '987 654'}\n"
    address = subscription("- git: {repoURL: 'htps://someone:987654@h/r'}")
    for text in (secret, address):
        found = problems(text)
        assert found
        assert "654" not in "".join(map(str, found))


def kept(**spec: Any) -> dict[str, Any]:
    requested = [{"origin": {"kind": "Warehouse", "name": "w"}, "sources": {"direct": True}}]
    return {
        "apiVersion": "kargo.akuity.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": "s"},
        "spec": {"requestedFreight": requested, **spec},
    }


def test_an_unknown_field_is_a_fault_only_where_it_is_new() -> None:
    assert [problem.field for problem in validate(kept(newer=1))] == ["spec.newer"]
    assert not validate(kept(newer=2), previous=kept(newer=1))
    assert [problem.field for problem in validate(kept(newer=1), previous=kept(older=1))] == ["spec.newer"]


def test_an_unknown_field_in_a_list_is_kept_at_its_place() -> None:
    before = kept(vars=[{"name": "a"}, {"name": "b", "newer": 1}])
    assert not validate(before, previous=before)
    moved = kept(vars=[{"name": "b", "newer": 1}])
    assert [problem.field for problem in validate(moved, previous=before)] == ["spec.vars[0].newer"]


def test_other_faults_are_told_even_where_they_were_before() -> None:
    assert validate(kept(shard=5), previous=kept(shard=5))


def test_documents_without_lines_have_problems_without_lines() -> None:
    assert validate(kept(newer=1))[0].line == 0


def test_very_deep_values_are_refused() -> None:
    deep: Any = 1
    for _ in range(150):
        deep = [deep]
    step = {"uses": "x", "config": {"deep": deep}}
    found = validate(kept(promotionTemplate={"spec": {"steps": [step]}}))
    assert ["nested deeper" in problem.message for problem in found] == [True]


def test_ten_thousand_faults_are_not_all_told() -> None:
    faulty = kept(vars=[{"nme": str(index)} for index in range(10_000)])
    assert 0 < len(validate(faulty)) <= 200
