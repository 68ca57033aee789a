"""Keeps secret values that a promotion has read out of its log, its messages and its warnings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

MASK = "******"
LEAST = 4  # characters; shorter values would blot out half of every text and protect nothing


@dataclass(slots=True)
class Redactor:
    """The values to hide, and their lines: a message may quote one line of a key, escaped as Python or JSON do."""

    _hidden: set[str] = field(default_factory=set)

    def hide(self, values: Iterable[str]) -> None:
        for value in values:
            parts = [part for part in (value, value.strip(), *value.splitlines()) if len(part) >= LEAST]
            self._hidden.update(form for part in parts for form in (part, repr(part)[1:-1], json.dumps(part)[1:-1]))
            self._hidden.update(json.dumps(part, ensure_ascii=False)[1:-1] for part in parts)

    def clean(self, text: str) -> str:
        """`text` with a mask in place of each value, longest first."""
        for value in sorted(self._hidden, key=len, reverse=True):
            text = text.replace(value, MASK)
        return text

    def cleaned(self, value: Any) -> Any:
        """A JSON document with every text in it cleaned, keys too."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, Mapping):
            return {self.clean(str(key)): self.cleaned(each) for key, each in value.items()}
        return [self.cleaned(each) for each in value] if isinstance(value, list) else value
