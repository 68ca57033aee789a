"""`success()`, `failure()`, `always()` and `status()`: how the steps before went."""

from __future__ import annotations

from collections.abc import Iterable

from argosy.engine.functions import Functions
from argosy.errors import Permanent
from argosy.resources.promotion import StepExecutionMetadata
from argosy.rules.promotion import has_failures
from argosy.rules.promotion_template import split_alias, task_of


def of(alias: str, records: Iterable[StepExecutionMetadata]) -> Functions:
    """The functions as the step `alias` has them: `status(alias)` looks among the steps of the same task."""
    listed = list(records)

    def status(of: str) -> str:
        if not isinstance(of, str) or not of:
            raise Permanent("status() needs the alias of a step")
        wanted = (task_of(alias), of)
        return next((record.status for record in listed if split_alias(record.alias) == wanted), "")

    return {
        "always": lambda: True,
        "failure": lambda: has_failures(listed),
        "success": lambda: not has_failures(listed),
        "status": status,
    }
