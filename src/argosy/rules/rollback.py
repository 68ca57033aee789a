"""Rollback: which Freight a Stage goes back to when nobody names one, and whether it may go back to what is named.

Kargo's open core knows the mark of a Promotion that is a rollback (`kargo.akuity.io/rollback`) and makes none itself.
The Promotion is an ordinary one: admission holds auto-promotion of its origin, as for anything else than the newest
that somebody chooses by hand, so that what was left does not come back by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from argosy.errors import Invalid
from argosy.resources.freight import FreightCollection, FreightReference
from argosy.resources.meta import Json
from argosy.resources.names import TRUE, Annotation
from argosy.resources.promotion import PromotionPhase
from argosy.resources.stage import Stage
from argosy.resources.verification import VerificationPhase


def before(stage: Stage, freight: str = "") -> FreightReference:
    """What `stage` goes back to.

    Without `freight`, it is what the Stage used before what it uses now, and never what it could not verify. After a
    Promotion that did not succeed it is what the Stage used when that began: nobody knows how far it came.

    Args:
        freight: the name of the Freight to go back to, of what the Stage remembers.

    Raises Invalid when there is nothing, or more than one piece of Freight, to go back to.
    """
    if freight:
        return _named(stage, freight)
    for collection in _earlier(stage):
        other = [*_differing(stage, collection)]
        if len(other) == 1:
            return other[0]
        if other:
            names = ", ".join(reference.name for reference in other)
            raise Invalid(
                f"Stage {stage.name!r} used several other pieces of Freight before: {names}",
                advice="A Promotion brings one of them: say which, with `--to`.",
            )
    raise Invalid(
        f"there is nothing that Stage {stage.name!r} could go back to",
        advice=f"`argosy history {stage.name} --project {stage.namespace}` tells what it has used; "
        "`argosy promote` brings any Freight that is available.",
    )


def _named(stage: Stage, freight: str) -> FreightReference:
    remembered = [reference for collection in stage.status.freight_history for reference in collection.references]
    found = next((reference for reference in remembered if reference.name == freight), None)
    if found is None:
        raise Invalid(
            f"Stage {stage.name!r} does not remember to have used Freight {freight!r}",
            advice="`argosy promote` brings any Freight that is available.",
        )
    present = _present(stage)
    if present is not None and present.includes(freight):
        raise Invalid(f"Stage {stage.name!r} uses Freight {freight!r} already", advice="There is nothing to do.")
    return found


def _earlier(stage: Stage) -> Iterator[FreightCollection]:
    """What the Stage used before, the newest first, without what it could not verify."""
    history = stage.status.freight_history
    for collection in history if _is_uncertain(stage) else history[1:]:
        phases = [info.phase for info in collection.verification_history]
        if not phases or VerificationPhase.SUCCESSFUL in phases:
            yield collection


def _differing(stage: Stage, collection: FreightCollection) -> Iterator[FreightReference]:
    """The Freight of a collection that the Stage asks for and does not use now."""
    present = _present(stage)
    now = {origin: reference.name for origin, reference in present.items.items()} if present is not None else {}
    for request in stage.spec.requested_freight:
        origin = str(request.origin)
        if origin in collection.items and collection.items[origin].name != now.get(origin):
            yield collection.items[origin]


def _present(stage: Stage) -> FreightCollection | None:
    """What the Stage uses, or what the Promotion would have brought that did not succeed."""
    last = stage.status.last_promotion
    if _is_uncertain(stage) and last is not None and last.status is not None:
        return last.status.freight_collection
    return stage.status.current_freight


def _is_uncertain(stage: Stage) -> bool:
    """Whether the last Promotion began and did not succeed."""
    last = stage.status.last_promotion
    status = last.status if last is not None else None
    if status is None or status.started_at is None or status.freight_collection is None:
        return False
    return status.is_terminal and status.phase != PromotionPhase.SUCCEEDED


def promotion(stage: Stage, freight: str) -> dict[str, Json]:
    """The Promotion that goes back, as somebody would write it; admission fills in the rest."""
    return {
        "apiVersion": stage.api_version,
        "kind": "Promotion",
        "metadata": {
            "namespace": stage.namespace,
            "generateName": "rollback-",
            "annotations": {Annotation.ROLLBACK.value: TRUE},
        },
        "spec": {"stage": stage.name, "freight": freight},
    }
