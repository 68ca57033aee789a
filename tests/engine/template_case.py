"""Promotions of the manifests in a text: a Stage, and the tasks its template needs."""

from __future__ import annotations

from typing import Any

from argosy.resources.manifest import read_manifests
from argosy.resources.promotion_task import PromotionTask
from argosy.resources.stage import Stage
from argosy.resources.step import PromotionTaskReference
from argosy.rules.promotion_template import inflate

HEAD = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: dev, namespace: demo}
spec:
  requestedFreight: [{origin: {kind: Warehouse, name: w}, sources: {direct: true}}]
"""


def promotion_of(text: str) -> dict[str, Any]:
    """Steps and variables that a Promotion of the Stage in `text` gets, as raw fields of its spec. Raises Invalid."""
    manifests = read_manifests(text)
    (stage,) = [Stage.model_validate(each.document) for each in manifests if each.document["kind"] == "Stage"]
    tasks = {
        PromotionTaskReference(name=each.key.name, kind=kind): (task.spec.vars, task.spec.steps)
        for each in manifests
        if each.document["kind"] != "Stage"
        for task in [PromotionTask.model_validate({**each.document, "kind": "PromotionTask"})]
        for kind in ([None, "PromotionTask"] if each.document["kind"] == "PromotionTask" else ["ClusterPromotionTask"])
    }
    template = stage.spec.promotion_template
    assert template is not None
    variables = [*stage.spec.vars, *template.spec.vars]
    steps = inflate(template.spec.steps, variables, tasks)  # type: ignore[arg-type]  # kinds are checked above
    return {"steps": [step.dump() for step in steps], "vars": [variable.dump() for variable in variables]}


def template(steps: str, *, variables: str = "") -> str:
    """A Stage with these steps, and template variables when given, written as YAML at the left margin."""
    body = f"vars:\n{variables}\n" if variables else ""
    indented = "\n".join(f"      {line}" for line in f"{body}steps:\n{steps}".splitlines())
    return f"{HEAD}  promotionTemplate:\n    spec:\n{indented}\n"
