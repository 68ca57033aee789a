"""Leader election: one turns, the others wait, and nobody turns beside another."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from random import Random

import pytest

from argosy.errors import Conflict, Temporary
from argosy.rules.lease import Lease
from argosy.runtime.leader import Election, LeadLost
from argosy.testing.clock import FakeClock
from argosy.testing.lease import SharedLease


@dataclass
class Floor:
    """Where leaders work: notes who is there, and that nobody ever was beside another."""

    present: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    async def work(self, name: str, over: asyncio.Event | None = None) -> None:
        assert not self.present, f"{name} works beside {self.present}"
        self.present.append(name)
        self.seen.append(name)
        try:
            await (over or asyncio.Event()).wait()
        finally:
            self.present.remove(name)


@dataclass
class Candidates:
    lease: SharedLease
    clock: FakeClock
    floor: Floor

    def start(self, name: str, over: asyncio.Event | None = None) -> tuple[Election, asyncio.Task[None]]:
        election = Election(self.lease, name, self.clock, random=Random(1))
        return election, asyncio.create_task(election.lead(self.floor.work(name, over)))


@pytest.fixture
def candidates() -> Candidates:
    return Candidates(SharedLease(), FakeClock(), Floor())


async def end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_first_leads_and_goes_on_leading(candidates: Candidates) -> None:
    first, one = candidates.start("a")
    await candidates.clock.advance(0)
    second, two = candidates.start("b")
    await candidates.clock.advance(3600)
    assert candidates.floor.seen == ["a"]
    assert first.leading.is_set()
    assert not second.leading.is_set()
    assert second.holder == "a"
    assert candidates.lease.lease is not None
    assert candidates.lease.lease.transitions == 0
    await end(one)
    await end(two)


async def test_who_ends_gracefully_gives_back_the_lease_and_the_next_one_begins_at_its_next_look(
    candidates: Candidates,
) -> None:
    over = asyncio.Event()
    first, one = candidates.start("a", over)
    await candidates.clock.advance(1)
    _, two = candidates.start("b")
    await candidates.clock.advance(1)
    over.set()
    await candidates.clock.advance(0)
    await one
    assert not first.leading.is_set()
    await candidates.clock.advance(2.4)
    assert candidates.floor.seen == ["a", "b"]
    assert candidates.lease.history.index("") < candidates.lease.history.index("b")
    await end(two)


async def test_who_is_cancelled_ends_its_work_and_gives_back_the_lease(candidates: Candidates) -> None:
    _, one = candidates.start("a")
    await candidates.clock.advance(1)
    await end(one)
    assert candidates.floor.present == []
    assert candidates.lease.lease is not None
    assert candidates.lease.lease.holder == ""


async def test_who_was_killed_is_followed_when_its_lease_is_over_and_not_before(candidates: Candidates) -> None:
    candidates.lease.lease = Lease("dead", 15, "2026-01-01T00:00:00.0Z", "2099-01-01T00:00:00.0Z", 4, "0")
    _, task = candidates.start("b")
    await candidates.clock.advance(14.9)
    assert candidates.floor.seen == []
    await candidates.clock.advance(2.5)
    assert candidates.floor.seen == ["b"]
    assert candidates.lease.lease.transitions == 5
    await end(task)


async def test_who_starts_again_under_the_same_name_need_not_wait(candidates: Candidates) -> None:
    candidates.lease.lease = Lease("a", 15, "2026-01-01T00:00:00.0Z", "2026-01-01T00:00:00.0Z", 4, "0")
    _, task = candidates.start("a")
    await candidates.clock.advance(0)
    assert candidates.floor.seen == ["a"]
    await end(task)


@pytest.mark.parametrize("silent", [True, False], ids=["nobody answers", "every answer is an error"])
async def test_who_cannot_renew_stops_before_anybody_else_may_begin(candidates: Candidates, silent: bool) -> None:
    election, one = candidates.start("a")
    await candidates.clock.advance(1)
    begun = candidates.clock.monotonic()
    candidates.lease.silent = silent
    candidates.lease.trouble = None if silent else Temporary("the cluster cannot be reached")
    await candidates.clock.advance(10)
    assert one.done()
    assert candidates.floor.present == []
    assert candidates.clock.monotonic() - begun <= 15 - 5
    assert not election.leading.is_set()
    with pytest.raises(LeadLost, match="has lost the Lease test/lease"):
        one.result()


async def test_who_lost_the_lead_may_lead_again(candidates: Candidates) -> None:
    election, one = candidates.start("a")
    await candidates.clock.advance(1)
    candidates.lease.trouble = Temporary("the cluster cannot be reached")
    await candidates.clock.advance(12)
    with pytest.raises(LeadLost):
        await one
    again = asyncio.create_task(election.lead(candidates.floor.work("a")))
    await candidates.clock.advance(30)
    assert candidates.floor.present == []
    candidates.lease.trouble = None
    await candidates.clock.advance(3)
    assert candidates.floor.seen == ["a", "a"]
    await end(again)


async def test_who_was_frozen_knows_that_it_may_not_lead_before_it_looks(candidates: Candidates) -> None:
    election, one = candidates.start("a")
    assert not election.holds
    await candidates.clock.advance(1)
    assert election.holds
    candidates.lease.silent = True
    await candidates.clock.advance(8)
    assert election.holds
    candidates.clock.freeze(20)
    assert not election.holds, "before any task could run"
    await end(one)


async def test_trouble_that_passes_in_time_is_survived(candidates: Candidates) -> None:
    _, one = candidates.start("a")
    await candidates.clock.advance(2)
    for _ in range(5):
        candidates.lease.trouble = Temporary("the cluster cannot be reached")
        await candidates.clock.advance(7)
        candidates.lease.trouble = None
        await candidates.clock.advance(4)
    assert not one.done()
    assert candidates.floor.present == ["a"]
    await end(one)


async def test_who_finds_the_lease_with_somebody_else_stops_at_once(candidates: Candidates) -> None:
    _, one = candidates.start("a")
    await candidates.clock.advance(1)
    candidates.lease.lease = Lease("usurper", 15, "2026-01-01T00:00:00.0Z", "2026-01-01T00:00:00.0Z", 1, "99")
    await candidates.clock.advance(2)
    assert one.done()
    with pytest.raises(LeadLost, match="held by usurper"):
        one.result()
    assert candidates.lease.lease.holder == "usurper", "what is not ours is not given back"


async def test_a_write_of_somebody_else_in_between_costs_a_holder_nothing(candidates: Candidates) -> None:
    _, one = candidates.start("a")
    await candidates.clock.advance(1)
    candidates.lease.trouble = Conflict("somebody labelled it")
    await candidates.clock.advance(3)
    candidates.lease.trouble = None
    await candidates.clock.advance(60)
    assert not one.done()
    await end(one)


async def test_a_holder_renews_without_reading_what_it_wrote_itself(candidates: Candidates) -> None:
    _, one = candidates.start("a")
    await candidates.clock.advance(1)
    reads, writes = candidates.lease.reads, len(candidates.lease.history)
    await candidates.clock.advance(60)
    assert candidates.lease.reads == reads
    assert len(candidates.lease.history) - writes == 30
    assert candidates.lease.lease is not None
    candidates.lease.lease = replace(candidates.lease.lease, version="somebody labelled it")
    await candidates.clock.advance(60)
    assert candidates.lease.reads == reads + 1
    assert not one.done()
    await end(one)


async def test_a_lease_that_somebody_deletes_is_made_anew(candidates: Candidates) -> None:
    _, one = candidates.start("a")
    await candidates.clock.advance(1)
    candidates.lease.lease = None
    await candidates.clock.advance(3)
    assert candidates.lease.lease is not None
    assert candidates.lease.lease.holder == "a"
    assert not one.done()
    await end(one)


async def test_of_many_that_come_at_once_one_leads_and_each_in_its_turn(candidates: Candidates) -> None:
    overs = {name: asyncio.Event() for name in "abcdef"}
    tasks = {name: candidates.start(name, over)[1] for name, over in overs.items()}
    for _ in overs:
        await candidates.clock.advance(5)
        [leader] = candidates.floor.present
        overs[leader].set()
        await candidates.clock.advance(0)
        await tasks[leader]
    assert sorted(candidates.floor.seen) == sorted(overs)


async def test_trouble_before_leading_is_waited_out_and_told_once(
    candidates: Candidates, caplog: pytest.LogCaptureFixture
) -> None:
    candidates.lease.trouble = Temporary("the cluster cannot be reached")
    _, one = candidates.start("a")
    await candidates.clock.advance(60)
    assert candidates.floor.seen == []
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    candidates.lease.trouble = None
    await candidates.clock.advance(3)
    assert candidates.floor.seen == ["a"]
    await end(one)


async def test_what_fails_in_the_work_is_told_and_the_lease_given_back(candidates: Candidates) -> None:
    async def broken() -> None:
        raise ValueError("a fault of ours")

    election = Election(candidates.lease, "a", candidates.clock)
    with pytest.raises(ValueError, match="a fault of ours"):
        await election.lead(broken())
    assert candidates.lease.lease is not None
    assert candidates.lease.lease.holder == ""
