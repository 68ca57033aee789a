"""What installing a CustomResourceDefinition over another one changes, and what it would lose."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from argosy.resources.meta import Json

Data = dict[str, Any]
Node = Mapping[str, Any]

PRESERVES = "x-kubernetes-preserve-unknown-fields"
_WHOLE = re.compile(r"^\(([^()]*(?:\([^()]*\)[^()]*)*)\)$")
_RESTRICTIONS = (
    "default",
    "enum",
    "format",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "pattern",
    "required",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference that the cluster would notice.

    Attributes:
        text: what changes, such as `field .spec.shard appears`.
        loses: whether values that are kept now could not be kept any more.
    """

    text: str
    loses: bool = False


def changes(old: Node | None, new: Node) -> list[Change]:
    """What putting the definition `new` in the place of `old` changes, in the order of the schema.

    Args:
        old: the definition that the cluster has; None when it has none.
        new: the definition to install. Both are whole `apiextensions.k8s.io/v1` documents.
    """
    if old is None:
        return [Change("is not installed yet")]
    return [*_names(old["spec"], new["spec"]), *_versions(old["spec"], new["spec"])]


def keeping(old: Node | None, new: Node) -> Data:
    """A copy of `new` with the versions and fields that only `old` has, so that nothing that is kept gets lost."""
    whole: Data = copy.deepcopy(dict(new))
    if old is None:
        return whole
    ours = {version["name"]: version for version in whole["spec"]["versions"]}
    for version in old["spec"]["versions"]:
        mine = ours.get(version["name"])
        if mine is None:
            whole["spec"]["versions"].append({**copy.deepcopy(version), "storage": False})
        else:
            _keep(_schema(version), _schema(mine))
    return whole


def _keep(old: Node, new: Data) -> None:
    for name, inner in (old.get("properties") or {}).items():
        mine = new.get("properties") or {}
        if name in mine:
            _keep(inner, mine[name])
        elif not new.get(PRESERVES):
            new["properties"] = {**mine, name: copy.deepcopy(inner)}
    for below in ("items", "additionalProperties"):
        if isinstance(old.get(below), Mapping) and isinstance(new.get(below), dict):
            _keep(old[below], new[below])


def _names(old: Node, new: Node) -> Iterator[Change]:
    if old["scope"] != new["scope"]:
        yield Change(f"scope becomes {new['scope']}, which the API server refuses", loses=True)
    before, after = (set(spec["names"].get("shortNames") or ()) for spec in (old, new))
    yield from (Change(f"short name {name} disappears") for name in sorted(before - after))
    yield from (Change(f"short name {name} appears") for name in sorted(after - before))


def _versions(old: Node, new: Node) -> Iterator[Change]:
    before, after = ({version["name"]: version for version in spec["versions"]} for spec in (old, new))
    for name, version in before.items():
        if name not in after:
            yield Change(f"version {name} disappears", loses=True)
        else:
            yield from _version(version, after[name])
    yield from (Change(f"version {name} appears") for name in after if name not in before)


def _version(old: Node, new: Node) -> Iterator[Change]:
    had, has = ("status" in (version.get("subresources") or {}) for version in (old, new))
    if had != has:
        yield Change(f"status subresource {'appears' if has else 'disappears'}", loses=had)
    for what, key in (("column", "additionalPrinterColumns"), ("selectable field", "selectableFields")):
        before, after = (_listed(version.get(key) or ()) for version in (old, new))
        yield from (Change(f"{what} {name} disappears") for name in before if name not in after)
        yield from (Change(f"{what} {name} appears") for name in after if name not in before)
        yield from (Change(f"{what} {name} changes") for name in after if before.get(name, after[name]) != after[name])
    quiet = _Quiet()
    yield from _node(_schema(old), _schema(new), "", quiet)
    if quiet.wider:
        yield Change(f"restrictions of {_fields(len(quiet.wider))} let in more")
    if quiet.described:
        yield Change(f"descriptions of {_fields(len(quiet.described))} change")


@dataclass(frozen=True, slots=True)
class _Quiet:
    """Fields whose changes are counted, not told one by one."""

    described: list[str] = field(default_factory=list)
    wider: set[str] = field(default_factory=set)


def _listed(entries: Any) -> dict[str, Json]:
    """Entries by name, or by path; without their descriptions."""
    return {
        entry.get("name") or entry["jsonPath"]: {key: entry[key] for key in entry if key != "description"}
        for entry in entries
    }


def _schema(version: Node) -> Data:
    found: Data = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    return found


def _node(old: Node, new: Node, path: str, quiet: _Quiet) -> Iterator[Change]:
    if old.get("description") != new.get("description"):
        quiet.described.append(path)
    yield from _own(old, new, path or ".", quiet)
    before, after = old.get("properties") or {}, new.get("properties") or {}
    for name, inner in before.items():
        if name in after:
            yield from _node(inner, after[name], f"{path}.{name}", quiet)
        elif not new.get(PRESERVES):
            yield Change(f"field {path}.{name} disappears", loses=True)
    for name in (name for name in after if name not in before):
        if not old.get(PRESERVES):
            yield Change(f"field {path}.{name} appears")
        elif _prunes(after[name]):
            yield Change(f"{path}.{name} no longer keeps fields that its schema does not name", loses=True)
    for below, mark in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(old.get(below), Mapping) and isinstance(new.get(below), Mapping):
            yield from _node(old[below], new[below], path + mark, quiet)


def _own(old: Node, new: Node, path: str, quiet: _Quiet) -> Iterator[Change]:
    """What changes about one field itself."""
    if old.get("type") != new.get("type") and not (new.get(PRESERVES) and "type" not in new):
        told = f"type of {path} becomes {new.get('type')}, instead of {old.get('type') or 'any'}"
        yield Change(told, loses="type" in old)
    if old.get(PRESERVES) and not new.get(PRESERVES):
        yield Change(f"{path} no longer keeps fields that its schema does not name", loses=True)
    for name in _RESTRICTIONS:
        before, after = _told(old, name), _told(new, name)
        if before == after:
            continue
        if _is_wider(name, before, after):
            quiet.wider.add(path)
        else:
            yield Change(f"{name} of {path} becomes {_shown(after)}, instead of {_shown(before)}")
    rules, had = _rules(new), _rules(old)
    yield from (Change(f"rule `{rule}` of {path} appears") for rule in rules if rule not in had)
    if any(rule not in rules for rule in had):
        quiet.wider.add(path)


def _told(node: Node, name: str) -> Json:
    """A restriction; sorted where the order says nothing, None where it is not there."""
    value = node.get(name)
    return (sorted(value) or None) if isinstance(value, list) else value


def _is_wider(name: str, before: Json, after: Json) -> bool:
    """Whether a restriction lets in all that it let in before."""
    if name == "default":
        return False
    if after is None:
        return True
    if before is None:
        return False
    if name in ("enum", "required"):
        small, large = (before, after) if name == "enum" else (after, before)
        return set(small) <= set(large)
    if name.startswith(("min", "max")):
        return bool(after < before if name.startswith("min") else after > before)
    return (before, after) == ("int32", "int64")


def _rules(node: Node) -> list[str]:
    """The CEL rules of a field; parentheses around a whole rule say nothing."""
    return [_WHOLE.sub(r"\1", rule["rule"]) for rule in node.get("x-kubernetes-validations") or ()]


def _fields(number: int) -> str:
    return f"{number} field{'s' * (number != 1)}"


def _prunes(node: Node) -> bool:
    """Whether fields that a schema does not name are dropped somewhere in it."""
    if node.get("type") == "object" and "properties" in node and not node.get(PRESERVES):
        return True
    inner = [*(node.get("properties") or {}).values(), node.get("items"), node.get("additionalProperties")]
    return any(_prunes(each) for each in inner if isinstance(each, Mapping))


def _shown(value: Json) -> str:
    if value is None:
        return "none"
    return ", ".join(map(str, value)) if isinstance(value, list) else repr(value)
