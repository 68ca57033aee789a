"""The reference pages of commands, written from their help: `python tools/command_docs.py` writes them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from argosy.cli import COMMANDS, command

FOLDER = Path(__file__).parent.parent / "docs" / "reference" / "commands"
NOTE = "<!-- Written by tools/command_docs.py from the commands' help; do not edit. -->"


def pages() -> dict[str, str]:
    """Every page by its file name, the index included."""
    index = [NOTE, "# Commands", "", "| Command | |", "| --- | --- |"]
    index += [f"| [`argosy {name}`]({name}.md) | {summary} |" for name, summary in COMMANDS.items()]
    index += ["", str(command.epilog)]
    return {"index.md": "\n".join(index) + "\n", **{f"{name}.md": page(name) for name in COMMANDS}}


def page(name: str) -> str:
    """The page of one command, its subcommands after it."""
    root = click.Context(command, info_name="argosy")
    found = command.get_command(root, name)
    if found is None:
        raise LookupError(name)
    lines = [NOTE, *_sections(found, root, name, level=1)]
    return "\n".join(lines).rstrip() + "\n"


def _sections(found: click.Command, parent: click.Context, name: str, *, level: int) -> Iterator[str]:
    context = click.Context(found, info_name=name, parent=parent)
    yield f"{'#' * level} {context.command_path}"
    yield ""
    yield from _prose(found.help or "")
    yield from ["```", f"{context.command_path} {' '.join(found.collect_usage_pieces(context))}", "```", ""]
    rows = [row for parameter in found.get_params(context) if (row := _row(parameter, context))]
    if rows:
        yield from ["| Option | Meaning |", "| --- | --- |", *rows, ""]
    if isinstance(found, click.Group):
        for inner in found.list_commands(context):
            subcommand = found.get_command(context, inner)
            if subcommand is not None:
                yield from _sections(subcommand, context, inner, level=level + 1)


def _prose(text: str) -> Iterator[str]:
    """Paragraphs of help; those that keep their lines (after a backspace character) are examples."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if paragraph.startswith("\b"):
            yield from ["```", *paragraph.splitlines()[1:], "```", ""]
        else:
            yield from [" ".join(paragraph.split()), ""]


def _row(parameter: click.Parameter, context: click.Context) -> str:
    record = parameter.get_help_record(context)
    if record is None or not record[1] or "--help" in record[0]:
        return ""
    option, meaning = (" ".join(part.split()).replace("|", "\\|") for part in record)
    return f"| `{option}` | {meaning} |"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
