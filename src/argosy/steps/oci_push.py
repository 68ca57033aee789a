"""`oci-push`: copy an image, an index or a chart to another tag or registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import Field

from argosy.clients.http import MIB
from argosy.clients.oci import Target
from argosy.clients.oci_copy import Artifact, copy, read
from argosy.errors import Permanent
from argosy.failpoints import reach
from argosy.resources.meta import Json
from argosy.steps.base import Change, Config, Context, Done, Effect, Preview, Step
from argosy.steps.oci_reference import PATTERN, TAG_PATTERN, Reference

_LARGEST = 1024 * MIB


class OciPushConfig(Config):
    """Copies an artifact, with all images of an index, to a tag; within a repository it only sets the tag.

    Between repositories an artifact may have at most 1 GiB, compressed. Without annotations its digest stays the same.
    """

    src_ref: str = Field(min_length=1, pattern=PATTERN)
    """What to copy: a repository with tag or digest. A chart's begins with `oci://`."""
    dest_ref: str = Field(min_length=1, pattern=TAG_PATTERN)
    """Where to: a repository with a tag, which is moved when it is there."""
    annotations: dict[str, str] = Field(default={})
    """Annotations to add to each image, or with `index:` before the key to the index. `manifest:` before it says that
    it is for each image, too."""
    insecure_skip_tls_verify: bool = Field(default=False, alias="insecureSkipTLSVerify")
    """Whether to accept any TLS certificate."""


@dataclass(frozen=True, slots=True)
class _Job:
    source: Target
    target: Target
    reference: Reference
    artifact: Artifact

    @property
    def outputs(self) -> dict[str, Json]:
        return {"image": str(self.reference), "digest": self.artifact.digest, "tag": self.reference.version}


async def run(config: OciPushConfig, ctx: Context) -> Done:
    """What is copied is pinned by its digest. Raises Refused, Permanent (no such artifact, too large), Temporary."""
    job = await _job(config, ctx)
    if await ctx.oci.digest(job.target, job.reference.version) == job.artifact.digest:
        ctx.log(f"{job.reference} is {job.artifact.digest} already")
        return Done(job.outputs)
    await ctx.intend({"ref": str(job.reference), "digest": job.artifact.digest})
    reach("oci-push.intended")
    await copy(ctx.oci, job.source, job.target, job.artifact, job.reference.version)
    reach("oci-push.pushed")
    ctx.log(f"pushed {job.artifact.digest} to {job.reference}")
    return Done(job.outputs)


async def preview(config: OciPushConfig, ctx: Context) -> Preview:
    """Raises as `run`."""
    job = await _job(config, ctx)
    before = await ctx.oci.digest(job.target, job.reference.version)
    if before == job.artifact.digest:
        return Preview(outputs=job.outputs, message=f"{job.reference} is {before} already")
    details: dict[str, Json] = {"digest": job.artifact.digest, "from": config.src_ref}
    if before:
        details["replaces"] = before
    if config.annotations:
        details["annotations"] = dict(config.annotations)
    return Preview((Change("push", str(job.reference), details=details),), outputs=job.outputs)


async def _job(config: OciPushConfig, ctx: Context) -> _Job:
    here, there = Reference.read(config.src_ref), Reference.read(config.dest_ref)
    verify = not config.insecure_skip_tls_verify
    source, target = await here.target(ctx, verify=verify), await there.target(ctx, verify=verify)
    index, manifest = _scopes(config.annotations)

    async def resolved() -> Json:
        digest = await ctx.oci.digest(source, here.version)
        if digest is None:
            raise Permanent(f"there is no {here}", advice="Check the name, and that it was pushed.")
        return digest

    pinned = here.version if ":" in here.version else await ctx.pin("source", resolved)
    artifact = await read(ctx.oci, source, str(pinned), index=index, manifest=manifest)
    if artifact.size > _LARGEST and source.repository != target.repository:
        raise Permanent(f"{here} has {artifact.size} bytes, the limit for copies is {_LARGEST}")
    return _Job(source, target, there, artifact)


def _scopes(annotations: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Those of the index, and those of each image."""
    index = {key.removeprefix("index:"): value for key, value in annotations.items() if key.startswith("index:")}
    others = {key: value for key, value in annotations.items() if not key.startswith("index:")}
    return index, {key.removeprefix("manifest:"): value for key, value in others.items()}


STEP = Step("oci-push", Effect.EXTERNAL, OciPushConfig, run, outputs=("image", "digest", "tag"), preview=preview)
