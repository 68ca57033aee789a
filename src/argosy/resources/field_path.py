"""Field paths as Kubernetes writes them: `spec.requestedFreight[0].origin.name`."""

from __future__ import annotations

import re

from argosy.resources.constraint import Path

_PLAIN = re.compile(r"[A-Za-z0-9_$-]+")


def field_path(path: Path) -> str:
    """The path as text; keys that are no plain words stand in brackets: `metadata.labels[kargo.akuity.io/alias]`."""
    text = ""
    for part in path:
        if isinstance(part, int) or not _PLAIN.fullmatch(part):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text
