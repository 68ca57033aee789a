"""What runs where, read page by page: Stages with what their Warehouses have found, and how their Freight is called."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass

from argosy.errors import Denied
from argosy.resources.meta import Document, Key
from argosy.resources.stage import Stage
from argosy.resources.warehouse import Warehouse
from argosy.rules.matrix import Found, found_by
from argosy.rules.stage_difference import references
from argosy.store.base import Query, Store
from argosy.store.typed import find, understood

PROJECTS_AT_ONCE = 200
"""Projects that are looked into for one page: whoever may see few of many gets pages with little on them."""

STEP = 50
"""Projects listed at once."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends.

    Attributes:
        projects: the token by which the present Projects were listed.
        project: the last one that was looked into; empty where Stages are listed without regard to Projects.
        stages: the token of what is left of it, or of all Stages.
    """

    projects: str = ""
    project: str = ""
    stages: str = ""

    def is_past(self, project: str) -> bool:
        """Whether a Project has been looked into wholly."""
        return project < self.project or (project == self.project and not self.stages)


@dataclass(frozen=True, slots=True)
class Running:
    """A page of Stages, and what there is to say of what they use."""

    stages: list[Stage]
    more: Place | None = None


class Everywhere:
    """Reads what runs where.

    Args:
        store: with the rights of who asks: Projects into which they may not look are passed over.
        own: where the Projects are listed.
    """

    def __init__(self, store: Store, own: Store) -> None:
        self._store = store
        self._own = own

    async def of_project(self, project: str, *, limit: int, more: str) -> tuple[list[Stage], str]:
        """A page of the Stages of a Project, and the token of the next. Raises Denied, Gone, Invalid."""
        found = await self._store.list(Query("Stage", project), limit=limit, more=more)
        return list(understood(found.documents, Stage)), found.more

    async def of_all(self, limit: int, place: Place) -> Running:
        """A page of the Stages of all Projects. Raises Gone, Invalid."""
        if not place.project:
            with contextlib.suppress(Denied):
                found = await self._store.list(Query("Stage"), limit=limit, more=place.stages)
                stages = list(understood(found.documents, Stage))
                return Running(stages, Place(stages=found.more) if found.more else None)
        return await self._of_each(limit, place)

    async def _of_each(self, limit: int, place: Place) -> Running:
        """The same for those who may look into some Projects only."""
        stages: list[Stage] = []
        looked = 0
        while True:
            page = await self._own.list(Query("Project"), limit=STEP, more=place.projects)
            for project in (document.key.name for document in page.documents):
                if place.is_past(project):
                    continue
                if len(stages) == limit or looked == PROJECTS_AT_ONCE:
                    return Running(stages, place)
                begin = place.stages if project == place.project else ""
                found, rest = await self._seen(project, limit - len(stages), begin)
                stages += found
                looked += 1
                place = Place(place.projects, project, rest)
                if rest:
                    return Running(stages, place)
            if not page.more:
                return Running(stages)
            place = Place(page.more, place.project)

    async def _seen(self, project: str, limit: int, more: str) -> tuple[list[Stage], str]:
        try:
            return await self.of_project(project, limit=limit, more=more)
        except Denied:
            return [], ""

    async def found(self, stages: Iterable[Stage]) -> dict[tuple[str, str], Found]:
        """What the Warehouses have found whose Freight the Stages use, as far as who asks may see them."""
        keys = {
            Key("Warehouse", stage.namespace, reference.origin.name)
            for stage in stages
            for reference in references(stage)
            if reference.origin is not None
        }
        warehouses = understood(await self._all(keys), Warehouse)
        return {(each.namespace, each.name): found_by(each) for each in warehouses}

    async def aliases(self, stages: Iterable[Stage]) -> dict[tuple[str, str], str]:
        """The aliases of the Freight that the Stages use, by Project and name."""
        keys = {Key("Freight", stage.namespace, reference.name) for stage in stages for reference in references(stage)}
        documents = await self._all(keys)
        return {(each.key.namespace, each.key.name): str(each.data.get("alias") or "") for each in documents}

    async def _all(self, keys: Iterable[Key]) -> list[Document]:
        found = await asyncio.gather(*(self._find(key) for key in sorted(keys)))
        return [document for document in found if document is not None]

    async def _find(self, key: Key) -> Document | None:
        try:
            return await find(self._store, key)
        except Denied:
            return None
