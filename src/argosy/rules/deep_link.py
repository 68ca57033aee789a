"""Links that people attach to Freight and Stages: what their conditions can name."""

from __future__ import annotations

from argosy.expressions import Vocabulary

FREIGHT_LINK = Vocabulary({"freight": None}, {"now": (0, 1)})
"""`if` of a link of Freight: the resource, as JSON."""

STAGE_LINK = Vocabulary({"stage": None}, {"now": (0, 1)})
"""`if` of a link of a Stage."""
