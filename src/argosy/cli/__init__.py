"""Asks: the command line. A command is the file of its name: `argosy approve` is `approve.py`, its object `command`.

Files that are no command serve several of them. Nothing heavy is imported here: a command imports what it needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import click

COMMANDS: Mapping[str, str] = {
    "up": "Run the server in the foreground",
    "serve": "Run the server for others, on a machine or in a cluster",
    "login": "Be known to a server, by a browser, a password or a token",
    "logout": "Forget a login",
    "apply": "Create or change resources as files say",
    "get": "List resources",
    "describe": "Tell what matters about resources",
    "explain": "Tell why a Stage runs what it runs, or why Freight is not elsewhere",
    "matrix": "Show which version of everything runs where",
    "diff": "Compare what two Stages use",
    "history": "List the Freight that a Stage has used",
    "open": "Open the web page of a resource",
    "create": "Create a Project, or Freight by hand",
    "update": "Change an alias, a ConfigMap or credentials",
    "credentials": "Manage credentials of repositories, and other secrets",
    "role": "Manage roles: who may do what in a Project",
    "grant": "Give a role to people, or let it allow more",
    "revoke": "Take a role from people, or let it allow less",
    "token": "Manage API tokens, by which programs act as a role",
    "delete": "Delete resources",
    "plan": "Show what a promotion would do, and change nothing",
    "promote": "Promote Freight to a Stage",
    "rollback": "Bring a Stage back to what it used before",
    "approve": "Approve Freight for a Stage by hand",
    "refresh": "Make the server look at a resource now",
    "verify": "Verify what a Stage uses once more",
    "abort": "Abort a Promotion",
    "logs": "Print the log of a Promotion",
    "events": "List what happened in a Project",
    "export": "Write everything that a store holds to a file",
    "import": "Put what was exported into another store",
    "lint": "Find mistakes in manifests, without a server",
    "expr": "Evaluate an expression",
    "schema": "Print JSON schemas for editors",
    "crds": "Print the definitions of the kinds for a cluster, or install them there",
    "config": "Choose the server and the Project that commands speak to",
    "completion": "Print the completion script for a shell",
    "demo": "Show Argosy at work: a whole pipeline on this machine",
    "version": "Print the versions of client and server",
}
"""Every command and its summary, in the order of `argosy --help`."""


class Commands(click.Group):
    """The group of all commands: each is imported only when it runs, and errors are told in one place."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"argosy.cli.{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from argosy.cli.failure import guess

            raise click.UsageError(guess(error.message, args[0], COMMANDS), ctx) from None

    def invoke(self, ctx: click.Context) -> object:
        from argosy.cli.failure import told

        with told(ctx):
            return super().invoke(ctx)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 it happened, 1 it did not, 2 the command was not understood, 124 it took longer than "
    "--timeout allows, 130 interrupted.",
)
def command() -> None:
    """Continuous promotion for GitOps: from a pushed artifact to a commit for every stage."""


def main() -> None:
    """The program `argosy`."""
    command(prog_name="argosy")
