"""ClusterPromotionTask: steps that Stages of every Project share."""

from __future__ import annotations

from pydantic import Field

from argosy.resources.meta import Resource
from argosy.resources.promotion_task import PromotionTaskSpec


class ClusterPromotionTask(Resource):
    """Steps that the promotion templates of all Projects can reference by name."""

    spec: PromotionTaskSpec = Field(description="Variables and steps.")
