"""`argosy schema`: JSON schemas, with which editors complete and check manifests."""

from __future__ import annotations

from pathlib import Path

import click

from argosy.cli.output import as_json, write
from argosy.resources.meta import Json


@click.command("schema")
@click.argument("name", metavar="[KIND|STEP]", required=False, default="")
@click.option("--list", "list_", is_flag=True, help="Print the names of all kinds and steps.")
@click.option(
    "--output-dir",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write all schemas to a folder: all.json, <kind>.json and step-<step>.json.",
)
def command(name: str, list_: bool, output_dir: Path | None) -> None:
    """Print the JSON schema of a kind, of a step's configuration, or of all manifests.

    Without a name, it is one schema for every manifest, which decides by `kind`: what yaml-language-server wants.

    \b
    argosy schema > argosy.schema.json
    argosy schema stage
    argosy schema git-clone
    argosy schema --output-dir .schemas
    """
    if bool(name) + list_ + (output_dir is not None) > 1:
        raise click.UsageError("give one of a name, --list and --output-dir.")
    if list_:
        write("".join(f"{each}\n" for each in _names()))
    elif output_dir is not None:
        output_dir.mkdir(parents=True, exist_ok=True)
        for file, schema in _files().items():
            (output_dir / file).write_text(as_json(schema), encoding="utf-8")
            write(f"{output_dir / file}\n")
    else:
        write(as_json(schema_of(name)))


def schema_of(name: str) -> Json:
    """The schema that a name stands for; of everything for an empty one."""
    from argosy.cli.failure import guess
    from argosy.lint import editor
    from argosy.resources.kinds import KINDS
    from argosy.steps.catalogue import all_steps

    if not name:
        return editor.of_all()
    word = name.lower()
    kind = next((each for each in KINDS.values() if word in (each.singular, each.plural, *each.short)), None)
    if kind is not None:
        return editor.of_kind(kind)
    if word in all_steps():
        return editor.of_step(all_steps()[word])
    raise click.UsageError(guess(f"there is no kind or step {name!r}.", word, _names()))


def _names() -> list[str]:
    from argosy.resources.kinds import KINDS
    from argosy.steps.catalogue import all_steps

    return [*(kind.singular for kind in KINDS.values()), *all_steps()]


def _files() -> dict[str, Json]:
    from argosy.lint import editor
    from argosy.resources.kinds import KINDS
    from argosy.steps.catalogue import all_steps

    kinds = {f"{kind.singular}.json": editor.of_kind(kind) for kind in KINDS.values()}
    steps = {f"step-{name}.json": editor.of_step(step) for name, step in all_steps().items()}
    return {"all.json": editor.of_all(), **kinds, **steps}
