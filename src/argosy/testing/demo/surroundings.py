"""What the demo needs around Argosy: a Git repository with the configuration, and a registry with the images."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from argosy.clients.git import Git
from argosy.clients.http import Refused
from argosy.clients.oci import Oci, Target
from argosy.clock import Clock
from argosy.errors import AlreadyExists, Unavailable
from argosy.rules.image_url import parse
from argosy.rules.versions import Version
from argosy.testing.demo.content import configuration
from argosy.testing.demo.folder import IMAGE, Folder
from argosy.testing.git_repository import Change, GitRepository
from argosy.testing.image_push import NewImage, connected, push_image
from argosy.testing.registry import Registry

FIRST_VERSION = "1.0.0"
DOCUMENTED_VERSION = "1.2.3"
REGISTRY_PORT = 7444
"""Where the registry of a new demo listens, unless another program does."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Both, ready for use.

    Attributes:
        image: the repository to push to.
        config: URL of the configuration.
        next_version: one to try, higher than all that were pushed.
    """

    image: str
    config: str
    next_version: str


@dataclass(frozen=True, slots=True)
class Pushed:
    """An image that was pushed; `newest` is the highest version that was there before, empty for none."""

    image: str
    version: str
    digest: str
    newest: str

    @property
    def is_newest(self) -> bool:
        return not self.newest or Version.parse(self.newest) < Version.parse(self.version)


@contextlib.asynccontextmanager
async def surroundings(folder: Folder, clock: Clock) -> AsyncIterator[Surroundings]:
    """Serve the registry while the block runs; a new folder gets a first version and a first configuration.

    Raises Unavailable when the registry's port is taken, Permanent when git is missing or too old.
    """
    await Git().check_version()
    async with _registry(folder) as registry:
        image = f"{registry.host}/{IMAGE}"
        folder.keep_ports(folder.ports.model_copy(update={"registry": int(registry.host.rpartition(":")[2])}))
        if not folder.repository.exists():
            _configure(folder, image, clock)
        async with connected() as oci:
            tags = await _tags(oci, image)
            if not tags:
                await _push(oci, image, FIRST_VERSION)
        yield Surroundings(image, folder.repository.as_uri(), _next(tags))


@contextlib.asynccontextmanager
async def _registry(folder: Folder) -> AsyncIterator[Registry]:
    """The registry, at the port of earlier runs; at first at the usual one, or any that is free."""
    registry, kept = Registry.kept(folder.registry), folder.ports.registry
    async with contextlib.AsyncExitStack() as stack:
        for port in (kept,) if kept else (REGISTRY_PORT, 0):
            try:
                await stack.enter_async_context(registry.serve(port=port))
            except OSError:
                continue
            yield registry
            return
        raise Unavailable(
            f"port {kept} is taken, and the images of the demo in {folder.root} are named after it",
            advice="End the program that listens there, or start a new demo with --data and another folder.",
        )


async def publish(folder: Folder, version: str) -> Pushed:
    """Push a new version of the image to a running demo.

    Raises Invalid (no version), AlreadyExists (such a version is there), Unavailable (the demo does not run).
    """
    Version.parse(version, strict=True)
    if not folder.is_running:
        advice = "Start it in another terminal: `argosy demo`."
        raise Unavailable(f"the demo in {folder.root} is not running", advice=advice)
    image = f"127.0.0.1:{folder.ports.registry}/{IMAGE}"
    async with connected() as oci:
        tags = await _tags(oci, image)
        if version in tags:
            raise AlreadyExists(f"{image}:{version} was pushed before", advice=f"Try {_next(tags)}.")
        digest = await _push(oci, image, version)
    return Pushed(image, version, digest, max(tags, key=Version.parse, default=""))


def _next(tags: list[str]) -> str:
    """A version higher than those of `tags`: the documentation's 1.2.3 as long as that is one."""
    newest = max(map(Version.parse, tags), default=None)
    if newest is None or newest < Version.parse(DOCUMENTED_VERSION):
        return DOCUMENTED_VERSION
    return f"{newest.major}.{newest.minor}.{newest.patch + 1}"


async def _tags(oci: Oci, image: str) -> list[str]:
    """The versions of an image; none for an image that was never pushed."""
    try:
        listing = await oci.tags(Target(parse(image)))
    except Refused as error:
        if error.status != 404:
            raise
        return []
    return [tag for tag in listing.tags if Version.find(tag) is not None]


async def _push(oci: Oci, image: str, version: str) -> str:
    return await push_image(oci, Target(parse(image)), version, NewImage(content=f"web {version}\n"))


def _configure(folder: Folder, image: str, clock: Clock) -> None:
    folder.repository.parent.mkdir(parents=True, exist_ok=True)
    draft = GitRepository.create(folder.repository.with_name(f".{folder.repository.name}"))
    change = Change(
        configuration(image),
        "Describe web and its three stages",
        date=int(clock.now().timestamp()),
        author="Ada <ada@example.com>",
    )
    draft.add([change])
    draft.path.rename(folder.repository)
