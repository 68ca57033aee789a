"""Lines of the server's log on standard error: as text for people, as JSON for what collects them."""

from __future__ import annotations

import contextlib
import logging
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import click
import orjson

from argosy.errors import ArgosyError
from argosy.resources.meta import Key

log = logging.getLogger("argosy")

LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("text", "json")

_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_SECRETS = re.compile(
    r"""(https?://)[^/\s"']+(@) | (://)[^/\s:@"']*:[^/\s"']*(@)
    | (\b(?:Bearer|Basic)[ ]+)[A-Za-z0-9+/_.~=-]+
    | (\b(?:Authorization:[ ]*token|(?:Private|X-[\w-]+)-Token:)[ ]*)[^\s"',]+
    | ([?&](?:\w*token|password|client_secret|sig|X-Amz-(?:Signature|Security-Token))=)[^&\s"']+""",
    re.IGNORECASE | re.VERBOSE,
)
_HIDDEN = r"\1\3\5\6\7***\2\4"
_MOST = 2**63
"""Numbers from here on are no numbers to everything that reads JSON."""


def log_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --log-level and --log-format."""
    function = click.option(
        "--log-format",
        type=click.Choice(FORMATS),
        default="text",
        envvar="ARGOSY_LOG_FORMAT",
        show_default=True,
        help="How to tell it: as lines of text, or as one JSON object a line. [env: ARGOSY_LOG_FORMAT]",
    )(function)
    return click.option(
        "--log-level",
        type=click.Choice(LEVELS),
        default="info",
        envvar="ARGOSY_LOG_LEVEL",
        show_default=True,
        help="What to tell on standard error. [env: ARGOSY_LOG_LEVEL]",
    )(function)


def log_to_stderr(level: str, form: str) -> None:
    """From now on, Argosy's own log goes to standard error from `level` on; that of libraries only in trouble."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine() if form == "json" else TextLine(_TEXT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("argosy").setLevel(level.upper())


@contextlib.contextmanager
def logged(form: str) -> Iterator[None]:
    """Tell an error that ends the server as a line of the log, where lines are for programs; exits with 1 then."""
    try:
        yield
    except ArgosyError as error:
        if form != "json":
            raise
        log.error("%s", error)
        raise SystemExit(1) from None


class TextLine(logging.Formatter):
    """A line for people. Logins in URLs and headers, which no message should have, are hidden all the same."""

    def format(self, record: logging.LogRecord) -> str:
        return hidden(super().format(record))


class JsonLine(logging.Formatter):
    """One JSON object: `time`, `level`, `logger`, `message`; `kind`, `namespace` and `name` of the resource that the
    message is about; `error` with the trace of what was not expected; and whatever else was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": hidden(record.getMessage()),
            **_subject(record),
            **{name: _told(value) for name, value in vars(record).items() if name not in _KNOWN},
        }
        if record.exc_info:
            line["error"] = hidden(self.formatException(record.exc_info))
        return orjson.dumps(line, default=str).decode()


def _subject(record: logging.LogRecord) -> dict[str, str]:
    """The first resource among what a message tells of."""
    arguments = record.args if isinstance(record.args, tuple) else ()
    for key in arguments:
        if isinstance(key, Key):
            told = {"kind": key.kind, "namespace": key.namespace, "name": key.name}
            return {name: value for name, value in told.items() if value}
    return {}


def _told(value: object) -> object:
    number = isinstance(value, bool | float | None) or (isinstance(value, int) and abs(value) < _MOST)
    return value if number else hidden(str(value))


_KNOWN = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"})


def hidden(text: str) -> str:
    """The text without logins in URLs, and without what headers of authorization carry.

    What is no Unicode, as in names of files, is written with backslashes.
    """
    return _SECRETS.sub(_HIDDEN, text).encode("utf-8", "backslashreplace").decode()
