"""Failures, told to a person on stderr, and the exit codes that tell them to programs."""

from __future__ import annotations

import contextlib
import difflib
import os
import sys
from collections.abc import Iterable, Iterator

import click

from argosy.cli.screen import paint, safe
from argosy.errors import ArgosyError, Invalid, Unavailable

FAILED, LATE = 1, 124
MOST_PROBLEMS = 50


class Late(ArgosyError):
    """What was waited for did not happen in the time that --timeout allows."""

    reason = "Timeout"


class Several(ArgosyError):
    """More than one thing went wrong; each is told."""

    def __init__(self, errors: Iterable[ArgosyError]) -> None:
        self.errors = tuple(errors)
        super().__init__(f"{len(self.errors)} errors")


def raise_all(errors: list[ArgosyError]) -> None:
    """Raise what was collected, if anything."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise Several(errors)


@contextlib.contextmanager
def told(ctx: click.Context) -> Iterator[None]:
    """Tell the errors raised within, and leave with their exit code."""
    try:
        yield
    except ArgosyError as error:
        tell(error)
        ctx.exit(LATE if isinstance(error, Late) else FAILED)
    except BrokenPipeError:
        # Whoever read the output has seen enough; nothing more can be written, not even by the interpreter's exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        ctx.exit(FAILED)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        tell(
            Unavailable(f"{where}{error.strerror or error}", advice="Look at that path, its permissions and the disk.")
        )
        ctx.exit(FAILED)
    except KeyboardInterrupt:
        ctx.exit(130)


def tell(error: ArgosyError) -> None:
    """Write an error to stderr: what happened, every problem, what to do."""
    if isinstance(error, Several):
        for each in error.errors:
            tell(each)
        return
    head = paint("error:", "red", stream=sys.stderr)
    click.echo(f"{head} {safe(_sentence(error))}", err=True)
    if caret := getattr(error, "caret", ""):
        click.echo("\n".join(safe(line) for line in caret.splitlines()), err=True)
    problems = error.problems if isinstance(error, Invalid) else ()
    for problem in problems[:MOST_PROBLEMS]:
        click.echo(f"  {safe(str(problem))}", err=True)
    if len(problems) > MOST_PROBLEMS:
        click.echo(f"  and {len(problems) - MOST_PROBLEMS} more", err=True)


def _sentence(error: ArgosyError) -> str:
    return f"{error.message.rstrip('.')}. {error.advice}" if error.advice else error.message


def guess(message: str, word: str, known: Iterable[str]) -> str:
    """A message, with the word that was probably meant."""
    found = difflib.get_close_matches(word, list(known), n=1)
    return f"{message} Did you mean `{found[0]}`?" if found else message
