"""`argosy lint`: find mistakes in manifests before a server sees them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from argosy.cli import file
from argosy.cli.output import as_json, write
from argosy.cli.screen import paint, safe
from argosy.errors import Problem

if TYPE_CHECKING:
    from argosy.lint.base import Finding
    from argosy.resources.manifest import Manifest

_COLOURS = {"error": "red", "warning": "yellow"}


@click.command("lint")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--output", "-o", type=click.Choice(["text", "json", "sarif"]), default="text", help="Form of the report."
)
@click.option("--project", "-p", default="", help="Namespace of resources that do not say theirs.")
@click.option("--strict", is_flag=True, help="Let warnings fail, too.")
@click.option("--ignore", metavar="RULE", multiple=True, help="Leave out what a rule finds; may be repeated.")
@click.pass_context
def command(
    ctx: click.Context, files: tuple[str, ...], output: str, project: str, strict: bool, ignore: tuple[str, ...]
) -> None:
    """Find mistakes in manifests, without a server.

    FILE is a file of manifests, a folder, which is searched to the bottom, or - for standard input. All files are
    looked at together: give those of a Project at once. What other files may supply is a warning.

    The exit code is 0 when nothing is an error, 1 otherwise. The rules are in the reference.

    \b
    argosy lint pipeline/
    argosy lint stages.yaml tasks.yaml --output sarif > lint.sarif
    """
    from argosy.lint.base import RULES, Severity
    from argosy.lint.check import lint

    for rule in ignore:
        if rule not in RULES:
            raise click.UsageError(f"there is no rule {rule!r}; the rules are {', '.join(RULES)}.")
    manifests, problems = read(files, project)
    found = [each for each in lint(manifests, problems) if each.rule not in ignore]
    if strict:
        found = [replace(each, severity=Severity.ERROR) for each in found]
    write(_report(found, output, len({each.file for each in manifests})))
    ctx.exit(1 if any(each.severity is Severity.ERROR for each in found) else 0)


def read(files: tuple[str, ...], project: str) -> tuple[list[Manifest], list[Problem]]:
    """What the files hold, and what is wrong with them as files."""
    from argosy.resources.manifest import parse_manifests
    from argosy.resources.placing import placed

    manifests: list[Manifest] = []
    problems: list[Problem] = []
    for name, content in file.contents(files, True, problems):
        found, faults = parse_manifests(content, name)
        manifests += [placed(each, project) for each in found]
        problems += faults
    return manifests, problems


def _report(found: Sequence[Finding], output: str, files: int) -> str:
    from argosy.lint import report

    if output == "json":
        return as_json(report.as_json(found))
    if output == "sarif":
        return as_json(report.as_sarif(found))
    return "".join(f"{line}\n" for line in _lines(found, files))


def _lines(found: Sequence[Finding], files: int) -> Iterator[str]:
    for name, group in groupby(found, key=lambda each: each.file):
        yield paint(safe(name or "standard input"), "cyan", stream=sys.stdout)
        for each in group:
            severity = paint(each.severity.value, _COLOURS[each.severity.value], stream=sys.stdout)
            head = f"{each.field}: {each.message}" if each.field else each.message
            told = f"{head}. {each.advice}" if each.advice else head
            yield f"  {each.line or '-':>4}  {severity}  {safe(told)}  [{each.rule}]"
            yield from (f"        {safe(line)}" for line in each.excerpt.splitlines())
        yield ""
    yield _summary(found, files)


def _summary(found: Sequence[Any], files: int) -> str:
    from argosy.lint.base import Severity
    from argosy.lint.report import count

    errors, warnings = count(found, Severity.ERROR), count(found, Severity.WARNING)
    told = ", ".join(
        f"{number} {word}{'s' * (number != 1)}" for number, word in ((errors, "error"), (warnings, "warning"))
    )
    return f"{told} in {files} file{'s' * (files != 1)}"
