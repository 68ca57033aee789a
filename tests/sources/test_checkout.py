"""Checkouts: taken, changed, pushed, put back warm; found again after a restart; safe in hostile trees."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from argosy.clients.git import Git, Identity, Policy, Remote
from argosy.clients.git_error import MergeConflict, PushRejected
from argosy.errors import NotFound, Permanent
from argosy.sources.checkout import Checkout, Checkouts, Revision
from argosy.sources.mirror import Mirror
from argosy.sources.mirrors import Mirrors
from argosy.sources.worktree import clean_message
from argosy.testing.clock import FakeClock
from argosy.testing.deep import make_deep
from argosy.testing.git_repository import Change, GitRepository

IDENTITY = Identity("Kargo", "no-reply@kargo.io", 1_700_000_000)
MAIN = Revision(branch="main")


@pytest.fixture
def app(tmp_path: Path) -> GitRepository:
    repository = GitRepository.create(tmp_path / "app.git")
    repository.commit({"a": "1\n", "apps/web/values": "tag: 1\n", "apps/db/values": "tag: 1\n", "z": "1\n"}, "first")
    return repository


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


@pytest.fixture
async def checkouts(tmp_path: Path) -> Checkouts:
    return await restarted(tmp_path)


async def restarted(tmp_path: Path) -> Checkouts:
    """What a new process has: only what is on disk."""
    clock = FakeClock()
    checkouts = Checkouts(
        tmp_path / "pool", Mirrors(tmp_path / "mirrors", Git(Policy(allow_file=True)), clock, b"key"), clock
    )
    await checkouts.start()
    return checkouts


@pytest.fixture
async def mirror(checkouts: Checkouts, app: GitRepository) -> Mirror:
    return await checkouts.mirrors.open(Remote.of(app.url))


@pytest.fixture
async def checkout(checkouts: Checkouts, mirror: Mirror, work: Path) -> Checkout:
    return await checkouts.take(mirror, work / "src", MAIN)


def listing(path: Path) -> dict[str, str]:
    return {
        str(file.relative_to(path)): file.read_text()
        for file in sorted(path.rglob("*"))
        if file.is_file() and not file.is_symlink()
    }


PRISTINE = {"a": "1\n", "apps/db/values": "tag: 1\n", "apps/web/values": "tag: 1\n", "z": "1\n"}


class TestTake:
    async def test_the_tree_is_that_of_the_branch_and_holds_no_git(
        self, checkout: Checkout, app: GitRepository
    ) -> None:
        assert listing(checkout.path) == PRISTINE
        assert sorted(path.name for path in checkout.path.iterdir()) == ["a", "apps", "z"]
        assert await checkout.head() == app.head()
        assert checkout.branch == "main"
        assert await checkout.is_clean()

    @pytest.mark.parametrize("kind", ["tag", "commit", "short commit", "default branch"])
    async def test_other_revisions(
        self, checkouts: Checkouts, mirror: Mirror, app: GitRepository, work: Path, kind: str
    ) -> None:
        old = app.head()
        app.tag("v1", message="release")
        app.commit({"a": "2\n"})
        what = {
            "tag": Revision(tag="v1"),
            "commit": Revision(commit=old),
            "short commit": Revision(commit=old[:10]),
            "default branch": Revision(),
        }[kind]
        checkout = await checkouts.take(mirror, work / "src", what)
        assert await checkout.head() == (app.head() if kind == "default branch" else old)
        assert checkout.branch == ("main" if kind == "default branch" else "")

    async def test_a_commit_that_is_here_needs_no_server(
        self, checkouts: Checkouts, mirror: Mirror, checkout: Checkout, app: GitRepository, work: Path
    ) -> None:
        shutil.rmtree(app.path)
        again = await checkouts.take(mirror, work / "again", Revision(commit=await checkout.head()))
        assert listing(again.path) == PRISTINE

    @pytest.mark.parametrize("what", [Revision(branch="no"), Revision(tag="no"), Revision(commit="0" * 40)])
    async def test_a_missing_revision_leaves_nothing(
        self, checkouts: Checkouts, mirror: Mirror, work: Path, what: Revision
    ) -> None:
        with pytest.raises(NotFound):
            await checkouts.take(mirror, work / "src", what)
        assert not (work / "src").exists()

    async def test_a_place_that_is_not_empty_is_refused(
        self, checkouts: Checkouts, mirror: Mirror, checkout: Checkout, work: Path
    ) -> None:
        with pytest.raises(Permanent, match="not empty"):
            await checkouts.take(mirror, checkout.path, MAIN)
        (work / "empty").mkdir()
        (work / "link").symlink_to(work / "empty")
        with pytest.raises(Permanent, match="not empty"):
            await checkouts.take(mirror, work / "link", MAIN)
        assert listing((await checkouts.take(mirror, work / "empty", MAIN)).path) == PRISTINE

    async def test_a_sparse_tree_holds_only_its_folders(
        self, checkouts: Checkouts, mirror: Mirror, app: GitRepository, work: Path
    ) -> None:
        checkout = await checkouts.take(mirror, work / "src", MAIN, sparse=["apps/web"])
        assert sorted(listing(checkout.path)) == ["a", "apps/web/values", "z"]
        (checkout.path / "apps/web/values").write_text("tag: 2\n")
        await checkout.add_all()
        await checkout.commit("web", IDENTITY)
        await checkout.push()
        assert app.read("apps/web/values") == "tag: 2"
        assert app.read("apps/db/values") == "tag: 1"

    @pytest.mark.parametrize("folder", ["..", "apps/../..", "*", "/", ""])
    async def test_a_sparse_folder_is_a_folder(
        self, checkouts: Checkouts, mirror: Mirror, work: Path, folder: str
    ) -> None:
        with pytest.raises(Permanent, match="no folder"):
            await checkouts.take(mirror, work / "src", MAIN, sparse=[folder])

    async def test_fifty_at_once(self, checkouts: Checkouts, mirror: Mirror, work: Path) -> None:
        taken = await asyncio.gather(*(checkouts.take(mirror, work / str(index), MAIN) for index in range(50)))
        assert all(listing(checkout.path) == PRISTINE for checkout in taken)


class TestCommit:
    async def test_changes_become_a_commit_on_the_branch(self, checkout: Checkout, app: GitRepository) -> None:
        (checkout.path / "a").write_text("2\n")
        (checkout.path / "new").write_text("1\n")
        (checkout.path / "z").unlink()
        await checkout.add_all()
        assert await checkout.has_changes()
        assert await checkout.has_changes("new")
        assert not await checkout.has_changes("apps")
        made = await checkout.commit("Update a\n\n- one", IDENTITY)
        assert await checkout.push() == made
        assert app.head() == made
        assert app.files() == ["a", "apps/db/values", "apps/web/values", "new"]
        shown = app.git("log", "-1", "--format=%an <%ae> %cn <%ce> %at %ct%n%B", "main")
        assert shown == ("Kargo <no-reply@kargo.io> Kargo <no-reply@kargo.io> 1700000000 1700000000\nUpdate a\n\n- one")

    async def test_the_same_work_gives_the_same_commit(
        self, checkouts: Checkouts, mirror: Mirror, work: Path, checkout: Checkout
    ) -> None:
        other = await checkouts.take(mirror, work / "other", MAIN)
        made = set()
        for one in (checkout, other):
            (one.path / "a").write_text("2\n")
            await one.add_all()
            made.add(await one.commit("m", IDENTITY))
        assert len(made) == 1

    async def test_nothing_to_commit_is_head(self, checkout: Checkout) -> None:
        head = await checkout.head()
        await checkout.add_all()
        assert not await checkout.has_changes()
        assert await checkout.commit("m", IDENTITY) == head
        assert await checkout.commit("m", IDENTITY, allow_empty=True) != head

    async def test_an_empty_message_is_refused(self, checkout: Checkout) -> None:
        with pytest.raises(Permanent, match="message is empty"):
            await checkout.commit(" \n ", IDENTITY, allow_empty=True)

    @pytest.mark.parametrize(
        ("message", "cleaned"),
        [("a", "a\n"), ("\n\na  \n\n\n\nb\n\n", "a\n\nb\n"), ("# kept\n", "# kept\n"), ("\n \n", "")],
    )
    def test_messages_are_tidied_as_git_does(self, message: str, cleaned: str) -> None:
        assert clean_message(message) == cleaned

    async def test_clearing_leaves_what_gitignore_names(self, checkout: Checkout) -> None:
        (checkout.path / ".gitignore").write_text("*.log\n")
        (checkout.path / "kept.log").write_text("x")
        (checkout.path / "untracked").write_text("x")
        await checkout.clear()
        assert listing(checkout.path) == {"kept.log": "x"}
        (checkout.path / "kept.log").unlink()
        (checkout.path / "rendered.yaml").write_text("x")
        await checkout.add_all()
        await checkout.commit("render", IDENTITY)
        assert await checkout.is_clean()

    async def test_an_empty_tree_can_be_cleared_and_filled(self, checkout: Checkout) -> None:
        await checkout.clear()
        await checkout.clear()
        assert checkout.path.is_dir()


class TestIntegrate:
    async def change(self, checkout: Checkout, path: str, content: str) -> str:
        (checkout.path / path).write_text(content)
        await checkout.add_all()
        return await checkout.commit(f"ours: {path}", IDENTITY)

    async def test_a_rebase_puts_our_commits_on_top(self, checkout: Checkout, app: GitRepository) -> None:
        await self.change(checkout, "a", "ours\n")
        app.commit({"z": "theirs\n"}, "theirs")
        with pytest.raises(PushRejected):
            await checkout.push()
        theirs = await checkout.fetch("main")
        assert theirs == app.head()
        assert len(await checkout.commits_since(theirs)) == 1
        rebased = await checkout.rebase(theirs, IDENTITY)
        assert await checkout.is_ancestor(theirs, rebased)
        await checkout.push(lease=theirs)
        assert app.log() == ["ours: a", "theirs", "first"]
        assert app.read("z") == "theirs"

    async def test_a_merge_keeps_both(self, checkout: Checkout, app: GitRepository) -> None:
        ours = await self.change(checkout, "a", "ours\n")
        theirs = app.commit({"z": "theirs\n"}, "theirs")
        await checkout.fetch("main")
        merged = await checkout.merge(theirs, "Merge main", IDENTITY)
        assert app.head() == theirs
        await checkout.push()
        assert app.git("log", "-1", "--format=%P%n%s", "main") == f"{ours} {theirs}\nMerge main"
        assert app.head() == merged

    @pytest.mark.parametrize("how", ["rebase", "merge"])
    async def test_a_conflict_is_final_and_undone(self, checkout: Checkout, app: GitRepository, how: str) -> None:
        ours = await self.change(checkout, "a", "ours\n")
        theirs = app.commit({"a": "theirs\n"}, "theirs")
        await checkout.fetch("main")
        with pytest.raises(MergeConflict, match="same lines: a"):
            if how == "rebase":
                await checkout.rebase(theirs, IDENTITY)
            else:
                await checkout.merge(theirs, "Merge", IDENTITY)
        assert await checkout.head() == ours
        assert await checkout.is_clean()
        assert (checkout.path / "a").read_text() == "ours\n"

    async def test_a_force_pushed_branch_is_noticed(self, checkout: Checkout, app: GitRepository) -> None:
        old = await checkout.head()
        await self.change(checkout, "a", "ours\n")
        rewritten = app.add([Change({"other": "1"}, parents=[])])
        with pytest.raises(PushRejected):
            await checkout.push(lease=old)
        assert await checkout.remote_commit("main") == rewritten
        assert app.head() == rewritten

    async def test_a_new_branch_is_made_by_pushing(self, checkout: Checkout, app: GitRepository) -> None:
        made = await self.change(checkout, "a", "ours\n")
        assert await checkout.remote_commit("kargo/promotion/x") is None
        await checkout.push("kargo/promotion/x", lease="")
        assert app.head("kargo/promotion/x") == made

    async def test_a_tag_has_no_branch_to_push_to(
        self, checkouts: Checkouts, mirror: Mirror, app: GitRepository, work: Path
    ) -> None:
        app.tag("v1")
        checkout = await checkouts.take(mirror, work / "src", Revision(tag="v1"))
        with pytest.raises(Permanent, match="no branch to push to"):
            await checkout.push()


class TestPool:
    async def test_a_tree_comes_back_pristine_and_is_the_same_one(
        self, checkouts: Checkouts, mirror: Mirror, checkout: Checkout, app: GitRepository, work: Path
    ) -> None:
        inode = (checkout.path / "z").stat().st_ino
        (checkout.path / "a").write_text("changed")
        (checkout.path / "untracked").write_text("x")
        (checkout.path / ".gitignore").write_text("ignored\n")
        (checkout.path / "ignored").write_text("x")
        (checkout.path / "empty").mkdir()
        await checkout.add_all()
        await checkout.commit("never pushed", IDENTITY)
        (checkout.path / "apps/web/values").unlink()
        await checkouts.put_back(checkout)
        assert not checkout.path.exists()
        tip = app.commit({"b": "2\n"})
        again = await checkouts.take(mirror, work / "deep" / "again", MAIN)
        assert listing(again.path) == {**PRISTINE, "b": "2\n"}
        assert not (again.path / "empty").exists()
        assert (again.path / "z").stat().st_ino == inode
        assert await again.head() == tip
        assert await again.is_clean()

    async def test_another_branch_or_repository_gets_another_tree(
        self, checkouts: Checkouts, mirror: Mirror, checkout: Checkout, app: GitRepository, work: Path
    ) -> None:
        inode = (checkout.path / "z").stat().st_ino
        app.git("branch", "other", "main")
        await checkouts.put_back(checkout)
        other = await checkouts.take(mirror, work / "other", Revision(branch="other"))
        assert (other.path / "z").stat().st_ino != inode
        assert len(list(checkouts.root.iterdir())) == 1

    async def test_a_half_done_rebase_does_not_come_back(
        self, checkouts: Checkouts, mirror: Mirror, checkout: Checkout, work: Path
    ) -> None:
        (checkout.git_dir / "rebase-merge").mkdir()
        (checkout.git_dir / "rebase-merge" / "onto").write_text("x")
        (checkout.git_dir / "index.lock").write_text("")
        await checkouts.put_back(checkout)
        again = await checkouts.take(mirror, work / "again", MAIN)
        assert again.git_dir == checkout.git_dir
        assert not (again.git_dir / "rebase-merge").exists()
        assert await again.is_clean()

    async def test_a_tree_with_a_git_folder_is_not_reused(
        self, checkouts: Checkouts, mirror: Mirror, checkout: Checkout, work: Path
    ) -> None:
        (checkout.path / "apps" / ".GIT").mkdir()
        await checkouts.put_back(checkout)
        assert not checkout.path.exists()
        assert list(checkouts.root.iterdir()) == []
        again = await checkouts.take(mirror, work / "again", MAIN)
        assert listing(again.path) == PRISTINE

    async def test_a_sparse_tree_is_not_pooled(self, checkouts: Checkouts, mirror: Mirror, work: Path) -> None:
        checkout = await checkouts.take(mirror, work / "src", MAIN, sparse=["apps/web"])
        await checkouts.put_back(checkout)
        assert list(checkouts.root.iterdir()) == []
        assert not checkout.path.exists()

    async def test_the_pool_stays_below_its_cap_and_keeps_the_youngest(
        self, checkouts: Checkouts, mirror: Mirror, app: GitRepository, work: Path
    ) -> None:
        branches = ["one", "two", "three"]
        for branch in branches:
            app.git("branch", branch, "main")
        taken = [await checkouts.take(mirror, work / branch, Revision(branch=branch)) for branch in branches]
        checkouts.cap = 2 * sum(map(len, PRISTINE.values()))
        clock = checkouts.clock
        assert isinstance(clock, FakeClock)
        for checkout in taken:
            await checkouts.put_back(checkout)
            await clock.advance(60)
        assert {path.name for path in checkouts.root.iterdir()} == {one.git_dir.name for one in taken[1:]}
        assert not taken[0].git_dir.exists()

    async def test_a_tree_at_the_right_commit_is_taken_as_it_is(
        self, tmp_path: Path, checkouts: Checkouts, mirror: Mirror, checkout: Checkout, work: Path
    ) -> None:
        (checkout.path / "a").write_text("changed")
        await checkouts.put_back(checkout)
        written = (checkout.git_dir / "index").stat().st_mtime_ns
        again = await checkouts.take(mirror, work / "again", MAIN)
        assert listing(again.path) == PRISTINE
        assert (checkout.git_dir / "index").stat().st_mtime_ns == written
        await checkouts.put_back(again)
        pooled = checkouts.root / again.git_dir.name
        (pooled / "a").write_text("lost when the machine went down")
        later = await restarted(tmp_path)
        assert listing((await later.take(mirror, work / "third", MAIN)).path) == PRISTINE

    async def test_a_spoilt_pooled_tree_is_replaced(
        self, tmp_path: Path, checkouts: Checkouts, mirror: Mirror, checkout: Checkout, work: Path
    ) -> None:
        await checkouts.put_back(checkout)
        (checkout.git_dir / "index").write_bytes(b"DIRC nonsense")
        again = await (await restarted(tmp_path)).take(mirror, work / "again", MAIN)
        assert listing(again.path) == PRISTINE
        assert again.git_dir != checkout.git_dir


class TestRestart:
    async def test_a_checkout_is_found_again_with_its_commits(
        self, tmp_path: Path, checkout: Checkout, app: GitRepository
    ) -> None:
        (checkout.path / "a").write_text("2\n")
        await checkout.add_all()
        made = await checkout.commit("before the crash", IDENTITY)
        (checkout.git_dir / "index.lock").write_text("")
        again = (await restarted(tmp_path)).open(checkout.path)
        assert (again.url, again.branch) == (app.url, "main")
        assert await again.head() == made
        assert await again.is_clean()
        await again.push()
        assert app.head() == made

    async def test_pooled_trees_stay_warm(
        self, tmp_path: Path, checkouts: Checkouts, checkout: Checkout, app: GitRepository, work: Path
    ) -> None:
        inode = (checkout.path / "z").stat().st_ino
        await checkouts.put_back(checkout)
        later = await restarted(tmp_path)
        again = await later.take(await later.mirrors.open(Remote.of(app.url)), work / "again", MAIN)
        assert (again.path / "z").stat().st_ino == inode

    async def test_a_place_that_is_no_checkout(self, checkouts: Checkouts, work: Path) -> None:
        with pytest.raises(NotFound, match="clone first"):
            checkouts.open(work / "src")

    async def test_a_deleted_workspace_is_forgotten(self, tmp_path: Path, checkout: Checkout) -> None:
        shutil.rmtree(checkout.path)
        later = await restarted(tmp_path)
        assert not checkout.git_dir.exists()
        with pytest.raises(NotFound):
            later.open(checkout.path)

    async def test_a_place_can_be_taken_again_after_its_files_were_deleted(
        self, tmp_path: Path, checkouts: Checkouts, mirror: Mirror, checkout: Checkout
    ) -> None:
        shutil.rmtree(checkout.path)
        again = await checkouts.take(mirror, checkout.path, MAIN)
        assert not checkout.git_dir.exists()
        assert (await restarted(tmp_path)).open(again.path).git_dir == again.git_dir

    @pytest.mark.parametrize("crash", ["while checking out", "before the move to the pool is noted", "while taking"])
    async def test_what_a_crash_left_half_done_is_swept_or_mended(
        self, tmp_path: Path, checkouts: Checkouts, mirror: Mirror, checkout: Checkout, work: Path, crash: str
    ) -> None:
        record = checkouts._records[checkout.git_dir.name]
        pooled = checkouts.root / record.id
        if crash == "while checking out":
            checkouts._write(replace(record, ready=False))
        elif crash == "before the move to the pool is noted":
            checkout.path.rename(pooled)
        else:
            checkout.path.rename(pooled)
            checkouts._write(replace(record, ready=False))
        (checkouts.root / "stray").mkdir()
        later = await restarted(tmp_path)
        assert not (checkouts.root / "stray").exists()
        with pytest.raises(NotFound):
            later.open(checkout.path)
        assert checkout.git_dir.exists() is pooled.exists() is (crash != "while checking out")
        assert not checkout.path.exists()
        again = await later.take(await later.mirrors.open(mirror.remote), work / "src", MAIN)
        assert listing(again.path) == PRISTINE

    async def test_a_workspace_finds_its_checkouts(self, checkouts: Checkouts, checkout: Checkout, work: Path) -> None:
        assert [found.path for found in checkouts.find(work)] == [checkout.path]
        await checkouts.discard(checkout)
        assert checkouts.find(work) == []
        assert not checkout.path.exists()
        assert not checkout.git_dir.exists()


class TestHostileTree:
    """The tree is written by others: nothing in it may make git run or write anything."""

    async def test_filters_and_hooks_named_by_the_tree_do_not_run(
        self, checkouts: Checkouts, mirror: Mirror, app: GitRepository, work: Path
    ) -> None:
        app.commit(
            {
                ".gitattributes": "* filter=evil diff=evil merge=evil\n",
                ".gitconfig": '[filter "evil"]\n  smudge = touch PWNED\n  clean = touch PWNED\n  required = true\n',
                ".lfsconfig": "[lfs]\n  url = http://127.0.0.1:1\n",
                ".gitmodules": '[submodule "x"]\n  path = x\n  url = ext::touch PWNED\n',
                "hooks/post-checkout": "#!/bin/sh\ntouch PWNED\n",
            }
        )
        checkout = await checkouts.take(mirror, work / "src", MAIN)
        (checkout.path / "a").write_text("2\n")
        await checkout.add_all()
        await checkout.commit("m", IDENTITY)
        await checkout.push()
        assert app.read("a") == "2"
        assert not list(work.rglob("PWNED"))

    async def test_a_git_folder_put_into_the_tree_is_not_used(self, checkout: Checkout, app: GitRepository) -> None:
        fake = checkout.path / ".git"
        (fake / "hooks").mkdir(parents=True)
        (fake / "config").write_text(f'[core]\n\tfsmonitor = "touch {checkout.path}/PWNED"\n')
        for hook in ("pre-commit", "post-commit", "pre-push"):
            (fake / "hooks" / hook).write_text(f"#!/bin/sh\ntouch {checkout.path}/PWNED\n")
            (fake / "hooks" / hook).chmod(0o755)
        (checkout.path / "a").write_text("2\n")
        await checkout.add_all()
        await checkout.commit("m", IDENTITY)
        await checkout.push()
        assert not (checkout.path / "PWNED").exists()
        assert app.files() == sorted(PRISTINE)
        assert app.read("a") == "2"

    async def test_a_git_link_to_elsewhere_is_not_followed(self, checkout: Checkout, tmp_path: Path) -> None:
        elsewhere = GitRepository.create(tmp_path / "elsewhere.git")
        (checkout.path / ".git").symlink_to(elsewhere.path)
        (checkout.path / "a").write_text("2\n")
        await checkout.add_all()
        await checkout.commit("m", IDENTITY)
        assert elsewhere.git("for-each-ref") == ""
        assert elsewhere.git("count-objects") == "0 objects, 0 kilobytes"

    async def test_a_repository_inside_the_tree_is_refused(self, checkout: Checkout, tmp_path: Path) -> None:
        inner = GitRepository.create(tmp_path / "inner.git")
        inner.commit({"x": "1"})
        shutil.copytree(inner.path, checkout.path / "vendor" / ".git")
        with pytest.raises(Permanent, match=r"vendor/? in the work tree is a Git repository"):
            await checkout.add_all()

    async def test_a_submodule_folder_filled_by_others_is_not_looked_into(
        self, checkouts: Checkouts, mirror: Mirror, app: GitRepository, work: Path, tmp_path: Path
    ) -> None:
        app.git("read-tree", "main")
        app.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
        tree = app.git("write-tree")
        body = f"tree {tree}\nparent {app.head()}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nsub\n"
        app.git(
            "update-ref",
            "refs/heads/main",
            app.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=body.encode()),
        )
        checkout = await checkouts.take(mirror, work / "src", MAIN)
        (checkout.path / "a").write_text("2\n")
        await checkout.add_all()
        assert await checkout.has_changes("a")
        assert not await checkout.has_changes("sub")
        inner = GitRepository.create(tmp_path / "inner.git")
        inner.git("config", "core.bare", "false")
        inner.git("config", "core.fsmonitor", f"touch {tmp_path}/PWNED")
        shutil.copytree(inner.path, checkout.path / "sub" / ".git")
        with pytest.raises(Permanent, match="sub in the work tree is a Git repository"):
            await checkout.add_all()
        assert not (tmp_path / "PWNED").exists()

    async def test_links_out_of_the_tree_are_stored_as_links(self, checkout: Checkout, app: GitRepository) -> None:
        (checkout.path / "passwd").symlink_to("/etc/passwd")
        shutil.rmtree(checkout.path / "apps")
        (checkout.path / "apps").symlink_to("/etc")
        await checkout.add_all()
        await checkout.commit("m", IDENTITY)
        await checkout.push()
        assert app.files() == ["a", "apps", "passwd", "z"]
        assert app.read("passwd") == "/etc/passwd"

    async def test_resetting_does_not_write_through_links(
        self, checkouts: Checkouts, mirror: Mirror, checkout: Checkout, work: Path, tmp_path: Path
    ) -> None:
        outside = tmp_path / "outside"
        (outside / "web").mkdir(parents=True)
        (outside / "web" / "values").write_text("untouched")
        shutil.rmtree(checkout.path / "apps")
        (checkout.path / "apps").symlink_to(outside)
        await checkouts.put_back(checkout)
        again = await checkouts.take(mirror, work / "again", MAIN)
        assert listing(again.path) == PRISTINE
        assert listing(outside) == {"web/values": "untouched"}


async def test_a_tree_deeper_than_the_stack_is_not_kept(
    checkouts: Checkouts, checkout: Checkout, mirror: Mirror, work: Path
) -> None:
    (checkout.path / "deep").mkdir()
    make_deep(checkout.path / "deep")
    await checkouts.put_back(checkout)
    assert list(checkouts.root.iterdir()) == []
    assert not checkout.path.exists()
