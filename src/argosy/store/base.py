"""The Store contract: the semantics of the Kubernetes API, whatever keeps the documents.

Every backend passes the same contract suite. Admission and authorisation are decorators with this same interface,
so no writer goes around them and nothing above knows which backend it has.

The semantics, where the Kubernetes API documentation defines them, are its own:

- `metadata.resourceVersion` comes from one counter for the whole store: later writes have greater versions.
- `metadata.generation` starts at 1 and grows when anything but metadata and status changes, and when deletion begins.
- Kinds with a status subresource: `create` and `update` ignore `status`, writes with `status=True` change only it.
- A write that changes nothing gives back the document as it was and makes no event.
- `delete` with finalizers present only stamps `deletionTimestamp`; the document goes when the last finalizer does.
- `metadata.managedFields` tell who set which field, as `rules.field_ownership` says; `store.manager` names the writer.
- Deleting an owner deletes what it alone owns (background cascade); deleting a Namespace deletes what is in it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

from argosy.errors import Unavailable
from argosy.resources.meta import Document, Json, Key


class Order(StrEnum):
    """How a list is ordered: by namespace and name, or by age, which is when resources came about (`Kind.moment`)."""

    NAME = "name"
    OLDEST = "oldest"
    NEWEST = "newest"


class Operator(StrEnum):
    """How a label requirement compares (Kubernetes label selector syntax)."""

    IN = "in"
    NOT_IN = "notin"
    EXISTS = "exists"
    MISSING = "!"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on a label. `values` is empty for EXISTS and MISSING; `k!=v` is NOT_IN (absent labels match)."""

    label: str
    operator: Operator
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """What to list or watch.

    Attributes:
        kind: the kind's name, such as `Freight`.
        namespace: only this namespace; None means all.
        labels: all of these must hold.
        fields: path to value, all must be equal; `metadata.name`, `metadata.namespace` and what the kind declares
            as selectable (`Kind.indexes`), else Invalid. `excluded` is the same with "must differ".
        order: of a list; a watch has none. Pages by name all show the state of the first; each page by age shows the
            present one, and what came or went meanwhile moves none of the others to another page.
    """

    kind: str
    namespace: str | None = None
    labels: tuple[Requirement, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    excluded: Mapping[str, str] = field(default_factory=dict)
    order: Order = Order.NAME


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, in the order that the query wants.

    Attributes:
        documents: what was found.
        version: the store's version that the whole list, over all its pages, is consistent with; by age, this page.
        more: the token for the next page; empty on the last.
        remaining: how many documents follow this page, None when not counted.
    """

    documents: Sequence[Document]
    version: int
    more: str = ""
    remaining: int | None = None


class EventType(StrEnum):
    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"
    BOOKMARK = "BOOKMARK"


@dataclass(frozen=True, slots=True)
class Event:
    """One change. A BOOKMARK says only that everything up to `version` was delivered; it has no document."""

    type: EventType
    version: int
    document: Document | None


class PatchType(StrEnum):
    """The patch media types, without `application/` and the suffix."""

    MERGE = "merge-patch+json"  # RFC 7386; body is an object
    JSON = "json-patch+json"  # RFC 6902; body is a list
    STRATEGIC = "strategic-merge-patch+json"  # Kubernetes; for core kinds, else Invalid (the API answers 415)


Propagation = Literal["Background", "Foreground", "Orphan"]


Admit = Callable[[Document | None, dict[str, Json]], Awaitable[dict[str, Json]]]
"""Given what is kept and what is to be kept instead, it answers what shall be, or refuses by raising."""


@dataclass(frozen=True, slots=True)
class Applying:
    """How a document is applied.

    Attributes:
        manager: who applies; the fields of the document become its own.
        force: take fields that other managers own instead of refusing.
        status: apply the status and nothing else.
        dry_run: only tell what would be.
    """

    manager: str
    force: bool = False
    status: bool = False
    dry_run: bool = False


class Unserved(Unavailable):
    """The store cannot serve a kind, because what keeps it has never heard of that."""


class Unreadable(Unavailable):
    """The store may not read there, because what keeps it does not let it."""


class Store(Protocol):
    """Keeps resources. All methods raise `argosy.errors.Unavailable` when the backend cannot serve.

    For a kind that it does not know, though others it may, that is `Unserved`.
    """

    async def get(self, key: Key) -> Document:
        """Raises NotFound."""
        ...

    async def list(self, query: Query, *, limit: int = 0, more: str = "") -> Page:
        """List documents; `limit` 0 means all. Raises Gone when `more` is too old, Invalid for an unknown field."""
        ...

    def watch(self, query: Query, *, since: int | None = None) -> AsyncGenerator[Event, None]:
        """Changes after version `since`; None starts with the present documents as ADDED, then a BOOKMARK.

        A document that stops matching the selectors is delivered as DELETED, one that begins to as ADDED.
        A BOOKMARK follows at least once a minute. Raises Gone when `since` is older than the event log or newer
        than the store. Ends only when closed.
        """
        ...

    async def create(self, document: Mapping[str, Json], *, dry_run: bool = False) -> Document:
        """Create; `metadata.generateName` is honoured. Raises AlreadyExists, Invalid, NotFound (its namespace)."""
        ...

    async def update(self, document: Mapping[str, Json], *, status: bool = False, dry_run: bool = False) -> Document:
        """Replace; compares `metadata.resourceVersion` when present. Raises NotFound, Conflict, Invalid."""
        ...

    async def patch(
        self, key: Key, patch: Json, type: PatchType = PatchType.MERGE, *, status: bool = False, dry_run: bool = False
    ) -> Document:
        """Patch the document; a `metadata.resourceVersion` in it is compared. Raises NotFound, Conflict, Invalid."""
        ...

    async def apply(self, document: Mapping[str, Json], how: Applying, *, admit: Admit | None = None) -> Document:
        """Server-side apply: create the resource, or merge into it what its manager wants, and note whose that is.

        Args:
            document: only what the manager cares for; what it applied before and leaves out now is removed.
            admit: sees what would be kept, its answer is kept. A store that cannot keep another answer only asks it.

        Raises Conflict when others own fields that would change, Invalid, NotFound (its namespace, or for a status it).
        """
        ...

    async def delete(
        self,
        key: Key,
        *,
        uid: str = "",
        version: int = 0,
        propagation: Propagation = "Background",
        dry_run: bool = False,
    ) -> Document:
        """Delete, comparing `uid` and `version` where given. Returns the last state. Raises NotFound, Conflict."""
        ...

    async def version(self) -> int:
        """The newest committed version of the whole store."""
        ...

    async def close(self) -> None:
        """Finish what was accepted, then let go of the backend."""
        ...
