"""What the store on Kubernetes makes of a server that is busy, breaks off, forgets, refuses or knows too little."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import orjson
import pytest

from argosy.clients.kubernetes_connection import Connection, Server
from argosy.errors import ArgosyError, Conflict, Denied, Gone, Invalid, NotFound, Unavailable
from argosy.resources.kinds import KARGO, KINDS
from argosy.resources.meta import Key
from argosy.store.base import Event, EventType, PatchType, Query, Unreadable
from argosy.store.kubernetes import KubernetesStore
from argosy.store.manager import manager
from argosy.testing.clock import FakeClock, settle

STAGE = Key("Stage", "p", "test")
Answer = httpx2.Response


def stage(version: int = 5, name: str = "test", **more: Any) -> dict[str, Any]:
    meta = {"name": name, "namespace": "p", "uid": "u", "resourceVersion": str(version)}
    return {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Stage", "metadata": meta, **more}


def status(code: int, reason: str, message: str = "no", **details: Any) -> Answer:
    body = {"kind": "Status", "code": code, "reason": reason, "message": message, "details": details}
    return Answer(code, json=body)


def listed(*items: dict[str, Any], version: int = 5, more: str = "") -> Answer:
    return Answer(200, json={"metadata": {"resourceVersion": str(version), "continue": more}, "items": list(items)})


class Lines(httpx2.AsyncByteStream):
    """The events of a watch; then the connection ends, breaks, or stays."""

    def __init__(self, *events: dict[str, Any], end: str = "") -> None:
        self.events, self.end = events, end

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for event in self.events:
            yield orjson.dumps(event) + b"\n"
        if self.end == "break":
            raise httpx2.ReadError("connection reset")
        if self.end == "silence":
            raise httpx2.ReadTimeout("")
        if self.end == "stay":
            await asyncio.Event().wait()


def watching(*events: tuple[str, int], end: str = "") -> Answer:
    told = [
        {
            "type": type,
            "object": stage(version) if type != "BOOKMARK" else {"metadata": {"resourceVersion": f"{version}"}},
        }
        for type, version in events
    ]
    return Answer(200, stream=Lines(*told, end=end))


class Api:
    """Gives prepared answers in turn, and remembers the questions."""

    def __init__(self, *answers: Answer | Callable[[httpx2.Request], Answer]) -> None:
        self.answers = list(answers)
        self.asked: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> Answer:
        self.asked.append(request)
        answer = self.answers.pop(0)
        return answer(request) if callable(answer) else answer


def store_on(api: Api, clock: FakeClock | None = None) -> KubernetesStore:
    connection = Connection(Server("https://cluster.example"), transport=httpx2.MockTransport(api))
    return KubernetesStore(connection, KINDS, clock=clock or FakeClock(), source="context 'east'")


def broken(request: httpx2.Request) -> Answer:
    raise httpx2.ConnectError("connection refused")


class TestBusy:
    async def test_waits_as_long_as_it_is_asked_to(self) -> None:
        clock = FakeClock()
        api = Api(Answer(429, headers={"retry-after": "7"}), Answer(200, json=stage()))
        reading = asyncio.ensure_future(store_on(api, clock).get(STAGE))
        await clock.advance(6)
        assert (len(api.asked), reading.done()) == (1, False)
        await clock.advance(1)
        assert (await reading).version == 5

    async def test_gives_up_in_the_end(self) -> None:
        clock = FakeClock()
        api = Api(*[Answer(429, headers={"retry-after": "1"}) for _ in range(5)])
        reading = asyncio.ensure_future(store_on(api, clock).get(STAGE))
        await clock.advance(60)
        with pytest.raises(Unavailable):
            await reading

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(broken, id="nobody there"),
            pytest.param(status(500, "InternalError", "etcdserver: leader changed"), id="trouble inside"),
            pytest.param(Answer(502, text="bad gateway"), id="a gateway without a server"),
            pytest.param(Answer(200, text="<html>"), id="something else"),
            pytest.param(status(401, "Unauthorized"), id="not let in"),
            pytest.param(status(403, "Forbidden", 'User "x" cannot get resource'), id="not allowed to read"),
        ],
    )
    async def test_trouble_is_unavailable(self, answer: Any) -> None:
        for read in (lambda store: store.get(STAGE), lambda store: store.list(Query("Stage"))):
            with pytest.raises(Unavailable):
                await read(store_on(Api(answer, answer)))

    async def test_rights_that_are_missing_are_told_from_other_trouble(self) -> None:
        told = 'User "x" cannot get resource'
        with pytest.raises(Unreadable, match="refuses it"):
            await store_on(Api(status(403, "Forbidden", told))).get(STAGE)

    async def test_a_read_is_sent_again_when_a_connection_was_closed_and_a_write_is_not(self) -> None:
        assert (await store_on(Api(broken, Answer(200, json=stage()))).get(STAGE)).version == 5
        api = Api(broken, Answer(200, json=stage()))
        with pytest.raises(Unavailable):
            await store_on(api).patch(STAGE, {})
        assert len(api.asked) == 1

    async def test_a_write_that_is_refused_is_denied(self) -> None:
        told = 'stages is forbidden: User "x" cannot patch resource "stages"'
        with pytest.raises(Denied, match="ClusterRole"):
            await store_on(Api(status(403, "Forbidden", told))).patch(STAGE, {})

    async def test_what_a_webhook_says_is_passed_on(self) -> None:
        with pytest.raises(Denied, match=r"^not on a Friday$"):
            await store_on(Api(status(403, "Forbidden", "not on a Friday"))).patch(STAGE, {})


class TestDefinitions:
    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(Answer(404, text="404 page not found\n"), id="no group"),
            pytest.param(
                status(404, "NotFound", "the server could not find the requested resource"), id="no kind in the group"
            ),
        ],
    )
    async def test_missing_ones_are_told_with_the_command_that_helps(self, answer: Answer) -> None:
        for call in (
            lambda store: store.get(STAGE),
            lambda store: store.list(Query("Stage")),
            lambda store: store.create(stage() | {"metadata": {"name": "a", "namespace": "p"}}),
            lambda store: store.patch(STAGE, {}),
            lambda store: store.check(KARGO),
        ):
            with pytest.raises(Unavailable, match="argosy crds"):
                await call(store_on(Api(*[answer] * 20)))

    async def test_those_of_somebody_else_are_told(self) -> None:
        refused = [status(400, "BadRequest", "field label not supported: spec.shard")] * 20
        with pytest.raises(Unavailable, match="other definitions"):
            await store_on(Api(*refused)).check(KARGO)


class TestWrite:
    async def test_a_patch_is_sent_again_when_others_write(self) -> None:
        api = Api(*[status(409, "Conflict")] * 3, Answer(200, json=stage(9)))
        assert (await store_on(api).patch(STAGE, {"spec": {}})).version == 9

    async def test_a_patch_for_one_version_is_not(self) -> None:
        for patch, type in (
            ({"metadata": {"resourceVersion": "5"}}, PatchType.MERGE),
            ([{"op": "test", "path": "/metadata/resourceVersion", "value": "5"}], PatchType.JSON),
        ):
            api = Api(status(409, "Conflict"))
            with pytest.raises(Conflict):
                await store_on(api).patch(STAGE, patch, type)

    async def test_a_replacement_that_lost_a_race_is_made_of_the_newest(self) -> None:
        api = Api(
            Answer(200, json=stage(5)),
            status(409, "Conflict"),
            Answer(200, json=stage(6)),
            Answer(200, json=stage(7)),
        )
        given = {"kind": "Stage", "metadata": {"name": "test", "namespace": "p"}, "spec": {"shard": "a"}}
        assert (await store_on(api).update(given)).version == 7
        assert orjson.loads(api.asked[-1].content)["metadata"]["resourceVersion"] == "6"

    async def test_a_name_that_is_taken_is_made_anew(self) -> None:
        api = Api(status(409, "AlreadyExists"), Answer(201, json=stage()))
        await store_on(api).create({"kind": "Stage", "metadata": {"generateName": "a-", "namespace": "p"}})
        first, second = (orjson.loads(asked.content)["metadata"]["name"] for asked in api.asked)
        assert first != second

    async def test_fields_are_set_in_the_name_of_who_writes(self) -> None:
        api = Api(Answer(201, json=stage()), Answer(200, json=stage()))
        await store_on(api).create({"kind": "Stage", "metadata": {"name": "test", "namespace": "p"}})
        token = manager.set("kubectl-edit")
        await store_on(api).patch(STAGE, {"spec": {}})
        manager.reset(token)
        assert [asked.url.params["fieldManager"] for asked in api.asked] == ["argosy", "kubectl-edit"]

    async def test_who_set_which_field_is_left_out(self) -> None:
        whole = stage()
        whole["metadata"]["managedFields"] = [{"manager": "kubectl"}]
        assert "managedFields" not in (await store_on(Api(Answer(200, json=whole))).get(STAGE)).meta


class TestList:
    async def test_begins_anew_when_the_server_forgot_where_it_was(self) -> None:
        api = Api(
            listed(stage(name="a"), more="t"),
            status(410, "Expired"),
            listed(stage(name="a"), stage(name="b"), version=8),
        )
        page = await store_on(api).list(Query("Stage"))
        assert ([each.key.name for each in page.documents], page.version) == (["a", "b"], 8)
        assert "limit" not in api.asked[-1].url.params

    async def test_a_page_is_gone_when_the_caller_asked_for_it(self) -> None:
        with pytest.raises(Gone):
            await store_on(Api(status(410, "Expired"))).list(Query("Stage"), more="t")


class TestWatch:
    async def take(self, api: Api, many: int, clock: FakeClock | None = None) -> list[tuple[str, int]]:
        store = store_on(api, clock)
        events = store.watch(Query("Stage"), since=5)
        try:
            found = [await asyncio.wait_for(anext(events), 10) for _ in range(many)]
        finally:
            await events.aclose()
            await store.close()
        return [(event.type.value, event.version) for event in found]

    async def test_bookmarks_move_it_on(self) -> None:
        api = Api(listed(), watching(("BOOKMARK", 9)), watching(("ADDED", 12), end="stay"))
        assert await self.take(api, 2) == [("BOOKMARK", 9), ("ADDED", 12)]
        assert api.asked[-1].url.params["resourceVersion"] == "9"
        assert api.asked[-1].url.params["allowWatchBookmarks"] == "true"

    async def test_goes_on_where_a_connection_broke(self) -> None:
        api = Api(listed(), watching(("ADDED", 6), end="break"), watching(("MODIFIED", 7), end="stay"))
        assert await self.take(api, 2) == [("ADDED", 6), ("MODIFIED", 7)]
        assert api.asked[-1].url.params["resourceVersion"] == "6"

    async def test_asks_again_when_nothing_was_heard_for_long(self) -> None:
        clock = FakeClock()
        api = Api(listed(), watching(end="silence"), watching(("ADDED", 6), end="stay"))
        taking = asyncio.ensure_future(self.take(api, 1, clock))
        await settle()
        await clock.advance(1)
        assert await taking == [("ADDED", 6)]

    async def test_tells_of_a_server_that_is_away(self) -> None:
        with pytest.raises(Unavailable):
            await self.take(Api(listed(), watching(("ADDED", 6), end="break"), broken), 2)

    async def test_asks_at_leisure_when_watches_end_at_once(self) -> None:
        clock = FakeClock()
        api = Api(listed(), watching(), watching(), watching(("ADDED", 6), end="stay"))
        taking = asyncio.ensure_future(self.take(api, 1, clock))
        await settle()
        assert len(api.asked) == 2
        await clock.advance(1)
        assert len(api.asked) == 3
        await clock.advance(1)
        assert await taking == [("ADDED", 6)]

    @pytest.mark.parametrize(
        ("code", "reason", "error"),
        [(410, "Expired", Gone), (500, "InternalError", Unavailable), (403, "Forbidden", Unavailable)],
    )
    async def test_an_error_in_the_stream_is_raised(self, code: int, reason: str, error: type[ArgosyError]) -> None:
        told = {"type": "ERROR", "object": {"kind": "Status", "code": code, "reason": reason, "message": "no"}}
        with pytest.raises(error):
            await self.take(Api(listed(), Answer(200, stream=Lines(told))), 1)

    async def test_ends_with_the_store_while_events_wait(self) -> None:
        store = store_on(Api(listed(), watching(*[("ADDED", 6 + n) for n in range(1500)], end="stay")))
        events = store.watch(Query("Stage"), since=5)
        first = await anext(events)
        assert first == Event(EventType.ADDED, 6, first.document)
        await store.close()
        assert await asyncio.wait_for(anext(events, None), 10) is None


async def test_nothing_is_accepted_after_closing() -> None:
    store = store_on(Api())
    await store.close()
    with pytest.raises(Unavailable, match="closed"):
        await store.get(STAGE)


@pytest.mark.parametrize("key", [Key("Stage", "", "test"), Key("Stage", "p", ""), Key("Namespace", "", "")])
async def test_half_a_key_names_nothing(key: Key) -> None:
    with pytest.raises(NotFound):
        await store_on(Api()).get(key)


async def test_values_of_fields_cannot_add_conditions() -> None:
    api = Api(listed())
    await store_on(api).list(Query("Freight", fields={"alias": "a,origin.name=b"}))
    assert api.asked[0].url.params["fieldSelector"] == r"alias=a\,origin.name\=b"


async def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(Invalid):
        await store_on(Api()).get(Key("Unheard", "p", "a"))
