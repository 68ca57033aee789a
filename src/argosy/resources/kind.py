"""What there is to say about a kind of resource, besides its model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from argosy.resources.meta import Json, Resource
from argosy.resources.moment import created


@dataclass(frozen=True, slots=True)
class Column:
    """A printer column.

    Attributes:
        name: its head.
        path: a Kubernetes JSONPath such as `.status.phase`.
        type: as in OpenAPI, or `date`, of which the age is shown.
        priority: 1 shows with `-o wide` only.
        description: for people.
        form: what is shown instead of the value: `count`, how many entries it has; `reference` or `lower-reference`,
            kind and name of the object that it names. For the kinds of Kubernetes only: definitions have no such thing.
    """

    name: str
    path: str
    type: str = "string"
    priority: int = 0
    description: str = ""
    form: Literal["", "count", "reference", "lower-reference"] = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of resource.

    Attributes:
        name: such as `Stage`.
        group: API group, empty for the core group.
        version: such as `v1alpha1`.
        plural: lower-case plural, as in URLs; `singular` is the lower-case name.
        model: the one definition.
        namespaced: False for cluster-scoped kinds.
        short: short names for kubectl.
        columns: printer columns besides NAME, which comes first unless one of them is called so.
        status: whether it has the status subresource.
        indexes: field selector path to JSON path (as a tuple of keys) in the document; kept in indexed columns.
        moment: when a resource came about; lists by age are ordered by it.
        strategic: whether strategic merge patch is served, as it is for the kinds that are part of Kubernetes.
    """

    name: str
    group: str
    version: str
    plural: str
    model: type[Resource]
    namespaced: bool = True
    short: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    status: bool = True
    indexes: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    moment: Callable[[Mapping[str, Json]], str] = created
    strategic: bool = False

    @property
    def singular(self) -> str:
        return self.name.lower()

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def is_custom(self) -> bool:
        """Whether a cluster needs a CustomResourceDefinition to serve it: it is no part of Kubernetes."""
        return not self.strategic
