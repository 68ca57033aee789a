"""Artifacts that expressions ask for: does a Warehouse of the Stage subscribe to them?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from argosy.expressions import Misnomer, path_of, walk
from argosy.expressions.syntax import Call, Literal, Node
from argosy.lint.base import Finding, Manifests, Place
from argosy.lint.expression import excerpt, written
from argosy.lint.known import Knowledge
from argosy.rules.git_url import normalize as normalize_git

_NORMALIZE: Mapping[str, Callable[[str], str]] = {"commitFrom": normalize_git}
_KINDS = {"commitFrom": "git", "imageFrom": "image", "chartFrom": "chart"}


@dataclass(frozen=True)
class Subscriptions:
    """Repositories of the Warehouses that a Stage requests, by function; empty when one of them is not known."""

    urls: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, manifests: Manifests, stage: Place) -> Subscriptions:
        found: dict[str, frozenset[str]] = dict.fromkeys(_KINDS, frozenset())
        for request in (stage / "spec" / "requestedFreight").items():
            name = (request / "origin" / "name").value
            warehouse = manifests.get("Warehouse", stage.manifest.key.namespace, str(name))
            if warehouse is None:
                return cls()
            found = {function: urls | _urls(warehouse, function) for function, urls in found.items()}
        return cls(found)

    def findings(self, place: Place, known: Knowledge) -> Iterator[Finding]:
        """About the expressions of one step."""
        if not self.urls:
            return
        for here, expression in written(place):
            for node in walk(expression.body):
                url = _url(node, known) if isinstance(node, Call) and node.name in self.urls else None
                if url is not None and _NORMALIZE.get(node.name, str)(url) not in self.urls[node.name]:  # type: ignore[attr-defined]  # a call
                    message = f"no Warehouse that the Stage requests subscribes to {url}"
                    advice = "Write the URL as the subscription does."
                    shown = excerpt(expression, Misnomer(node.at, (), message, advice))
                    yield here.warning("unknown-artifact", message, advice, shown)


def _urls(warehouse: Place, function: str) -> frozenset[str]:
    """The repositories that a Warehouse subscribes to, as `function` compares them."""
    urls = ((each / _KINDS[function] / "repoURL").value for each in (warehouse / "spec" / "subscriptions").items())
    return frozenset(_NORMALIZE.get(function, str)(url) for url in urls if isinstance(url, str))


def _url(node: Call, known: Knowledge) -> str | None:
    """The first argument, when it is known."""
    first: Node | None = node.arguments[0] if node.arguments else None
    if isinstance(first, Literal):
        return first.value if isinstance(first.value, str) else None
    path = path_of(first) if first is not None else ()
    value = known.variables.get(path[1]) if len(path) == 2 and path[0] == "vars" else None
    return value if isinstance(value, str) else None
