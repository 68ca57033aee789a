"""What a controller tells of its turns, in the words of Kubernetes' controller-runtime."""

from __future__ import annotations

import asyncio

import pytest

from argosy.errors import Conflict, Invalid
from argosy.resources.meta import Key
from argosy.runtime.change import Outcome
from argosy.runtime.controller import Controller
from argosy.testing.clock import FakeClock, settle
from argosy.testing.meter import Told

KEY = Key("Stage", "p", "dev")


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (Outcome(), "success"),
        (Outcome(again_after=5), "requeue_after"),
        (Conflict("somebody wrote first"), "requeue"),
        (Invalid("a fault of the user"), "error"),
        (ValueError("a fault of ours"), "error"),
    ],
)
async def test_each_turn_is_told_with_how_it_went(answer: Outcome | Exception, result: str) -> None:
    async def reconcile(key: Key) -> Outcome:
        if isinstance(answer, Exception):
            raise answer
        return answer

    told = Told()
    controller = Controller("Stage", None, FakeClock(), reconcile, meter=told)  # type: ignore[arg-type]
    controller.queue.add(KEY)
    async with asyncio.TaskGroup() as tasks:
        worker = tasks.create_task(controller._work(tasks))
        await settle()
        worker.cancel()
    assert told.of("reconcile") == [{"controller": "stage", "result": result}]
