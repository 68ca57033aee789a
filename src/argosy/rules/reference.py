"""References: what a Stage names that must exist for it to work."""

from __future__ import annotations

from argosy.resources.meta import Key
from argosy.resources.stage import Stage


def named_by(stage: Stage) -> dict[Key, str]:
    """What a Stage names, which must exist for it to work; each with a phrase for when it does not."""
    named: dict[Key, str] = {}
    for request in stage.spec.requested_freight:
        name = request.origin.name
        named[Key("Warehouse", stage.namespace, name)] = f"Warehouse {name!r} does not exist"
        for upstream in request.sources.stages:
            named[Key("Stage", stage.namespace, upstream)] = f"upstream Stage {upstream!r} does not exist"
    template = stage.spec.promotion_template
    for step in template.spec.steps if template is not None else ():
        if step.task is not None:
            kind = step.task.kind or "PromotionTask"
            key = Key(kind, stage.namespace if kind == "PromotionTask" else "", step.task.name)
            named[key] = f"{kind} {step.task.name!r} does not exist"
    return named
