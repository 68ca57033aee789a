"""`oci-download`: fetch a layer of an OCI artifact into a file."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from pydantic import Field

from argosy.clients.files import new_file
from argosy.clients.http import MIB
from argosy.clients.oci import INDEXES, Manifest, Target
from argosy.clients.oci_blob import Descriptor, parts
from argosy.errors import Permanent
from argosy.resources.meta import Json
from argosy.steps.base import Config, Context, Done, Effect, Step
from argosy.steps.oci_reference import PATTERN, Reference

_LARGEST = 100 * MIB


class OciDownloadConfig(Config):
    """Downloads one layer, as it is in the registry, of at most 100 MiB."""

    image_ref: str = Field(min_length=1, pattern=PATTERN)
    """The artifact: a repository with tag or digest. A chart's begins with `oci://`. Of an index it is the image for
    `linux/amd64`."""
    out_path: str = Field(min_length=1)
    """The file to write."""
    allow_overwrite: bool = False
    """Whether a file that is there may be replaced."""
    media_type: str | None = Field(default=None, min_length=1)
    """The media type of the layer: the first of that type is taken, by default the first of all."""
    insecure_skip_tls_verify: bool = Field(default=False, alias="insecureSkipTLSVerify")
    """Whether to accept any TLS certificate."""


async def run(config: OciDownloadConfig, ctx: Context) -> Done:
    """What a tag pointed to is pinned. Raises Refused, Permanent (no such artifact or layer, the file is there)."""
    path = ctx.tree.resolve(config.out_path)
    if path.is_dir():
        raise Permanent(f"outPath {config.out_path} is a folder", advice="Name a file in it.")
    if path.exists() and not config.allow_overwrite:
        raise Permanent(f"file {config.out_path} exists already", advice="Set allowOverwrite: true to replace it.")
    reference = Reference.read(config.image_ref)
    target = await reference.target(ctx, verify=not config.insecure_skip_tls_verify)

    async def resolved() -> Json:
        return (await _image(ctx, target, reference.version)).digest

    image = await _image(ctx, target, str(await ctx.pin("manifest", resolved)))
    layer = _layer(image, config)
    await _write(ctx, target, layer, path)
    ctx.log(f"downloaded {layer.digest} of {reference} to {config.out_path}, {layer.size} bytes")
    return Done()


async def _image(ctx: Context, target: Target, version: str) -> Manifest:
    """The manifest of one image. Raises Permanent."""
    found = await ctx.oci.manifest(target, version)
    if found is not None and found.media_type in INDEXES:
        listed = found.data.get("manifests")
        entries = [each for each in (listed if isinstance(listed, list) else ()) if _is_common(each)]
        found = await ctx.oci.manifest(target, Descriptor.of(entries[0]).digest) if entries else None
    if found is None:
        raise Permanent(
            f"there is no {version} for linux/amd64 in {target.repository}",
            advice="Check the name, and that it was pushed.",
        )
    return found


def _is_common(entry: object) -> bool:
    platform = entry.get("platform") if isinstance(entry, dict) else None
    found = platform if isinstance(platform, dict) else {}
    return (found.get("os"), found.get("architecture")) == ("linux", "amd64")


def _layer(image: Manifest, config: OciDownloadConfig) -> Descriptor:
    layers = Descriptor.each_of(image.data.get("layers"))
    wanted = config.media_type
    found = next((layer for layer in layers if wanted in (None, layer.media_type)), None)
    if found is None:
        types = ", ".join(dict.fromkeys(layer.media_type for layer in layers)) or "none"
        raise Permanent(
            f"{config.image_ref} has no layer{f' of the type {wanted}' if wanted else ''}",
            advice=f"Its types: {types}.",
        )
    if found.size > _LARGEST:
        raise Permanent(f"the layer has {found.size} bytes, the limit is {_LARGEST}")
    return found


async def _write(ctx: Context, target: Target, layer: Descriptor, path: Path) -> None:
    """The file appears whole or not at all."""
    draft = path.with_name(f".{path.name[:200]}.argosy-draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with new_file(draft) as file:
            async for part in parts(ctx.oci, target, layer):
                await asyncio.to_thread(file.write, part)
        draft.replace(path)
    except OSError as error:
        raise Permanent(f"cannot write {path.name}: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


STEP = Step("oci-download", Effect.WORKSPACE, OciDownloadConfig, run)
