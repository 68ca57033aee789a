"""Sessions: kept for browsers, readable by nobody without the cookie, renewed once, and gone when they are over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import jwt
import pytest

from argosy.api.session import RENEW_BEFORE, TYPE, Session, Sessions
from argosy.clock import rfc3339
from argosy.errors import Denied, Temporary
from argosy.resources.meta import Json, Key
from argosy.store.base import Query, Store
from argosy.testing.clock import FakeClock

T = TypeVar("T")
SPACE = "kargo-system-resources"


@pytest.fixture
async def place(store: Store) -> Store:
    await store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}})
    return store


def token(clock: FakeClock, seconds: float = 600, **claims: str) -> str:
    return jwt.encode({"exp": clock.now() + timedelta(seconds=seconds), **claims}, "k" * 32, "HS256")


class Provider:
    """Gives new tokens for the refresh token that it gave last."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.given = 0
        self.error: Exception | None = None

    async def renew(self, refresh_token: str) -> tuple[str, str]:
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        if refresh_token != f"refresh-{self.given}":
            raise Denied("it was shown before")
        self.given += 1
        return token(self.clock), f"refresh-{self.given}"


def sessions(
    place: Store, clock: FakeClock, renew: Callable[[str], Awaitable[tuple[str, str]]] | None = None
) -> Sessions:
    return Sessions(place, SPACE, clock, ttl=86_400, renew=renew)


async def _meanwhile(clock: FakeClock, work: Awaitable[T]) -> T:
    """What becomes of some work while time passes."""
    task = asyncio.ensure_future(work)
    while not task.done():
        await clock.advance(0.1)
        await asyncio.sleep(0.001)
    return await task


async def test_many_requests_renew_a_session_once(place: Store, clock: FakeClock) -> None:
    provider = Provider(clock)
    kept = sessions(place, clock, provider.renew)
    session = await kept.begin(token(clock), "refresh-0")
    await clock.advance(600 - RENEW_BEFORE)
    found = await asyncio.gather(*(kept.find(session.id) for _ in range(20)))
    assert provider.given == 1
    assert {each.refresh_token for each in found if each} == {"refresh-1"}


async def test_what_another_replica_got_first_is_good(place: Store, clock: FakeClock) -> None:
    provider = Provider(clock)
    one, other = sessions(place, clock, provider.renew), sessions(place, clock, provider.renew)
    session = await one.begin(token(clock), "refresh-0")
    assert await other.find(session.id)
    await clock.advance(600 - RENEW_BEFORE)
    found = await _meanwhile(clock, asyncio.gather(one.find(session.id), other.find(session.id)))
    assert [each.refresh_token for each in found if each] == ["refresh-1"] * 2
    assert await one.find(session.id)


async def test_a_replica_that_died_while_it_renewed_is_not_waited_for_for_ever(place: Store, clock: FakeClock) -> None:
    kept = sessions(place, clock, Provider(clock).renew)
    session = await kept.begin(token(clock), "refresh-0")
    key = Key("Secret", SPACE, session.name)
    await clock.advance(600)
    await place.patch(key, {"metadata": {"annotations": {"argosy/renewing": rfc3339(clock.now())}}})
    with pytest.raises(Temporary, match="elsewhere"):
        await _meanwhile(clock, kept.find(session.id))
    await clock.advance(30)
    assert await kept.find(session.id)


async def test_a_provider_that_is_away_ends_no_session_before_its_token(place: Store, clock: FakeClock) -> None:
    provider = Provider(clock)
    provider.error = Temporary("it is away")
    kept = sessions(place, clock, provider.renew)
    session = await kept.begin(token(clock), "refresh-0")
    await clock.advance(600 - RENEW_BEFORE + 10)
    assert await kept.find(session.id) == session
    await clock.advance(RENEW_BEFORE)
    with pytest.raises(Temporary):
        await kept.find(session.id)
    provider.error = None
    assert await kept.find(session.id)


async def test_a_session_that_cannot_be_renewed_is_over(place: Store, clock: FakeClock) -> None:
    kept = sessions(place, clock, Provider(clock).renew)
    session = await kept.begin(token(clock), "stolen")
    await clock.advance(600)
    assert await kept.find(session.id) is None
    assert (await place.list(Query("Secret", SPACE))).documents == []


async def test_a_session_is_not_renewed_by_a_token_of_somebody_else(place: Store, clock: FakeClock) -> None:
    async def renew(refresh_token: str) -> tuple[str, str]:
        return token(clock, sub="mallory"), "next"

    kept = sessions(place, clock, renew)
    session = await kept.begin(token(clock, sub="jane"), "first")
    await clock.advance(600)
    assert await kept.find(session.id) is None
    assert (await place.list(Query("Secret", SPACE))).documents == []


async def test_a_token_that_nothing_renews_stays_what_it_is(place: Store, clock: FakeClock) -> None:
    kept = sessions(place, clock, Provider(clock).renew)
    session = await kept.begin("argosy_opaque")
    await clock.advance(3600)
    assert await kept.find(session.id) == session


async def test_signing_out_here_holds_at_once(place: Store, clock: FakeClock) -> None:
    kept, other = sessions(place, clock), sessions(place, clock)
    session = await kept.begin("token")
    assert await other.find(session.id)
    assert await kept.end(session.id) == session
    assert await kept.find(session.id) is None
    assert await kept.end(session.id) is None
    await clock.advance(6)
    assert await other.find(session.id) is None, "another replica notices soon"


async def test_sessions_that_are_over_are_swept_away(place: Store, clock: FakeClock) -> None:
    kept = sessions(place, clock)
    for _ in range(3):
        await kept.begin("token")
    await clock.advance(86_401)
    newest = await kept.begin("token")
    assert [document.key.name for document in (await place.list(Query("Secret", SPACE))).documents] == [newest.name]


@pytest.mark.parametrize("changed", [{"data": {}}, {"data": {"sealed": "AAAA"}}, {"metadata": {"annotations": None}}])
async def test_what_was_changed_is_no_session(place: Store, clock: FakeClock, changed: Json) -> None:
    session = await sessions(place, clock).begin("token")
    key = Key("Secret", SPACE, session.name)
    if "data" in changed:
        data = {**(await place.get(key)).data, **changed}
        await place.update(data)
    else:
        await place.patch(key, changed)
    assert await sessions(place, clock).find(session.id) is None


async def test_a_session_cannot_be_moved_to_another_cookie(place: Store, clock: FakeClock) -> None:
    kept = sessions(place, clock)
    session, mine = await kept.begin("token of an admin"), Session("mine", "")
    stolen = (await place.get(Key("Secret", SPACE, session.name))).data
    meta = {"name": mine.name, "namespace": SPACE, "annotations": stolen["metadata"]["annotations"]}
    await place.create({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": TYPE, "data": stolen["data"]})
    assert await kept.find(mine.id) is None


def test_a_session_shows_nothing_of_itself() -> None:
    session = Session("the-id", "the-token", "the-refresh-token")
    assert repr(session) == "Session()"
    assert not {"the-id", "the-token"} & {session.name, session.csrf}
