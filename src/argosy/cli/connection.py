"""The connection: which server, token and Project a command means, from flags, environment and contexts."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from argosy.cli.context import Context, Contexts, default_path, read
from argosy.cli.failure import Late
from argosy.cli.renewal import renew
from argosy.clients.kubernetes import Kubernetes
from argosy.clients.kubernetes_connection import Server
from argosy.clock import SystemClock
from argosy.errors import Denied, NotFound

T = TypeVar("T")
Command = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Connection:
    """What a command was told about whom to speak to; nothing is looked up before it is needed.

    Attributes:
        given_project: from --project; empty when the flag is not there.
        environment_project: from ARGOSY_PROJECT.
    """

    server: str = ""
    context: str = ""
    authority: str = ""
    insecure: bool = False
    given_project: str = ""
    environment_project: str = ""

    @property
    def default_project(self) -> str:
        """The Project to speak of, empty when none is named anywhere."""
        named = self.given_project or self.environment_project
        return named or self._context().project

    @property
    def project(self) -> str:
        """The Project to speak of. Raises click.UsageError when none is named; NotFound when no server is, either."""
        found = self.default_project
        if not found:
            self.target()
            raise click.UsageError(
                "no Project is named. Give --project NAME, set ARGOSY_PROJECT, or run `argosy config set-project NAME`."
            )
        return found

    def run(self, work: Callable[[Kubernetes], Awaitable[T]], *, timeout: float | None = None) -> T:
        """Do `work` with a connection. Raises Late after `timeout` seconds; None waits forever."""

        async def connected() -> T:
            await renew(self.used_context())
            async with Kubernetes(self.target(), SystemClock()) as client:
                try:
                    async with asyncio.timeout(timeout):
                        return await work(client)
                except TimeoutError:
                    advice = "It may still happen; `argosy describe` tells how far it is."
                    raise Late(f"it did not happen within {timeout:g} seconds", advice=advice) from None

        return asyncio.run(connected())

    def used_context(self) -> Context | None:
        """The context whose token is sent; None where another token is, or none."""
        context, url = self._context(), self.server or os.environ.get("ARGOSY_SERVER", "")
        is_own = not url or url.rstrip("/") == context.server.rstrip("/")
        return context if is_own and context.token and not os.environ.get("ARGOSY_TOKEN") else None

    def target(self) -> Server:
        """The server with what it takes to speak to it. Raises NotFound when no server is named anywhere.

        A context's token goes to that context's server alone, never to another one that --server names.
        """
        context = self._context()
        url = self.server or os.environ.get("ARGOSY_SERVER", "") or context.server
        if not url:
            raise NotFound(
                "no server is named",
                advice="Start one with `argosy up`, or give --server URL (or ARGOSY_SERVER) and ARGOSY_TOKEN.",
            )
        own = url.rstrip("/") == context.server.rstrip("/")
        return Server(
            url,
            ca=_certificates(self.authority) if self.authority else (context.ca if own else ""),
            token=os.environ.get("ARGOSY_TOKEN", "") or (context.token if own else ""),
            verify=not (self.insecure or (own and context.insecure)),
        )

    def _context(self) -> Context:
        contexts = read(default_path())
        if self.context:
            return contexts.named(self.context)
        named = self.server or os.environ.get("ARGOSY_SERVER", "")
        if named:
            return _of_server(contexts, named)
        return contexts.named(contexts.current) if contexts.current else Context(name="none", server="")


def _of_server(contexts: Contexts, url: str) -> Context:
    """The context of a server that is named by its URL, the current one first; an empty one if there is none."""
    ordered = sorted(contexts.contexts, key=lambda context: context.name != contexts.current)
    same = (context for context in ordered if context.server.rstrip("/") == url.rstrip("/"))
    return next(same, Context(name="none", server=""))


def _certificates(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        told = getattr(error, "strerror", None) or "it is no PEM text"
        raise Denied(f"the certificate authority {path} cannot be read: {told}") from None


_OPTIONS = (
    click.option("--server", metavar="URL", help="Server to speak to, instead of the context's. [env: ARGOSY_SERVER]"),
    click.option("--context", metavar="NAME", help="Context to use, instead of the current one."),
    click.option(
        "--certificate-authority",
        "authority",
        metavar="FILE",
        envvar="ARGOSY_CERTIFICATE_AUTHORITY",
        help="Certificate to trust, as PEM. [env: ARGOSY_CERTIFICATE_AUTHORITY]",
    ),
    click.option("--insecure-skip-tls-verify", "insecure", is_flag=True, help="Accept any certificate. Dangerous."),
)
_PROJECT = click.option(
    "--project",
    "-p",
    "given_project",
    metavar="NAME",
    help="Project to speak of, instead of the context's. [env: ARGOSY_PROJECT]",
)
_NAMES = ("server", "context", "authority", "insecure", "given_project")


def options(*, project: bool = True) -> Callable[[Command], Command]:
    """Adds the options of a connection to a command, which gets them as one argument `connection`."""

    def decorate(function: Command) -> Command:
        @functools.wraps(function)
        def wrapped(*args: Any, **values: Any) -> Any:
            told = {name: values.pop(name, None) for name in _NAMES}
            known = {name: value for name, value in told.items() if value}
            environment = os.environ.get("ARGOSY_PROJECT", "")
            return function(*args, connection=Connection(**known, environment_project=environment), **values)

        for option in reversed((_PROJECT, *_OPTIONS) if project else _OPTIONS):
            wrapped = option(wrapped)
        return wrapped

    return decorate


class Seconds(click.ParamType[Any]):
    """A length of time such as `90s`, `5m` or `1h30m`; a plain number is seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        from argosy.resources.duration import parse_duration

        try:
            text = str(value)
            seconds = parse_duration(f"{text}s" if text.replace(".", "", 1).isdecimal() else text)
        except ValueError:
            seconds = -1.0
        if seconds < 0:
            self.fail(f"{value!r} is no length of time such as 90s, 5m or 1h30m", param, ctx)
        return seconds


def waiting(what: str) -> Callable[[Command], Command]:
    """Adds --timeout to a command that can wait for `what`."""
    return click.option(
        "--timeout", type=Seconds(), metavar="DURATION", help=f"How long to wait for {what}, such as 5m; without end."
    )
