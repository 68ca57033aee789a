"""Progress: the steps of promotions as they happen; drawn where a person watches, as plain lines elsewhere."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncGenerator, Iterator, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol

import click
from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from argosy.api.column import duration
from argosy.cli.screen import has_colours, is_terminal, paint_word, safe
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.selection import Selection
from argosy.clock import SystemClock
from argosy.resources.promotion import Promotion, PromotionStatus, StepExecutionMetadata

_STYLES = {"Succeeded": "green", "Skipped": "dim", "Failed": "red", "Errored": "red", "Aborted": "yellow"}
_MARKS = {"Succeeded": "✓", "Skipped": "-", "Failed": "✗", "Errored": "✗", "Aborted": "!"}


class Progress(Protocol):
    """Shows promotions as they are, again and again; a context that tidies up at its end."""

    def __enter__(self) -> Progress: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def show(self, promotion: Promotion) -> None:
        """Show what is new."""
        ...


def progress() -> Progress:
    """The way that suits standard error."""
    return Drawing() if is_terminal(sys.stderr) else Lines()


async def until_ended(client: Kubernetes, selection: Selection, shown: Progress) -> Promotion:
    """The Promotion once it has ended, its progress shown until then. Raises NotFound when it is deleted."""
    states: AsyncGenerator[dict[str, Any]] = client.states(selection)
    async with contextlib.aclosing(states):
        async for document in states:
            promotion = Promotion.model_validate(document)
            shown.show(promotion)
            if promotion.status.is_terminal:
                return promotion
    raise AssertionError("states end only with an error")


def steps(promotion: Promotion) -> Iterator[tuple[str, str, StepExecutionMetadata | None]]:
    """Alias, kind and state of each step; None for those that were not reached."""
    done = promotion.status.step_execution_metadata
    for index, step in enumerate(promotion.spec.steps):
        yield step.alias(index), step.uses, done[index] if index < len(done) else None


def took(started: datetime | None, finished: datetime | None) -> str:
    """How long something took, or has taken up to now; empty before it began."""
    if started is None:
        return ""
    return duration(((finished or SystemClock().now()) - started).total_seconds())


class Lines:
    """One line for each step that has ended, one for the end of the Promotion: a log says nothing twice."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str]] = set()

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def show(self, promotion: Promotion) -> None:
        for alias, uses, state in steps(promotion):
            if state is not None and state.status not in ("", "Running"):
                self._tell(promotion, f"{alias} ({uses})", state.status, state)
        if promotion.status.is_terminal:
            self._tell(promotion, "", promotion.status.phase, promotion.status)

    def _tell(self, promotion: Promotion, step: str, word: str, state: StepExecutionMetadata | PromotionStatus) -> None:
        if (promotion.name, step) in self._told:
            return
        self._told.add((promotion.name, step))
        place = f"{promotion.spec.stage}: {step}: " if step else f"{promotion.spec.stage}: "
        time = took(state.started_at, state.finished_at)
        told = (f" ({time})" if time else "") + (f": {state.message}" if state.message else "")
        click.echo(f"{safe(place)}{paint_word(word, stream=sys.stderr)}{safe(told)}", err=True)


class Drawing:
    """All steps at once, drawn again when something happens."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, no_color=not has_colours(sys.stderr), highlight=False)
        self._live = Live(console=self._console, refresh_per_second=8)
        self._promotions: dict[str, Promotion] = {}

    def __enter__(self) -> Drawing:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.update(draw(self._promotions))
        self._live.stop()

    def show(self, promotion: Promotion) -> None:
        self._promotions[promotion.name] = promotion
        self._live.update(draw(self._promotions))


def draw(promotions: Mapping[str, Promotion]) -> Table:
    """The promotions with their steps, each with mark, time and what it says."""
    grid = Table.grid(padding=(0, 1))
    for promotion in promotions.values():
        status = promotion.status
        head = Text(safe(f"{promotion.spec.stage} ← {promotion.spec.freight[:7]}"), style="bold")
        phase = status.phase or "Pending"
        grid.add_row(
            _mark(phase), head, Text(phase, style=_STYLES.get(phase, "")), took(status.started_at, status.finished_at)
        )
        for alias, uses, state in steps(promotion):
            reached = state.status if state else ""
            name = Text(f"  {safe(alias)} {safe(uses)}", style="" if reached else "dim")
            message = safe(state.message.partition("\n")[0]) if state and reached not in ("", "Succeeded") else ""
            time = took(state.started_at, state.finished_at) if state else ""
            grid.add_row(_mark(reached), name, Text(message, style=_STYLES.get(reached, "")), time)
    return grid


def _mark(status: str) -> Text | Spinner:
    if status == "Running":
        return Spinner("dots")
    return Text(_MARKS.get(status, " "), style=_STYLES.get(status, ""))
