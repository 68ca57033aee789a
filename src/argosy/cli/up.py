"""`argosy up`: run the server in the foreground."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import click

from argosy.api.kubeconfig import write_kubeconfig
from argosy.cli.context import Context, read, write
from argosy.cli.log_line import log_options, log_to_stderr, logged
from argosy.cli.server import run, tell_ready
from argosy.cli.setting import settings_options
from argosy.errors import ArgosyError
from argosy.settings import Settings

if TYPE_CHECKING:
    from argosy.app.serve import Ready
    from argosy.app.system import System

log = logging.getLogger("argosy")


@click.command("up")
@settings_options()
@click.option("--context", default="local", show_default=True, help="Name of the context that is written.")
@log_options
def command(context: str, log_level: str, log_format: str, **given: Any) -> None:
    """Run the server in the foreground until SIGTERM or Ctrl-C.

    Once it serves, it prints one line with `ready` and its URL. It writes a kubeconfig into the data folder and makes
    a context of its own the current one, so that commands of the same user need no login; other users of the machine
    are refused.

    \b
    argosy up
    argosy up --data /var/lib/argosy --listen 0.0.0.0:7443
    """
    log_to_stderr(log_level, log_format)
    with logged(log_format):
        _serve(Settings.of(**given), context)


def _serve(settings: Settings, name: str) -> None:
    def on_ready(ready: Ready, _: System) -> None:
        write_kubeconfig(settings.data / "kubeconfig", ready.url, ready.ca, ready.token)
        _write_context(settings, Context(name=name, server=ready.url, ca=ready.ca.decode(), token=ready.token))
        tell_ready(ready.url)

    run(settings, on_ready)


def _write_context(settings: Settings, context: Context) -> None:
    """Make the context the current one; its Project stays what it was. A file that cannot be used stops no server."""
    try:
        contexts = read(settings.config)
        project = next((each.project for each in contexts.contexts if each.name == context.name), "")
        changed = contexts.with_context(context.model_copy(update={"project": project}))
        write(settings.config, changed.model_copy(update={"current": context.name}))
    except ArgosyError as error:
        log.warning("no context was written: %s", error)
