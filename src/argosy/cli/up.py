"""`argosy up`: run the server in the foreground."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Callable
from typing import Any

import click
from pydantic.fields import FieldInfo

from argosy.cli.context import Context, read, write
from argosy.errors import ArgosyError
from argosy.settings import PREFIX, Settings

log = logging.getLogger("argosy")

_LEVELS = ("debug", "info", "warning", "error")


def _settings(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds an option for each setting, as the settings describe themselves."""
    for name, field in reversed(Settings.model_fields.items()):
        function = _option(name, field)(function)
    return function


def _option(name: str, field: FieldInfo) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    flag, told = f"--{name.replace('_', '-')}", f"{field.description} [env: {PREFIX}{name.upper()}]"
    if field.annotation is bool:
        return click.option(f"{flag}/--no-{flag[2:]}", name, default=None, help=told)
    return click.option(flag, name, metavar=_METAVARS.get(name, "VALUE"), help=told)


_METAVARS = {"data": "DIR", "listen": "HOST:PORT", "store": "URL", "key_file": "FILE", "config": "FILE"}


@click.command("up")
@_settings
@click.option("--context", default="local", show_default=True, help="Name of the context that is written.")
@click.option(
    "--log-level", type=click.Choice(_LEVELS), default="info", show_default=True, help="What to tell on standard error."
)
def command(context: str, log_level: str, **given: Any) -> None:
    """Run the server in the foreground until SIGTERM or Ctrl-C.

    Once it serves, it prints one line with `ready` and its URL. It writes a kubeconfig into the data folder and makes
    a context of its own the current one, so that commands of the same user need no login; other users of the machine
    are refused.

    \b
    argosy up
    argosy up --data /var/lib/argosy --listen 0.0.0.0:7443
    """
    settings = Settings.of(**given)
    _log_to_stderr(log_level)
    asyncio.run(_serve(settings, context))


async def _serve(settings: Settings, name: str) -> None:
    from argosy.app.serve import Ready, serve
    from argosy.app.system import System
    from argosy.clock import SystemClock

    # What the imports made stays for good: looked through again and again, it would stall the event loop each time.
    gc.collect()
    gc.freeze()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def on_ready(ready: Ready, _: System) -> None:
        _write_context(settings, Context(name=name, server=ready.url, ca=ready.ca.decode(), token=ready.token))
        click.echo(f"argosy is ready at {ready.url}")
        sys.stdout.flush()

    await serve(settings, SystemClock(), on_ready, stop)


def _write_context(settings: Settings, context: Context) -> None:
    """Make the context the current one; its Project stays what it was. A file that cannot be used stops no server."""
    try:
        contexts = read(settings.config)
        project = next((each.project for each in contexts.contexts if each.name == context.name), "")
        changed = contexts.with_context(context.model_copy(update={"project": project}))
        write(settings.config, changed.model_copy(update={"current": context.name}))
    except ArgosyError as error:
        log.warning("no context was written: %s", error)


def _log_to_stderr(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    log.setLevel(level.upper())
