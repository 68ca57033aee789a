"""`yaml-merge`: merge YAML files into one."""

from __future__ import annotations

import asyncio

from pydantic import Field

from argosy.errors import Permanent
from argosy.rules.yaml_merge import merged
from argosy.steps.base import Config, Context, Done, Effect, Step


class YamlMergeConfig(Config):
    """Merges YAML files, each over those before it.

    Mappings are merged key by key, everything else is replaced, lists too; null removes a key. Comments are kept.
    """

    in_files: list[str] = Field(min_length=1)
    """The files to merge, the weakest first."""
    out_file: str = Field(min_length=1)
    """The file to write. It is replaced when it is there, and may be one of those that are merged."""
    ignore_missing_files: bool = False
    """Whether files may be missing. When all are, the file that is written is empty."""


async def run(config: YamlMergeConfig, ctx: Context) -> Done:
    """Raises Permanent: a file that is missing or no YAML."""
    files: list[tuple[str, bytes]] = []
    for path in config.in_files:
        if config.ignore_missing_files and not ctx.tree.resolve(path).exists():
            ctx.log(f"{path} is missing, so it is left out")
            continue
        files.append((path, ctx.tree.read(path)))
    try:
        content = await asyncio.to_thread(merged, files)
    except RecursionError:
        raise Permanent("the files are nested too deeply") from None
    ctx.tree.write(config.out_file, content)
    return Done({"commitMessage": _message([path for path, _ in files], config.out_file)} if files else {})


def _message(paths: list[str], out: str) -> str:
    if len(paths) == 1:
        return f"Wrote {paths[0]} to {out}"
    return "\n".join([f"Merged {len(paths)} YAML files to {out}", *(f"- {path}" for path in paths)])


STEP = Step("yaml-merge", Effect.WORKSPACE, YamlMergeConfig, run, outputs=("commitMessage",))
