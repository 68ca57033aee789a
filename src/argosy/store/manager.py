"""As which field manager the present task writes; whose fields of a resource are whose follows from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from argosy.rules.field_ownership_write import ARGOSY

manager: ContextVar[str] = ContextVar("manager", default=ARGOSY)
"""The name that the writer gives itself, such as `kubectl-edit`; controllers are all `argosy`."""


@contextmanager
def as_argosy() -> Iterator[None]:
    """For what Argosy writes of itself while it answers somebody else."""
    token = manager.set(ARGOSY)
    try:
        yield
    finally:
        manager.reset(token)
