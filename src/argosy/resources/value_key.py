"""The keys of ConfigMaps and Secrets, each of which may become a file: the rules of Kubernetes for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from argosy.resources.constraint import Constraint, Fault, mapping

_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}", re.ASCII)


def keys_of(*fields: str) -> Constraint:
    """The keys in these fields of an object must be names of files."""
    return Constraint(_faults(fields))


def _faults(fields: tuple[str, ...]) -> Callable[[Mapping[str, Any]], Iterable[Fault]]:
    def check(document: Mapping[str, Any]) -> Iterable[Fault]:
        for field in fields:
            for key in mapping(document.get(field)):
                if not _KEY.fullmatch(str(key)) or str(key).startswith("..") or key == ".":
                    advice = (
                        "Use letters, digits, '-', '_' and '.' only, not more than 253, and no '..' at the beginning"
                    )
                    yield Fault(f"{key!r} is no key", (field, str(key)), advice)

    return check
