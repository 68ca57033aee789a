"""The table that is printed: each figure with its baseline from the same run, and how many times better it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEADS = ("figure", "Argosy", "baseline", "ratio", "aim")


@dataclass(frozen=True, slots=True)
class Row:
    """One line.

    Attributes:
        figure: what was measured.
        value: what it came to.
        baseline: the same work done otherwise, and what that came to; empty when there is no other way.
        ratio: baseline by value; None without a baseline.
        aim: what it is to stay under, if anything.
    """

    figure: str
    value: str
    baseline: str = ""
    ratio: float | None = None
    aim: str = ""

    def cells(self) -> tuple[str, ...]:
        return self.figure, self.value, self.baseline, _times(self.ratio), self.aim


def _times(ratio: float | None) -> str:
    if ratio is None:
        return ""
    return f"{ratio:.0f}x" if ratio >= 100 else f"{ratio:.1f}x" if ratio >= 1 else f"{ratio:.2f}x"


def compared(figure: str, seconds: float, against: tuple[str, float], *, aim: str = "", more: str = "") -> Row:
    """A row of a duration in seconds against the duration of a baseline."""
    what, baseline = against
    return Row(figure, f"{spell(seconds)}{more}", f"{what}: {spell(baseline)}", baseline / seconds, aim)


def spell(seconds: float) -> str:
    """A duration as people read it."""
    if seconds < 0.001:
        return f"{seconds * 1e6:.1f} µs" if seconds < 0.0001 else f"{seconds * 1e6:.0f} µs"
    if seconds < 0.1:
        return f"{seconds * 1000:.1f} ms"
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"


def size_of(count: int) -> str:
    """A number of bytes as people read it."""
    return f"{count / 2**20:.0f} MiB"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that at least `share` of them (0 to 1) do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def render(machine: Iterable[tuple[str, str]], rows: Iterable[Row]) -> str:
    """The machine, then the rows, as Markdown that is read well as it is."""
    lines = [HEADS, *(row.cells() for row in rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(HEADS))]
    drawn = [_line(cells, widths) for cells in lines]
    rule = f"|{'|'.join('-' * (width + 2) for width in widths)}|"
    told = [f"- {name}: {value}" for name, value in machine]
    return "\n".join([*told, "", drawn[0], rule, *drawn[1:]])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"
