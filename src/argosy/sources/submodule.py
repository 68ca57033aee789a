"""Submodules of a checkout: which there are and where they come from. What `.gitmodules` says is a stranger's word."""

from __future__ import annotations

from dataclasses import dataclass

from argosy.clients.git import Extra
from argosy.errors import Permanent
from argosy.rules import git_url
from argosy.sources.worktree import Checkout

_GITLINK = b"160000 "
_FILE = "HEAD:.gitmodules"


@dataclass(frozen=True, slots=True)
class Submodule:
    """A submodule: its path below the checkout, the URL of its repository, the ID of the commit wanted."""

    path: str
    url: str
    commit: str


async def submodules(checkout: Checkout) -> list[Submodule]:
    """Those of the checked-out commit that are in the tree, in the order of their paths.

    Raises Permanent for what Git would refuse, and for commands in place of a checkout.
    """
    listed = await checkout.mirror.run("ls-files", "--stage", "-z", place=checkout.place)
    links = dict(_link(entry) for entry in listed.stdout.split(b"\0") if entry.startswith(_GITLINK))
    wanted = {path: commit for path, commit in links.items() if (checkout.path / path).is_dir()}
    if not wanted:
        return []
    told = await _configuration(checkout)
    by_path = {fields["path"]: fields for fields in told.values() if "path" in fields}
    found = [_submodule(checkout, path, commit, by_path.get(path, {})) for path, commit in wanted.items()]
    return [each for each in found if each is not None]


def _link(entry: bytes) -> tuple[str, str]:
    mode, _, path = entry.partition(b"\t")
    return path.decode(errors="surrogateescape"), mode.split(b" ")[1].decode()


async def _configuration(checkout: Checkout) -> dict[str, dict[str, str]]:
    """The settings of `.gitmodules` by the name of the submodule."""
    extra = Extra(accept=(0, 1, 128))
    answer = await checkout.mirror.read("config", "--blob", _FILE, "--list", "-z", extra=extra, place=checkout.place)
    told: dict[str, dict[str, str]] = {}
    for pair in answer.stdout.decode(errors="surrogateescape").split("\0"):
        key, _, value = pair.partition("\n")
        if key.startswith("submodule.") and key.count(".") > 1:
            name, _, setting = key.removeprefix("submodule.").rpartition(".")
            told.setdefault(name, {})[setting] = value
    return told


def _submodule(checkout: Checkout, path: str, commit: str, told: dict[str, str]) -> Submodule | None:
    """None for one that is not to be checked out."""
    update = told.get("update", "")
    if update == "none":
        return None
    if update.startswith("!"):
        raise Permanent(
            f"the submodule {path} of {checkout.url} wants a command to be run",
            advice="Take `update` out of its .gitmodules; nothing in a repository is executed.",
        )
    if not told.get("url"):
        raise Permanent(
            f"the submodule {path} of {checkout.url} has no URL",
            advice="Add it to .gitmodules, or take the submodule out of the repository.",
        )
    return Submodule(path, _url(checkout, path, told["url"]), commit)


def _url(checkout: Checkout, path: str, told: str) -> str:
    try:
        url = git_url.resolve_relative(checkout.url, told)
    except ValueError as error:
        raise Permanent(f"the submodule {path}: {error}", advice="Correct its URL in .gitmodules.") from error
    scheme, own = git_url.parse(url).scheme, git_url.parse(checkout.url).scheme
    # A repository on a server has no business with repositories on this machine, allowed to others or not.
    if scheme not in ("http", "https", "ssh") and not scheme == own == "file":
        shown = git_url.parse(url).url
        raise Permanent(
            f"the submodule {path} of {checkout.url} is at {shown}, which may not be read",
            advice="Use an https:// URL, or one relative to that of the repository.",
        )
    return url
