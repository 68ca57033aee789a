"""All that lint looks for, in one place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from argosy.errors import Problem
from argosy.lint import pipeline, project_config, replication, stage, warehouse
from argosy.lint.base import Finding, Manifests, Place, Severity, is_addressed
from argosy.resources.manifest import Manifest


def lint(manifests: Iterable[Manifest], problems: Iterable[Problem] = ()) -> list[Finding]:
    """Every finding, each once, in the order of files and lines.

    Args:
        manifests: what the files hold; namespaces filled in where they are known.
        problems: what went wrong in reading them.
    """
    listed = list(manifests)
    given = Manifests(tuple(filter(is_addressed, listed)))
    found = [_of(problem) for problem in problems]
    found += (_of(problem) for manifest in listed for problem in given.problems(manifest))
    found += _duplicates(given)
    for room in (stage, pipeline, warehouse, project_config, replication):
        found += room.findings(given)
    return sorted(dict.fromkeys(found), key=lambda each: (each.file, each.line, each.field))


def _of(problem: Problem) -> Finding:
    return Finding(
        Severity.ERROR, "manifest", problem.message, problem.file, problem.line, problem.field, problem.advice
    )


def _duplicates(manifests: Manifests) -> Iterator[Finding]:
    first: dict[object, Manifest] = {}
    for manifest in manifests.all:
        key = manifest.key
        other = first.setdefault(key, manifest)
        if other is not manifest and key.name:
            message = f"{key.kind} {key.name!r} is written before, in {other.file}:{other.line}"
            yield (Place(manifest) / "metadata" / "name").error("duplicate", message, "Keep one of the two.")
