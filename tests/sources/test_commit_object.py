"""Commits as texts: with and without signature."""

from __future__ import annotations

from pathlib import Path

import pytest

from argosy.clients.git import Git, Identity, Policy, Remote
from argosy.clients.git_signing import SigningKey
from argosy.sources.checkout import Checkouts, Revision
from argosy.sources.commit_object import is_signed, unsigned
from argosy.sources.mirrors import Mirrors
from argosy.sources.worktree import Checkout
from argosy.testing.clock import FakeClock
from argosy.testing.git_repository import GitRepository
from argosy.testing.signing_key import ssh_key

HEAD = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000"
SIGNATURE = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n aaaa\n -----END PGP SIGNATURE-----"
IDENTITY = Identity("Kargo", "no-reply@kargo.io", 1_700_000_000)


@pytest.mark.parametrize("name", ["gpgsig", "gpgsig-sha256"])
@pytest.mark.parametrize("after", ["", "\nencoding latin-1"])
def test_a_signature_is_found_and_taken_out(name: str, after: str) -> None:
    signed = f"{HEAD}\n{SIGNATURE.replace('gpgsig', name)}{after}\n\nMessage\n\nmore\n"
    assert is_signed(signed)
    assert unsigned(signed) == f"{HEAD}{after}\n\nMessage\n\nmore\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}\n\n{SIGNATURE}\n",
        f"{HEAD}\n\nMessage\n\n{SIGNATURE}\n",
        f"{HEAD}\nmergetag object 1\n type commit\n {SIGNATURE}\n\nMerge\n",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    """In a message, or within the tag that a merge quotes."""
    assert not is_signed(text)
    assert unsigned(text) == text


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    repository = GitRepository.create(tmp_path / "app.git")
    repository.commit({"a": "1\n"}, "First")
    return repository


@pytest.fixture
async def checkout(tmp_path: Path, repo: GitRepository) -> Checkout:
    clock = FakeClock()
    mirrors = Mirrors(tmp_path / "mirrors", Git(Policy(allow_file=True)), clock, b"key")
    mirror = await mirrors.open(Remote.of(repo.url))
    return await Checkouts(tmp_path / "pool", mirrors, clock).take(mirror, tmp_path / "src", Revision(branch="main"))


async def commit(checkout: Checkout, content: str, identity: Identity = IDENTITY) -> str:
    (checkout.path / "a").write_text(content)
    await checkout.add_all()
    return await checkout.commit("Change", identity)


async def test_following_a_commit_with_the_same_files_keeps_what_is_not_committed(
    checkout: Checkout, tmp_path: Path
) -> None:
    base = await checkout.head()
    one = await commit(
        checkout, "2\n", Identity("Kargo", "no-reply@kargo.io", 1, SigningKey(ssh_key(tmp_path).private))
    )
    await checkout.reset(base)
    two = await commit(checkout, "2\n")
    assert one != two
    (checkout.path / "a").write_text("not committed\n")
    await checkout.follow(one, IDENTITY)
    assert await checkout.head() == one
    assert (checkout.path / "a").read_text() == "not committed\n"


async def test_following_one_with_more_in_it_takes_that_along(checkout: Checkout, repo: GitRepository) -> None:
    ours = await commit(checkout, "2\n")
    theirs = repo.commit({"b": "1\n"}, "Theirs")
    await checkout.fetch("main")
    rebased = await checkout.rebase(theirs, IDENTITY)
    await checkout.reset(ours)
    await checkout.follow(rebased, IDENTITY)
    assert await checkout.head() == rebased
    assert (checkout.path / "b").read_text() == "1\n"


async def test_where_it_cannot_follow_everything_stays(checkout: Checkout, repo: GitRepository) -> None:
    ours = await commit(checkout, "2\n")
    theirs = repo.commit({"a": "theirs\n"}, "Theirs")
    await checkout.fetch("main")
    await checkout.follow(theirs, IDENTITY)
    assert await checkout.head() == ours
    assert (checkout.path / "a").read_text() == "2\n"
