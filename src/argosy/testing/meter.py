"""A meter that remembers what it was told."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Told:
    """What was told, without the seconds: `what`, and the labels."""

    events: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def took(self, what: str, seconds: float, **labels: str) -> None:
        assert seconds >= 0
        self.events.append((what, labels))

    def of(self, what: str) -> list[dict[str, str]]:
        """The labels of everything of that name."""
        return [labels for name, labels in self.events if name == what]
