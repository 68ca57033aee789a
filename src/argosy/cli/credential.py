"""What credentials hold: the options that say it, and what the server is told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from argosy.cli.scope import pairs

Data = dict[str, Any]
Command = Callable[..., Any]

REPOSITORY, GENERIC = "repo-credentials", "generic-credentials"
"""The two sorts, as the server calls them."""
TYPES = ("git", "helm", "image")
_MOST_BYTES = 1 << 20
_NEEDED = ("repo-url", "username")


def options(function: Command) -> Command:
    """The options that say what credentials hold."""
    for option in reversed(
        (
            click.option("--description", default=None, help="What they are for."),
            click.option("--git", "type_", flag_value="git", help="Of a Git repository."),
            click.option("--helm", "type_", flag_value="helm", help="Of a repository of Helm charts."),
            click.option("--image", "type_", flag_value="image", help="Of a repository of container images."),
            click.option("--repo-url", metavar="URL", default="", help="URL of the repository."),
            click.option("--regex", is_flag=True, help="Take the URL for a regular expression."),
            click.option("--username", metavar="NAME", default="", help="Who logs in."),
            click.option(
                "--password",
                metavar="TEXT",
                default="",
                help="Password or token; asked for on a terminal. Others on this machine may see it here.",
            ),
            click.option("--password-stdin", is_flag=True, help="Read the password from standard input."),
            click.option(
                "--set",
                "data",
                metavar="KEY=VALUE",
                multiple=True,
                callback=pairs,
                help="Another value; may be repeated.",
            ),
            click.option(
                "--set-file",
                "files",
                metavar="KEY=FILE",
                multiple=True,
                callback=pairs,
                help="Another value, which FILE holds; may be repeated.",
            ),
        )
    ):
        function = option(function)
    return function


def sort(values: Mapping[str, Any]) -> str:
    """Which credentials are meant. Raises click.UsageError for what is neither, or both."""
    of_repository, generic = is_repository(values), bool(values["data"] or values["files"])
    if of_repository == generic:
        raise click.UsageError(
            "--set and --set-file are for other credentials than those of repositories."
            if of_repository
            else "say what they hold: --git, --helm or --image with --repo-url and --username; or --set, --set-file."
        )
    return REPOSITORY if of_repository else GENERIC


def is_repository(values: Mapping[str, Any]) -> bool:
    """Whether something is said of credentials of repositories."""
    names = ("type_", "repo_url", "regex", "username", "password", "password_stdin")
    return any(values[name] for name in names)


def described(values: Mapping[str, Any]) -> Data:
    """What they are for, where that is said."""
    return {} if values["description"] is None else {"description": values["description"]}


def repository(values: Mapping[str, Any], *, needed: bool) -> Data:
    """What is said of credentials of a repository. Raises click.UsageError for what is missing, if it is needed."""
    given = {
        "--git, --helm or --image": values["type_"],
        **{f"--{key}": values[key.replace("-", "_")] for key in _NEEDED},
    }
    missing = [name for name, value in given.items() if not value]
    if needed and missing:
        raise click.UsageError(f"missing: {', '.join(missing)}.")
    told = {
        "type": values["type_"],
        "repoUrl": values["repo_url"],
        "repoUrlIsRegex": values["regex"],
        "username": values["username"],
        "password": _password(values, needed=needed),
    }
    return {name: value for name, value in told.items() if value}


def _password(values: Mapping[str, Any], *, needed: bool) -> str:
    """The password, from where it was said to be. Raises click.UsageError when it is needed and nowhere."""
    if values["password"] and values["password_stdin"]:
        raise click.UsageError("use only one of --password and --password-stdin.")
    if values["password_stdin"]:
        return sys.stdin.read(_MOST_BYTES).rstrip("\r\n")
    if values["password"] or not needed:
        return str(values["password"])
    if not sys.stdin.isatty():
        raise click.UsageError("the password is missing: give it by --password-stdin.")
    return str(click.prompt("Password", hide_input=True, err=True))


def data(values: Mapping[str, Any]) -> dict[str, str]:
    """Values by key. Raises OSError for a file that cannot be read, click.UsageError for what is no text."""
    data = dict(values["data"])
    for key, path in values["files"].items():
        try:
            with open(path, encoding="utf-8") as file:
                data[key] = file.read(_MOST_BYTES)
        except UnicodeDecodeError:
            raise click.UsageError(f"{path} holds no text.") from None
    return data
