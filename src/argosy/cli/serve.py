"""`argosy serve`: run the server on a machine, or in a cluster, for others."""

from __future__ import annotations

from typing import Any

import click

from argosy.cli.log_line import log_options, log_to_stderr, logged
from argosy.cli.server import run, tell_ready
from argosy.cli.setting import settings_options
from argosy.settings import Settings


@click.command("serve")
@settings_options(without=frozenset({"config"}))
@log_options
def command(log_level: str, log_format: str, **given: Any) -> None:
    """Run the server for others: as a service of a machine, or in a cluster.

    It serves the API, a cluster's webhooks and probes, and turns the controllers. Unlike `argosy up`, it writes no
    context and no kubeconfig. Of several replicas that keep their resources in one cluster, one holds the Lease and
    turns; the others serve and wait for it.

    On SIGTERM or Ctrl-C it is no longer ready, ends watches, lets the steps that are under way end, and gives back the
    Lease. A second signal ends it at once.

    \b
    argosy serve --data /var/lib/argosy --listen 0.0.0.0:7443
    argosy serve --store kubernetes:// --log-format json --metrics-listen 0.0.0.0:9090
    """
    log_to_stderr(log_level, log_format)
    with logged(log_format):
        run(Settings.of(**given), lambda ready, _: tell_ready(ready.url))
