"""Keeps secret values that a promotion has read out of its log, its messages and its warnings."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "******"
LEAST_ENCODED = 6  # characters of Base64
LEAST = 4  # characters; shorter values would blot out half of every text and protect nothing

_URL_SAFE = str.maketrans("+/", "-_")


@dataclass(slots=True)
class Redactor:
    """The values to hide, and their lines, for a message may quote one line of a key; in every form they are sent in.

    Those are: escaped as Python or JSON do, and as JSON for web pages has `&`, `<` and `>`; as part of a URL; and in
    Base64, also where other text stands before or after it, as in `user:password`.
    """

    _hidden: set[str] = field(default_factory=set)

    def hide(self, values: Iterable[str]) -> None:
        for value in values:
            parts = {part for part in (value, value.strip(), *value.splitlines()) if len(part) >= LEAST}
            self._hidden.update(form for part in parts for form in _forms(part))

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


def _forms(value: str) -> Iterator[str]:
    for text in (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]):
        yield text
        yield text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    yield from (value, repr(value)[1:-1], quote(value, safe=""), quote(value), quote_plus(value))
    content = value.encode("utf-8", "surrogateescape")
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + content).rstrip(b"=").decode()
        # What stands beside it decides on the first and the last character.
        first, rest = (0, 2, 3)[shift], (shift + len(content)) % 3
        inner = encoded[first : len(encoded) - (rest != 0)]
        if len(inner) >= LEAST_ENCODED:
            yield inner
            yield inner.translate(_URL_SAFE)
