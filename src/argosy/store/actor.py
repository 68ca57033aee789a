"""On whose behalf the present task writes; admission records it and tells people from controllers."""

from __future__ import annotations

from contextvars import ContextVar

actor: ContextVar[str] = ContextVar("actor", default="")
"""Kargo's form of an actor: `admin`, `email:...`, `controller:...`; empty when nobody said."""
