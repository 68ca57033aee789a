"""Moves everything from one store to another, through one file: JSON Lines, one document a line.

The first line says what the file is, the last how many documents it holds, so that a file that was cut off is noticed.
Documents are written as they were kept, statuses included, past admission: they were admitted once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, BinaryIO

import orjson

from argosy.errors import AlreadyExists, Invalid, NotFound
from argosy.resources.kind import Kind
from argosy.resources.kinds import ARGO, KARGO
from argosy.resources.meta import Document, Json, Key
from argosy.rules.document import created
from argosy.rules.transfer import belongs, is_ours, order, prepared
from argosy.store.base import Query, Store, Unserved

FORMAT = "argosy-export"
VERSION = 1
_PAGE = 500
_SHOWN = 5
_SOME_TIME = datetime(1970, 1, 1, tzinfo=UTC)

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """What to export.

    Attributes:
        projects: names of Projects; all when empty.
        namespaces: besides those of Projects, these; left out when Projects are named.
        secrets: whether Secrets go along, in clear.
    """

    projects: Sequence[str] = ()
    namespaces: Sequence[str] = ()
    secrets: bool = True

    @property
    def whole(self) -> bool:
        return not self.projects


async def export(store: Store, kinds: Mapping[str, Kind], scope: Scope) -> AsyncIterator[bytes]:
    """The lines of an export, each with its line end.

    Each kind is listed at one moment, one kind after another: let nothing change meanwhile, or stop the server.

    Raises NotFound for a Project that is not there, and what listing raises.
    """
    yield _line({"format": FORMAT, "version": VERSION})
    places = await _namespaces(store, scope)
    count = 0
    for name in order(kinds):
        if name == "Secret" and not scope.secrets:
            continue
        async for document in _served(_documents(store, kinds[name], places, scope), kinds[name]):
            count += 1
            yield document.raw.rstrip() + b"\n"
    yield _line({"format": FORMAT, "documents": count})


async def _served(documents: AsyncIterator[Document], kind: Kind) -> AsyncIterator[Document]:
    """The documents; none of the kinds of Argo Rollouts where the store does not know them, as clusters need not."""
    try:
        async for document in documents:
            yield document
    except Unserved:
        if kind.group != ARGO:
            raise


def _line(data: Mapping[str, Json]) -> bytes:
    return orjson.dumps(data) + b"\n"


async def _namespaces(store: Store, scope: Scope) -> set[str]:
    found = {each.key.name async for each in _pages(store, Query("Namespace")) if is_ours(each, scope.namespaces)}
    if scope.whole:
        return found
    missing = [name for name in scope.projects if name not in found]
    if missing:
        raise NotFound(f"there is no Project {missing[0]!r}", advice="Check the name with `argosy get projects`.")
    return set(scope.projects)


async def _documents(store: Store, kind: Kind, places: set[str], scope: Scope) -> AsyncIterator[Document]:
    """What of a kind goes along."""
    if kind.name in ("Namespace", "Project"):
        async for document in _pages(store, Query(kind.name)):
            if belongs(document) and document.key.name in places:
                yield document
        return
    if not kind.namespaced:
        if scope.whole and kind.group in (KARGO, ARGO):
            async for document in _pages(store, Query(kind.name)):
                yield document
        return
    for place in sorted(places):
        async for document in _pages(store, Query(kind.name, place)):
            if belongs(document):
                yield document


async def _pages(store: Store, query: Query) -> AsyncIterator[Document]:
    more = ""
    while True:
        page = await store.list(query, limit=_PAGE, more=more)
        for document in page.documents:
            yield document
        more = page.more
        if not more:
            return


def read(lines: Iterable[bytes], kinds: Mapping[str, Kind]) -> Iterator[Data]:
    """The documents of an export. Raises Invalid, with the line, for what is no whole export of ours."""
    count, ended = 0, False
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        data = _parsed(line, number)
        if number == 1:
            _check_head(data)
        elif ended:
            raise Invalid(f"line {number} comes after the last line of the export", advice="Import one file at a time.")
        elif data.get("format") == FORMAT:
            ended = True
            if data.get("documents") != count:
                raise Invalid(f"the export says it holds {data.get('documents')} documents, but {count} are there")
        else:
            _check_document(data, kinds, number)
            count += 1
            yield data
    if not ended:
        raise Invalid("the export ends too early", advice="The file was cut off: export again.")


def _parsed(line: bytes, number: int) -> Data:
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"line {number} of the export is no JSON: {error}") from None
    if not isinstance(data, dict):
        raise Invalid(f"line {number} of the export is no JSON object")
    return data


def _check_head(data: Data) -> None:
    if data.get("format") != FORMAT:
        raise Invalid("this is no export", advice="Make one with `argosy export`.")
    if data.get("version") != VERSION:
        raise Invalid(
            f"the export has version {data.get('version')}, and this Argosy reads {VERSION}",
            advice="Import it with the Argosy that wrote it, or a newer one.",
        )


def _check_document(data: Data, kinds: Mapping[str, Kind], number: int) -> None:
    """Raises Invalid for what no store would keep, before any store is asked to."""
    kind, meta = kinds.get(str(data.get("kind"))), data.get("metadata")
    if kind is None or not isinstance(meta, dict) or not meta.get("name"):
        raise Invalid(f"line {number} of the export is no resource that this Argosy knows: {data.get('kind')!r}")
    if kind.namespaced and not meta.get("namespace"):
        raise Invalid(f"line {number} of the export has no namespace")
    if not isinstance(data.get("status") or {}, dict):
        raise Invalid(f"line {number} of the export has a status that is no object")
    try:
        created({**data, "metadata": {**meta, "resourceVersion": ""}}, kind, uid="", now=_SOME_TIME)
    except Invalid as error:
        raise Invalid(f"line {number} of the export: {error.message}", error.problems, advice=error.advice) from None


@dataclass
class Report:
    """What an import did: `created` and `kept` count by kind; `lost` are owners that were not among the documents."""

    created: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)


async def restore(store: Store, file: BinaryIO, kinds: Mapping[str, Kind], *, skip_existing: bool = False) -> Report:
    """Create what an export holds; statuses are written as they were, and owners are known by their new `uid`.

    `file` is read twice: nothing is written before all of it was found to be sound. What is there already is an error,
    or with `skip_existing` left as it is; Namespaces always are. Begun again after an interruption with
    `skip_existing`, it finishes.

    Raises Invalid, AlreadyExists, and what creating raises.
    """
    await _check(store, file, kinds, skip_existing)
    file.seek(0)
    report, uids = Report(), dict[str, str]()
    for data in read(file, kinds):
        await _restore(store, data, kinds[str(data["kind"])], uids, report)
    return report


async def _check(store: Store, file: BinaryIO, kinds: Mapping[str, Kind], skip_existing: bool) -> None:
    present: dict[str, set[Key]] = {}
    taken, seen = [], set[Key]()
    for data in read(file, kinds):
        key = Key.of(data)
        if key in seen:
            raise Invalid(f"the export holds {key} twice", advice="Export again: a file that was edited is no export.")
        seen.add(key)
        if skip_existing or key.kind == "Namespace":
            continue
        if key.kind not in present:
            present[key.kind] = {document.key async for document in _pages(store, Query(key.kind))}
        if key in present[key.kind]:
            taken.append(str(key))
    if taken:
        more = f" and {len(taken) - _SHOWN} more" if len(taken) > _SHOWN else ""
        raise AlreadyExists(
            f"the store has {', '.join(taken[:_SHOWN])}{more} already; nothing was imported",
            advice="Import into an empty store, or leave what is there as it is with --skip-existing.",
        )


async def _restore(store: Store, data: Data, kind: Kind, uids: dict[str, str], report: Report) -> None:
    key, old_uid = Key.of(data), str(data["metadata"].get("uid") or "")
    made = prepared(data, uids)
    report.lost += [f"{key}: {owner}" for owner in made.lost]
    try:
        document = await store.create(made.whole)
        report.created[kind.name] += 1
    except AlreadyExists:
        document = await store.get(key)
        report.kept[kind.name] += 1
        if kind.name == "Namespace" or document.data.get("status") or not data.get("status"):
            uids[old_uid] = document.uid
            return
        # Made by an import that was interrupted before it wrote the status.
    uids[old_uid] = document.uid
    if kind.status and data.get("status") and kind.name != "Namespace":
        written = {**document.data, "status": data["status"]}
        await store.update(written, status=True)
