"""Files of manifests that commands are given: all of them are read, and all their faults told at once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from argosy.errors import Invalid, Problem
from argosy.resources.kinds import KINDS
from argosy.resources.manifest import Limits, Manifest, parse_manifests
from argosy.resources.placing import placed

SUFFIXES = (".yaml", ".yml", ".json")


def options(*, required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds -f and -R to a command, which gets `files` and `recursive`."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        more = click.option("--recursive", "-R", is_flag=True, help="Also files in folders of the folder.")
        file = click.option(
            "--filename",
            "-f",
            "files",
            metavar="PATH",
            multiple=True,
            required=required,
            type=click.Path(),
            help="File or folder of manifests, - for standard input; may be repeated.",
        )
        return file(more(function))

    return decorate


def read_all(files: tuple[str, ...], recursive: bool, project: str, *, check: bool = True) -> list[Manifest]:
    """The manifests of all files; those that say no namespace get `project`.

    Args:
        check: whether to validate each resource; else only kind and name must be told.

    Raises Invalid with every problem of every file.
    """
    manifests: list[Manifest] = []
    problems: list[Problem] = []
    for name, content in contents(files, recursive, problems):
        found, faults = parse_manifests(content, name)
        manifests += [placed(manifest, project) for manifest in found]
        problems += faults
    problems += [
        problem for manifest in manifests for problem in (manifest.problems() if check else _nameless(manifest))
    ]
    problems += [problem for manifest in manifests if _has_metadata(manifest) for problem in _homeless(manifest)]
    if problems:
        count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise Invalid(f"the manifests have {count}; nothing was done", problems)
    if not manifests:
        raise Invalid("there are no resources in what --filename names")
    return manifests


def contents(files: tuple[str, ...], recursive: bool, problems: list[Problem]) -> Iterator[tuple[str, bytes]]:
    """The name and content of every file; what cannot be read becomes a problem."""
    for given in files:
        if given == "-":
            yield "standard input", sys.stdin.buffer.read(Limits().size + 1)
            continue
        for path in _paths(Path(given), recursive, problems):
            yield str(path), _content(path, problems)


def _content(path: Path, problems: list[Problem]) -> bytes:
    """What a file holds, as far as it may be long; nothing, and a problem, when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(Limits().size + 1)
    except OSError as error:
        problems.append(Problem(f"the file cannot be read: {error.strerror}", file=str(path)))
        return b""


def _paths(given: Path, recursive: bool, problems: list[Problem]) -> list[Path]:
    if "://" in str(given) or str(given).startswith(("http:/", "https:/")):
        advice = "Fetch it first: `curl --fail URL | argosy apply -f -`."
        problems.append(Problem("files are not read from URLs", file=str(given), advice=advice))
        return []
    if not given.is_dir():
        return [given]
    inside = given.rglob("*") if recursive else given.glob("*")
    found = sorted(path for path in inside if path.suffix in SUFFIXES and path.is_file())
    if not found:
        advice = "Use -R to look into folders of the folder." if not recursive else ""
        problems.append(Problem("no .yaml, .yml or .json file is in the folder", file=str(given), advice=advice))
    return found


def _homeless(manifest: Manifest) -> Iterator[Problem]:
    kind = KINDS.get(str(manifest.document.get("kind")))
    if kind is not None and kind.namespaced and not manifest.key.namespace:
        advice = "Write `namespace: <project>`, or give --project."
        yield Problem("the namespace is missing", "metadata.namespace", manifest.file, manifest.line, advice)


def _has_metadata(manifest: Manifest) -> bool:
    return isinstance(manifest.document.get("metadata"), dict)


def _nameless(manifest: Manifest) -> Iterator[Problem]:
    if not _has_metadata(manifest):
        yield Problem("the name is missing", "metadata.name", manifest.file, manifest.line)
    elif str(manifest.key.kind) not in KINDS:
        yield Problem(f"unknown kind {manifest.key.kind!r}", "kind", manifest.file, manifest.line)
    elif not manifest.key.name:
        yield Problem("the name is missing", "metadata.name", manifest.file, manifest.line)
