"""The setting `ignore` that several steps have."""

from __future__ import annotations

from argosy.errors import Invalid, Permanent
from argosy.rules.ignore import IgnoreRules


def ignoring(text: str | None) -> IgnoreRules:
    """The rules of the setting. Raises Permanent for a pattern that cannot be read."""
    try:
        return IgnoreRules(text or "")
    except Invalid as error:
        raise Permanent(f"ignore: {error.message}", advice="Write it as a line of a .gitignore file.") from error
