"""Git discovery against real repositories: strategies, filters, limits, and work done once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from argosy.clients.git import Git, Policy, Remote
from argosy.errors import NotFound, Permanent
from argosy.resources.discovery import GitDiscoveryResult
from argosy.resources.warehouse import GitSubscription
from argosy.sources.git import GitDiscovery
from argosy.sources.mirror import Mirror
from argosy.sources.mirrors import Mirrors
from argosy.testing.clock import FakeClock
from argosy.testing.git_repository import Change, GitRepository


class Counting(Git):
    """Counts the commands by their first word."""

    def __init__(self) -> None:
        super().__init__(Policy(allow_file=True))
        self.commands: list[str] = []

    async def _run(self, place: Any, args: Any, extra: Any, environment: Any) -> Any:
        self.commands.append(args[0])
        return await super()._run(place, args, extra, environment)


@pytest.fixture
def git() -> Counting:
    return Counting()


@pytest.fixture
def app(tmp_path: Path) -> GitRepository:
    return GitRepository.create(tmp_path / "app.git")


@pytest.fixture
async def mirror(tmp_path: Path, app: GitRepository, git: Git) -> Mirror:
    return await Mirrors(tmp_path / "mirrors", git, FakeClock(), b"key").open(Remote.of(app.url))


@pytest.fixture
def discovery() -> GitDiscovery:
    return GitDiscovery()


def subscription(**fields: Any) -> GitSubscription:
    return GitSubscription(repo_url="https://host/app", **fields)


def subjects(result: GitDiscoveryResult) -> list[str]:
    return [commit.subject for commit in result.commits]


def series(count: int, *, start: int = 0) -> list[Change]:
    """Commits that change `apps/0` to `apps/9` in turn, one minute apart."""
    numbers = range(start, start + count)
    return [Change({f"apps/{n % 10}/v": str(n)}, f"commit {n}", 1_700_000_000 + 60 * n) for n in numbers]


async def test_the_newest_commits_of_a_branch_come_first(
    discovery: GitDiscovery, mirror: Mirror, app: GitRepository
) -> None:
    tip = app.add(series(30))
    result = await discovery.discover(subscription(branch="main"), mirror, name="app")
    assert subjects(result) == [f"commit {number}" for number in range(29, 9, -1)]
    assert (result.repo_url, result.subscription_name) == ("https://host/app", "app")
    assert result.observed_refs is not None
    assert result.observed_refs.branch_head == tip
    newest = result.commits[0]
    assert (newest.id, newest.branch, newest.tag) == (tip, "main", "")
    assert newest.author == newest.committer == "Ada <ada@example.com>"
    assert newest.creator_date == datetime.fromtimestamp(1_700_000_000 + 60 * 29, UTC)


async def test_without_a_branch_the_default_one_counts(
    discovery: GitDiscovery, mirror: Mirror, app: GitRepository
) -> None:
    app.add(series(2), branch="trunk")
    app.git("symbolic-ref", "HEAD", "refs/heads/trunk")
    result = await discovery.discover(subscription(discovery_limit=1), mirror)
    assert subjects(result) == ["commit 1"]
    assert result.commits[0].branch == ""


async def test_a_missing_branch_is_not_found(discovery: GitDiscovery, mirror: Mirror, app: GitRepository) -> None:
    with pytest.raises(NotFound, match="no default branch"):
        await discovery.discover(subscription(), mirror)
    app.add(series(1))
    with pytest.raises(NotFound, match="no branch gone"):
        await discovery.discover(subscription(branch="gone"), mirror)


async def test_discovery_follows_first_parents(discovery: GitDiscovery, mirror: Mirror, app: GitRepository) -> None:
    base = app.commit({"a": "1"}, "base")
    side = app.commit({"a": "1", "apps/web/x": "1"}, "side", branch="side")
    ours = app.commit({"b": "1"}, "ours")
    side = app.add([Change({"apps/web/x": "1"}, "side", parents=[base])], branch="side")
    app.add([Change({"apps/web/x": "1"}, "merge", parents=[ours, side])])
    assert subjects(await discovery.discover(subscription(), mirror)) == ["merge", "ours", "base"]
    web = subscription(include_paths=("apps/web",))
    assert subjects(await discovery.discover(web, mirror)) == ["merge"]


async def test_paths_choose_commits_and_survive_pushes(
    discovery: GitDiscovery, mirror: Mirror, app: GitRepository
) -> None:
    app.add(series(100))
    seven = subscription(include_paths=("apps/7",), discovery_limit=3)
    assert subjects(await discovery.discover(seven, mirror)) == ["commit 97", "commit 87", "commit 77"]
    app.add(series(8, start=100))
    assert subjects(await discovery.discover(seven, mirror)) == ["commit 107", "commit 97", "commit 87"]
    few = subscription(include_paths=("apps/7",), discovery_limit=100)
    assert len((await discovery.discover(few, mirror)).commits) == 11
    app.add(series(10, start=108))
    assert len((await discovery.discover(few, mirror)).commits) == 12


async def test_both_sides_of_a_move_count(discovery: GitDiscovery, mirror: Mirror, app: GitRepository) -> None:
    app.commit({"old/file": "the same content\n"}, "before")
    app.commit({"old/file": None, "new/file": "the same content\n"}, "moved")
    for folder, expected in (("old", ["moved", "before"]), ("new", ["moved"])):
        assert subjects(await discovery.discover(subscription(include_paths=(folder,)), mirror)) == expected


async def test_strange_names_and_messages_are_read_right(
    discovery: GitDiscovery, mirror: Mirror, app: GitRepository
) -> None:
    name = 'päth with\ttab "quote"/x\ny'
    app.add([Change({name: "1"}, "a|*|b\tc\x01d\n\nbody"), Change({}, "empty"), Change({"z": "1"}, "last")])
    assert subjects(await discovery.discover(subscription(), mirror)) == ["last", "empty", "a|*|b\tc\x01d"]
    found = await discovery.discover(subscription(include_paths=('päth with\ttab "quote"',)), mirror)
    assert subjects(found) == ["a|*|b\tc\x01d"]


@pytest.mark.parametrize("date", ["253402300800", "9223372036854775807", "99999999999999999999", "-5"])
async def test_dates_that_no_calendar_holds_count_as_the_oldest(
    discovery: GitDiscovery, mirror: Mirror, app: GitRepository, date: str
) -> None:
    app.commit({"a": "1"}, "First")
    tree, parent = app.git("rev-parse", "main^{tree}"), app.head()
    who = f"Ada <ada@example.com> {date} +0000"
    text = f"tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\nStrange\n"
    made = app.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=text.encode())
    app.git("update-ref", "refs/heads/main", made)
    app.git("update-ref", "refs/tags/v1.0.0", made)
    newest = await discovery.discover(subscription(branch="main"), mirror)
    assert subjects(newest) == ["Strange", "First"]
    tagged = await discovery.discover(subscription(commit_selection_strategy="NewestTag"), mirror)
    for found in (newest, tagged):
        assert found.commits[0].creator_date == datetime(1970, 1, 1, tzinfo=UTC)


async def test_since_stops_at_the_first_older_commit(
    discovery: GitDiscovery, mirror: Mirror, app: GitRepository
) -> None:
    app.add(series(10))
    since = datetime.fromtimestamp(1_700_000_000 + 60 * 7, UTC)
    assert subjects(await discovery.discover(subscription(since=since), mirror)) == ["commit 9", "commit 8", "commit 7"]
    app.add(series(1, start=10))
    assert len((await discovery.discover(subscription(since=since), mirror)).commits) == 4


async def test_a_force_push_forgets_what_is_gone(discovery: GitDiscovery, mirror: Mirror, app: GitRepository) -> None:
    app.add(series(5))
    every = subscription(include_paths=("apps",))
    assert len((await discovery.discover(every, mirror)).commits) == 5
    app.add([Change({"apps/x": "1"}, "anew", parents=[])])
    assert subjects(await discovery.discover(every, mirror)) == ["anew"]
    app.git("update-ref", "refs/heads/main", app.add(series(3), branch="other"))
    assert len((await discovery.discover(every, mirror)).commits) == 3


class TestTags:
    @pytest.fixture(autouse=True)
    def tagged(self, app: GitRepository) -> None:
        for number, name in enumerate(["v1.0.0", "v1.1.0", "v1.10.0", "nightly"]):
            commit = app.add([Change({f"apps/{number}/x": "1"}, f"for {name}", 1_700_000_000 + number)])
            app.tag(name, commit, message=f"tag {name}" if number % 2 else "", date=1_600_000_000)

    @pytest.mark.parametrize(
        ("strategy", "expected"),
        [
            ("SemVer", ["v1.10.0", "v1.1.0", "v1.0.0"]),
            ("Lexical", ["v1.10.0", "v1.1.0", "v1.0.0", "nightly"]),
            ("NewestTag", ["v1.10.0", "v1.0.0", "nightly", "v1.1.0"]),
        ],
    )
    async def test_strategies(
        self, discovery: GitDiscovery, mirror: Mirror, strategy: str, expected: list[str]
    ) -> None:
        result = await discovery.discover(subscription(commit_selection_strategy=strategy), mirror)
        assert [commit.tag for commit in result.commits] == expected

    async def test_an_annotated_tag_shows_its_commit_and_its_own_date(
        self, discovery: GitDiscovery, mirror: Mirror, app: GitRepository
    ) -> None:
        wanted = subscription(commit_selection_strategy="SemVer", semver_constraint="1.1.0")
        (commit,) = (await discovery.discover(wanted, mirror)).commits
        assert commit.id == app.git("rev-parse", "v1.1.0^{commit}")
        assert (commit.subject, commit.author, commit.committer) == (
            "for v1.1.0",
            "Ada <ada@example.com>",
            "Ada <ada@example.com>",
        )
        assert commit.creator_date == datetime.fromtimestamp(1_600_000_000, UTC)

    async def test_paths_and_limits(self, discovery: GitDiscovery, mirror: Mirror) -> None:
        lexical = {"commit_selection_strategy": "Lexical"}
        one = await discovery.discover(subscription(**lexical, include_paths=("apps/1", "apps/3")), mirror)
        assert [commit.tag for commit in one.commits] == ["v1.1.0", "nightly"]
        two = await discovery.discover(subscription(**lexical, exclude_paths=("apps/1",), discovery_limit=2), mirror)
        assert [commit.tag for commit in two.commits] == ["v1.10.0", "v1.0.0"]

    async def test_moved_new_and_deleted_tags_are_noticed(
        self, discovery: GitDiscovery, mirror: Mirror, app: GitRepository
    ) -> None:
        semver = subscription(commit_selection_strategy="SemVer", discovery_limit=2)
        await discovery.discover(semver, mirror)
        app.git("update-ref", "-d", "refs/tags/v1.10.0")
        app.tag("v1.1.0", app.head())
        result = await discovery.discover(semver, mirror)
        assert [(commit.tag, commit.id == app.head()) for commit in result.commits] == [
            ("v1.1.0", True),
            ("v1.0.0", False),
        ]

    async def test_tags_of_files_are_passed_over(
        self, discovery: GitDiscovery, mirror: Mirror, app: GitRepository
    ) -> None:
        app.git("update-ref", "refs/tags/v9.0.0", app.git("hash-object", "-w", "--stdin", stdin=b"x"))
        result = await discovery.discover(subscription(commit_selection_strategy="SemVer"), mirror)
        assert result.commits[0].tag == "v1.10.0"


async def test_57_warehouses_read_the_history_once(
    discovery: GitDiscovery, mirror: Mirror, app: GitRepository, git: Counting
) -> None:
    app.add(series(500))
    watched = [subscription(include_paths=(f"apps/{n % 10}", f"only/{n}"), discovery_limit=20) for n in range(57)]
    await asyncio.gather(*(discovery.discover(one, mirror) for one in watched))
    app.add(series(3, start=500))
    git.commands.clear()
    results = await asyncio.gather(*(discovery.discover(one, mirror) for one in watched))
    assert subjects(results[2])[0] == "commit 502"
    assert subjects(results[3])[0] == "commit 493"
    assert git.commands.count("ls-remote") == git.commands.count("fetch") == git.commands.count("log") == 1
    git.commands.clear()
    await asyncio.gather(*(discovery.discover(one, mirror) for one in watched))
    assert sorted(set(git.commands)) == ["for-each-ref", "ls-remote"]


async def test_an_expression_chooses_commits_and_survives_pushes(
    discovery: GitDiscovery, mirror: Mirror, app: GitRepository
) -> None:
    app.add(series(100))
    odd = subscription(expression_filter="subject endsWith '7'", include_paths=("apps",), discovery_limit=3)
    assert subjects(await discovery.discover(odd, mirror)) == ["commit 97", "commit 87", "commit 77"]
    app.add(series(8, start=100))
    assert subjects(await discovery.discover(odd, mirror)) == ["commit 107", "commit 97", "commit 87"]
    everything = subscription(discovery_limit=2)
    assert subjects(await discovery.discover(everything, mirror)) == ["commit 107", "commit 106"]


async def test_an_expression_that_asks_for_the_time_is_asked_each_time(mirror: Mirror, app: GitRepository) -> None:
    clock = FakeClock()
    made = int(clock.now().timestamp())
    app.add([Change({"v": "1"}, "fresh", made)])
    discovery = GitDiscovery(clock)
    recent = subscription(expression_filter="now() - commitDate < duration('1h')")
    assert subjects(await discovery.discover(recent, mirror)) == ["fresh"]
    await clock.advance(7200)
    assert subjects(await discovery.discover(recent, mirror)) == []


async def test_an_expression_chooses_tags_by_what_they_say(
    discovery: GitDiscovery, mirror: Mirror, app: GitRepository
) -> None:
    app.commit({"a": "1"}, "one")
    app.git("tag", "light")
    app.git("-c", "user.name=Bob", "-c", "user.email=b@example.com", "tag", "-a", "heavy", "-m", "a stable release")
    for expression, found in (
        ("annotation contains 'stable'", ["heavy"]),
        ("tagger == 'Bob <b@example.com>'", ["heavy"]),
        ("tagger == '' and annotation == ''", ["light"]),
        ("tag in ['light', 'heavy'] and subject == 'one'", ["heavy", "light"]),
    ):
        wanted = subscription(commit_selection_strategy="Lexical", expression_filter=expression)
        result = await discovery.discover(wanted, mirror)
        assert sorted(commit.tag for commit in result.commits) == found


async def test_an_expression_that_cannot_be_computed_fails_for_good(
    discovery: GitDiscovery, mirror: Mirror, app: GitRepository
) -> None:
    app.add(series(1))
    with pytest.raises(Permanent, match="expressionFilter: there is no function upcase"):
        await discovery.discover(subscription(expression_filter="upcase(author) == 'X'"), mirror)
