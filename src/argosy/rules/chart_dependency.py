"""What a Helm chart depends on, and how its lock file changes.

Follows Kargo's `helm-update-chart` (`pkg/helm/dependency_manager.go`): a dependency is found by its exact name and
repository, the first of several; what changed is told from `Chart.lock`, whose versions are those that were fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import yaml

from argosy.errors import Permanent
from argosy.resources.meta import Json
from argosy.rules.edit import Update, decoded
from argosy.rules.yaml_tree import read_events

FILE, LOCK = "Chart.yaml", "Chart.lock"

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True, slots=True)
class Dependency:
    """A chart that another depends on; in `Chart.yaml` the version may be a range, in `Chart.lock` it is one."""

    name: str
    version: str = ""
    repository: str = ""

    @property
    def is_local(self) -> bool:
        """Whether it lies in the same tree, and is packed rather than fetched."""
        return self.repository.startswith("file://")

    @property
    def is_fetched(self) -> bool:
        return self.repository.lower().startswith(("http://", "https://", "oci://"))

    @property
    def archive(self) -> str:
        """The name of its file in `charts`."""
        return f"{self.name}-{self.version}.tgz"


def dependencies(content: bytes, file: str) -> list[Dependency]:
    """The dependencies in the content of `Chart.yaml` or `Chart.lock`. Raises Permanent when it cannot be read."""
    try:
        text, _ = decoded(content, "YAML")
        for _ in read_events(text):  # refuses what is no YAML, or too deep to be loaded
            pass
        document: Json = next(iter(yaml.load_all(text, Loader=_LOADER)), None)
    except Permanent as error:
        raise Permanent(f"{file}: {error.message}", advice=error.advice) from error
    except yaml.YAMLError as error:
        raise Permanent(f"{file} cannot be read: {error}") from error
    listed = document.get("dependencies") if isinstance(document, dict) else None
    if not listed:
        return []
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise Permanent(f"{file}: dependencies are no list of mappings")
    return [Dependency(*(_text(each, key) for key in ("name", "version", "repository"))) for each in listed]


def version_updates(current: list[Dependency], wanted: Iterable[Dependency]) -> list[Update]:
    """The changes of `Chart.yaml` after which it asks for the versions wanted. Raises Permanent: no such dependency."""
    updates = []
    for each in wanted:
        same = (number for number, old in enumerate(current) if _place(old) == _place(each))
        number = next(same, None)
        if number is None:
            listed = ", ".join(f"{old.name} from {old.repository or 'its folder charts'}" for old in current)
            raise Permanent(
                f"{FILE} has no dependency {each.name} from {each.repository}",
                advice=f"Name and repository must be exactly as there. It has {listed or 'no dependencies'}.",
            )
        if current[number].version != each.version:
            updates.append(Update(f"dependencies.{number}.version", each.version))
    return updates


def changes(before: Iterable[Dependency], after: Iterable[Dependency]) -> dict[str, str]:
    """What became of versions, by name: `1.0.0 -> 2.0.0`, a new version, or `removed`."""
    old = {each.name: each.version for each in before}
    told: dict[str, str] = {}
    for each in after:
        known = old.pop(each.name, None)
        if known is None:
            told[each.name] = each.version
        elif known != each.version:
            told[each.name] = f"{known} -> {each.version}"
    return told | dict.fromkeys(old, "removed")


def commit_message(path: str, told: Mapping[str, str]) -> str:
    """The changes, for a commit; empty when there are none."""
    if not told:
        return ""
    lines = [f"- {name}: {change}" for name, change in sorted(told.items())]
    return "\n".join([f"Updated chart dependencies for {path}", "", *lines])


def _place(dependency: Dependency) -> tuple[str, str]:
    return dependency.name, dependency.repository


def _text(fields: Mapping[str, Json], key: str) -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else ""
