"""What the expressions at one place in a manifest can name, so that they can be checked before they run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias

# The fields a value is known to have, or None when it may have any (or is no map).
Shape: TypeAlias = "Mapping[str, Shape] | None"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names at one place.

    Attributes:
        variables: every variable, with what is known of its fields.
        functions: the fewest and the most arguments of every function that the place has beside the built-in ones.
    """

    variables: Mapping[str, Shape] = field(default_factory=lambda: MappingProxyType({}))
    functions: Mapping[str, tuple[int, int]] = field(default_factory=lambda: MappingProxyType({}))

    def extended(self, **variables: Shape) -> Vocabulary:
        """The same place with more, or better known, variables."""
        return replace(self, variables={**self.variables, **variables})
