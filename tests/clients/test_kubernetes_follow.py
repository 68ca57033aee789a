"""Following a collection: page by page, then by watch, until the server has forgotten where that was."""

from __future__ import annotations

import httpx2
import orjson
import pytest

from argosy.clients.kubernetes_connection import Connection, Server
from argosy.clients.kubernetes_follow import follow
from argosy.errors import Temporary

NAMES = {"": ["a", "b"], "next": ["c"]}


class Api:
    """Two pages, and a watch that tells of one change and ends as it is told."""

    def __init__(self, end: dict[str, object] | None) -> None:
        self.end = end
        self.asked: list[dict[str, str]] = []
        self.connection = Connection(Server("https://a.example.com"), transport=httpx2.MockTransport(self.answer))

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        asked = dict(request.url.params)
        self.asked.append(asked)
        if "watch" in asked:
            events: list[dict[str, object]] = [
                {"type": "BOOKMARK", "object": {}},
                {"type": "DELETED", "object": {"metadata": {"name": "a"}}},
            ]
            return httpx2.Response(
                200, content=b"\n".join(map(orjson.dumps, [*events, *([self.end] if self.end else [])])) + b"\n"
            )
        more = asked.get("continue", "")
        items = [{"metadata": {"name": name}} for name in NAMES[more]]
        meta = {"resourceVersion": "7", **({} if more else {"continue": "next"})}
        return httpx2.Response(200, json={"metadata": meta, "items": items})

    async def told(self) -> list[tuple[str, str, str]]:
        changes = follow(self.connection, "/apis/x/v1/things", {"kind": "Thing"})
        return [
            (change.type, change.object.get("metadata", {}).get("name", ""), change.object.get("kind", ""))
            async for change in changes
        ]


GONE = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}}
BUSY = {"type": "ERROR", "object": {"kind": "Status", "code": 429, "reason": "TooManyRequests", "message": "later"}}


@pytest.mark.parametrize("end", [None, GONE], ids=["an end", "a version that is too old"])
async def test_all_pages_and_then_each_change(end: dict[str, object] | None) -> None:
    api = Api(end)
    present = [("ADDED", name, "Thing") for name in "abc"]
    assert await api.told() == [*present, ("BOOKMARK", "", ""), ("DELETED", "a", "")]
    assert [asked.get("continue") for asked in api.asked] == [None, "next", None]
    assert api.asked[-1]["resourceVersion"] == "7"
    await api.connection.close()


async def test_other_trouble_is_told() -> None:
    api = Api(BUSY)
    with pytest.raises(Temporary, match="later"):
        await api.told()
    await api.connection.close()
