"""What the steps for Helm charts have in common: fetching what a chart depends on, the same again after a crash."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from argosy.clients.challenge import parse
from argosy.clients.helm import Repository
from argosy.clients.web import Ask
from argosy.errors import ArgosyError, Failed, Permanent
from argosy.resources.meta import Json
from argosy.rules.chart_dependency import FILE, LOCK, Dependency, dependencies
from argosy.steps.base import Context

_PROBE = 10.0  # seconds


def chart_dependencies(ctx: Context, path: str, file: str = FILE) -> list[Dependency]:
    """The dependencies in `Chart.yaml` or `Chart.lock`; none when there is no such file. Raises Permanent."""
    if not ctx.tree.resolve(f"{path}/{file}").exists():
        return []
    return dependencies(ctx.tree.read(f"{path}/{file}"), f"{path}/{file}")


def check_links(ctx: Context, path: str) -> None:
    """Raises Permanent for a link in a chart that leads out of the working directory: helm would follow it."""
    root = os.path.realpath(ctx.tree.root)
    for folder, folders, files in os.walk(ctx.tree.resolve(path)):
        for name in (*folders, *files):
            place = Path(folder, name)
            if place.is_symlink() and not Path(os.path.realpath(place)).is_relative_to(root):
                raise Permanent(
                    f"{ctx.tree.relative(place)} is a link that leads out of the working directory",
                    advice="Put the file itself into the chart.",
                )


async def fetch(ctx: Context, path: str, *, update: bool) -> None:
    """Fetch what a chart depends on, and pin it: run again after a crash it is the same, or the step ends as Failed.

    Args:
        update: whether to choose versions anew, rather than to take those of `Chart.lock` when it is there.

    Raises Failed, Permanent and Temporary as `Helm.fetch` does.
    """
    needed = chart_dependencies(ctx, path)
    if not needed:
        return
    for folder in [path, *(_local(ctx, path, each) for each in needed if each.is_local)]:
        await asyncio.to_thread(check_links, ctx, folder)
    chart, repositories = ctx.tree.resolve(path), await _repositories(ctx, needed)

    async def first() -> Json:
        await ctx.helm.fetch(chart, ctx.tree.root, repositories, update=update)
        await asyncio.to_thread(_check_archives, ctx, path)
        return await asyncio.to_thread(_state, ctx, path)

    pinned = await ctx.pin("dependencies", first)
    if await asyncio.to_thread(_state, ctx, path) == pinned:
        return
    ctx.tree.write(f"{path}/{LOCK}", str(pinned["lock"]).encode())
    await ctx.helm.fetch(chart, ctx.tree.root, repositories, update=False)
    if await asyncio.to_thread(_state, ctx, path) != pinned:
        raise Failed(
            f"what {path} depends on has changed since this promotion fetched it first",
            advice="A chart was published again under the same version. Promote again.",
        )


def _archives(ctx: Context, path: str) -> list[Path]:
    """Those that were fetched."""
    packed = {each.archive for each in chart_dependencies(ctx, path, LOCK) if not each.is_fetched}
    found = sorted(ctx.tree.resolve(f"{path}/charts").glob("*.tgz"))
    return [file for file in found if file.name not in packed and file.is_file()]


def _check_archives(ctx: Context, path: str) -> None:
    """Raises Permanent when helm fetched fewer charts than it locked: it drops what is no chart, and says nothing."""
    locked = {each.archive: each for each in chart_dependencies(ctx, path, LOCK) if each.is_fetched}
    there = {file.name for file in _archives(ctx, path)}
    if len(there) < len(locked):
        missing = ", ".join(f"{each.name} {each.version}" for name, each in locked.items() if name not in there)
        raise Permanent(
            f"what the repositories have as {missing} is no chart",
            advice="Fetch it yourself to see what it is, and have it published again.",
        )


def _state(ctx: Context, path: str) -> Json:
    """The lock file, and the digests of the archives that were fetched."""
    lock = ctx.tree.resolve(f"{path}/{LOCK}")
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in _archives(ctx, path)}
    return {"lock": lock.read_text() if lock.exists() else "", "charts": digests}


def _local(ctx: Context, path: str, dependency: Dependency) -> str:
    """The path of a chart that lies in the same tree. Raises Permanent when it does not."""
    named = dependency.repository.removeprefix("file://")
    place = os.path.realpath(ctx.tree.resolve(path) / named)
    if named.startswith("/") or not Path(place).is_relative_to(os.path.realpath(ctx.tree.root)):
        raise Permanent(
            f"{path}/{FILE}: dependency {dependency.name} lies at {dependency.repository}, outside of the promotion",
            advice="Write a relative path to a chart that the promotion has checked out.",
        )
    return os.path.relpath(place, os.path.realpath(ctx.tree.root))


async def _repositories(ctx: Context, needed: list[Dependency]) -> list[Repository]:
    """The repositories of a chart, each once, with logins. A registry's login is that of the first chart from it."""
    found: dict[str, Repository] = {}
    for each in needed:
        if not each.is_fetched:
            continue
        _check_url(each)
        oci = each.repository.startswith("oci://")
        place = urlsplit(each.repository).netloc if oci else each.repository
        if place in found and (found[place].login is not None or not oci):
            continue
        url = f"{each.repository.rstrip('/')}/{each.name}" if oci else each.repository
        plain = await _speaks_plain_http(place) if oci else False
        token_port = await _token_port(ctx, f"http{'' if plain else 's'}://{place}/v2/") if oci else 0
        found[place] = Repository(each.repository, await ctx.login("helm", url), plain, token_port)
    return list(found.values())


def _check_url(dependency: Dependency) -> None:
    """Raises Permanent."""
    try:
        parts = urlsplit(dependency.repository)
        usable = bool(parts.hostname) and parts.port != 0 and not re.search(r"\s", dependency.repository)
    except ValueError:
        usable = False
    if not usable or not dependency.repository.startswith(("http://", "https://", "oci://")):
        shown = dependency.repository.rpartition("@")[2]
        raise Permanent(
            f"{FILE}: the repository {shown!r} of {dependency.name} is not a usable URL",
            advice="Check its spelling: https://host/path, or oci://host/path.",
        )


async def _speaks_plain_http(host: str) -> bool:
    """Whether a registry answers TLS with plain HTTP. When that cannot be told it counts as speaking TLS."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    address = urlsplit(f"//{host}")
    try:
        async with asyncio.timeout(_PROBE):
            _, writer = await asyncio.open_connection(address.hostname, address.port or 443, ssl=context)
    except ssl.SSLError as error:
        return error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")
    except (OSError, TimeoutError, ValueError):
        return False
    writer.close()
    return False


async def _token_port(ctx: Context, url: str) -> int:
    """The port that a registry sends us to for tokens; 0 when it does not, or does not answer."""
    try:
        answer = await ctx.web.send(Ask(url, timeout=_PROBE))
    except ArgosyError:
        return 0  # helm tells
    realms = [each.parameters.get("realm", "") for each in parse(answer.headers.get("www-authenticate", ""))]
    realm = next((urlsplit(each) for each in realms if "://" in each), None)
    try:
        return (realm.port or (80 if realm.scheme == "http" else 443)) if realm is not None else 0
    except ValueError:
        return 0
