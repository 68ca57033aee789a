"""A sheet: labelled lines, sections and little tables, as `describe` prints them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from argosy.api.column import duration
from argosy.cli.screen import paint_word, safe
from argosy.resources.meta import Condition

_INDENT = "  "
_GAP = 2


class Sheet:
    """Collects lines; `text` is the whole. Everything that comes from resources is made safe for terminals.

    Args:
        now: for ages.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._lines: list[tuple[int, str, str]] = []
        self._depth = 0

    def field(self, label: str, value: object) -> None:
        """One line `Label:  value`; nothing for None and empty text."""
        if value is None or value == "":
            return
        self._lines.append((self._depth, f"{label}:", safe(str(value).replace("\n", " "))))

    def section(self, title: str) -> Sheet:
        """A title, under which lines are indented while the block lasts."""
        self._lines.append((self._depth, f"{title}:", ""))
        return self

    def __enter__(self) -> Sheet:
        self._depth += 1
        return self

    def __exit__(self, *_: object) -> None:
        self._depth -= 1

    def line(self, text: str) -> None:
        """One line as it is."""
        self._lines.append((self._depth, "", safe(text)))

    def rows(self, title: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A section with a table; nothing when there are no rows."""
        cells = [[safe(str(cell).replace("\n", " ")) for cell in row] for row in rows]
        if not cells:
            return
        with self.section(title):
            widths = [max(len(row[place]) for row in [list(header), *cells]) for place in range(len(header))]
            for row in [list(header), *cells]:
                padded = [cell.ljust(width + _GAP) for cell, width in zip(row[:-1], widths, strict=False)]
                shown = [paint_word(cell, padded=text) for cell, text in zip(row, [*padded, row[-1]], strict=True)]
                self._lines.append((self._depth, "", "".join(shown).rstrip()))

    def conditions(self, conditions: Iterable[Condition]) -> None:
        """The conditions of a status."""
        header = ("Type", "Status", "Reason", "Message")
        self.rows("Conditions", header, ([each.type, each.status, each.reason, each.message] for each in conditions))

    def ago(self, moment: datetime | None) -> str:
        """A time with how long ago it was; empty when there is none."""
        if moment is None:
            return ""
        return f"{moment:%Y-%m-%d %H:%M:%SZ} ({duration((self.now - moment).total_seconds())} ago)"

    @property
    def text(self) -> str:
        widths: dict[int, int] = {}
        for depth, label, value in self._lines:
            if label and value:
                widths[depth] = max(widths.get(depth, 0), len(label))
        lines = []
        for depth, label, value in self._lines:
            padded = label.ljust(widths.get(depth, 0) + _GAP) if label and value else label
            lines.append(f"{_INDENT * depth}{padded}{paint_word(value)}".rstrip())
        return "\n".join(lines) + "\n"
