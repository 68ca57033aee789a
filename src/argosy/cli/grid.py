"""Grids: lines of aligned columns, made on this side, with colours for what they mean."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from argosy.cli.screen import paint, paint_word, safe

GAP = 3


@dataclass(frozen=True, slots=True)
class Cell:
    """Text in a colour; without one, status words such as Healthy get theirs."""

    text: str
    colour: str = ""

    @property
    def shown(self) -> str:
        """On one line, without what could move the cursor."""
        return safe(self.text.replace("\n", " "))

    def padded(self, width: int) -> str:
        """As wide as its column, coloured."""
        text = self.shown.ljust(width)
        if self.colour:
            return paint(text, self.colour, stream=sys.stdout)
        return paint_word(self.shown, padded=text, stream=sys.stdout)


def grid(header: Sequence[str], rows: Iterable[Sequence[str | Cell]]) -> Iterator[str]:
    """The lines of a grid, the header first; nothing when there are no rows."""
    cells = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
    if not cells:
        return
    widths = _widths(header, cells)
    for row in [[Cell(name.upper()) for name in header], *cells]:
        yield "".join(cell.padded(width + GAP) for cell, width in zip(row, widths, strict=True)).rstrip()


def width(header: Sequence[str], rows: Iterable[Sequence[str | Cell]]) -> int:
    """How wide the lines of a grid are."""
    cells = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
    return sum(_widths(header, cells)) + GAP * (len(header) - 1)


def _widths(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[int]:
    return [max(len(name), *(len(row[place].shown) for row in rows), 0) for place, name in enumerate(header)]
