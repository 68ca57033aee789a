"""What is read to explain a Stage or Freight: with the rights of who asks, but for what only the decision needs."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pydantic import ValidationError

from argosy.clock import Clock
from argosy.errors import ArgosyError, NotFound
from argosy.resources.freight import Freight
from argosy.resources.meta import Document, Key
from argosy.resources.project_config import ProjectConfig
from argosy.resources.promotion import Promotion, PromotionPhase
from argosy.resources.stage import Stage
from argosy.rules.explain import Situation
from argosy.rules.obstacle import Code, Obstacle
from argosy.rules.promotion import is_ended
from argosy.rules.reference import named_by
from argosy.rules.shelf import Shelf
from argosy.rules.stage import View
from argosy.store.base import Query, Store
from argosy.store.promotion import steps_of
from argosy.store.typed import find, find_as, understood

BREATH = 50
"""Stages read before others get a turn."""


class Situations:
    """Reads situations, for one request.

    Args:
        store: where resources that are told are read, with the rights of who asks.
        own: where policies and tasks are read, of which only what follows from them is told.
    """

    def __init__(self, store: Store, own: Store, clock: Clock) -> None:
        self._store = store
        self._own = own
        self._clock = clock
        self._tasks: dict[Key, Document] = {}

    async def of_stage(self, key: Key) -> Situation:
        """What there is to say of one Stage. Raises NotFound, Denied."""
        stage = (await self._store.get(key)).parse(Stage)
        promotions = await self._list("Promotion", key.namespace, "spec.stage", [key.name])
        origins = dict.fromkeys(request.origin.name for request in stage.spec.requested_freight)
        freight = await self._list("Freight", key.namespace, "origin.name", origins)
        named = named_by(stage)
        documents = {named_key: await find(self._own, named_key) for named_key in named}
        lacking = [each for each, document in documents.items() if document is None]
        stages = [document for each, document in documents.items() if document is not None and each.kind == "Stage"]
        view = View(
            stage,
            tuple(understood(_news(stage, promotions), Promotion)),
            await self._config(key.namespace),
            tuple(named[each] for each in lacking),
            self._clock.now(),
        )
        return Situation(
            view,
            Shelf(freight),
            promotions,
            await self._trouble(stage),
            missing=frozenset(each.name for each in lacking if each.kind == "Stage"),
            passing=_passing(understood(stages, Stage)),
        )

    async def of_freight(self, freight: Freight) -> tuple[list[Situation], list[str]]:
        """What there is to say of each Stage that asks for Freight of this origin; and the names of the others."""
        project, origin = freight.namespace, str(freight.origin)
        stages = await _at_leisure((await self._store.list(Query("Stage", project))).documents)
        names, passing = {each.name for each in stages}, _passing(stages)
        siblings = Shelf(await self._list("Freight", project, "origin.name", [freight.origin.name]))
        tried = _by_stage(await self._list("Promotion", project, "spec.freight", [freight.name]))
        phases = [PromotionPhase.PENDING, PromotionPhase.RUNNING]
        unfinished = _by_stage(await self._list("Promotion", project, "status.phase", phases))
        config, now = await self._config(project), self._clock.now()
        found, others = list[Situation](), list[str]()
        for stage in stages:
            if origin not in [str(request.origin) for request in stage.spec.requested_freight]:
                others.append(stage.name)
                continue
            upstream = {name for request in stage.spec.requested_freight for name in request.sources.stages}
            view = View(stage, tuple(understood(unfinished[stage.name], Promotion)), config, (), now)
            found.append(
                Situation(
                    view,
                    siblings,
                    tried[stage.name],
                    await self._trouble(stage),
                    missing=frozenset(upstream - names),
                    passing=passing,
                )
            )
        return found, others

    async def freight(self, project: str, word: str) -> Freight:
        """Freight by its name or its alias. Raises NotFound, Denied."""
        document = await find(self._store, Key("Freight", project, word))
        if document is None:
            found = (await self._store.list(Query("Freight", project, fields={"alias": word}), limit=1)).documents
            if not found or not word:
                raise NotFound(
                    f"there is no Freight of the name or alias {word!r} in Project {project!r}",
                    advice=f"`argosy get freight --project {project}` lists them.",
                )
            document = found[0]
        return document.parse(Freight)

    async def _list(self, kind: str, project: str, field: str, values: Iterable[str]) -> list[Document]:
        queries = [Query(kind, project, fields={field: value}) for value in values]
        pages = await asyncio.gather(*(self._store.list(query) for query in queries))
        return [document for page in pages for document in page.documents]

    async def _config(self, project: str) -> ProjectConfig | None:
        return await find_as(self._own, Key("ProjectConfig", project, project), ProjectConfig)

    async def _trouble(self, stage: Stage) -> tuple[Obstacle, ...]:
        """Why no Promotion could be made of the Stage's steps."""
        try:
            await steps_of(stage, self._task)
        except ValidationError:
            return (Obstacle(Code.STEPS_UNUSABLE, "a task of it is not understood", more="Mend the task."),)
        except ArgosyError as error:
            return (Obstacle(Code.STEPS_UNUSABLE, _told(error), more=error.advice),)
        return ()

    async def _task(self, key: Key) -> Document:
        if key not in self._tasks:
            self._tasks[key] = await self._own.get(key)
        return self._tasks[key]


async def _at_leisure(documents: Sequence[Document]) -> list[Stage]:
    """The Stages among documents; others get a turn in between."""
    stages: list[Stage] = []
    for first in range(0, len(documents), BREATH):
        stages += understood(documents[first : first + BREATH], Stage)
        await asyncio.sleep(0)
    return stages


def _told(error: ArgosyError) -> str:
    problems = getattr(error, "problems", ())
    return "; ".join(problem.message for problem in problems) or error.message


def _news(stage: Stage, promotions: Iterable[Document]) -> list[Document]:
    """Promotions that have not ended, or ended after the last one recorded."""
    last = stage.status.last_promotion.name if stage.status.last_promotion is not None else ""
    return [each for each in promotions if each.key.name > last or not is_ended(each.data)]


def _passing(stages: Iterable[Stage]) -> frozenset[str]:
    return frozenset(each.name for each in stages if each.is_control_flow)


def _by_stage(promotions: Iterable[Document]) -> Mapping[str, list[Document]]:
    grouped: dict[str, list[Document]] = defaultdict(list)
    for each in promotions:
        grouped[str((each.data.get("spec") or {}).get("stage"))].append(each)
    return grouped
