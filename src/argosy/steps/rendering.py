"""What the steps that render manifests have in common: where they write them."""

from __future__ import annotations

from collections.abc import Sequence

from argosy.errors import Permanent
from argosy.rules.manifest_name import Manifest, Naming, files
from argosy.steps.base import Context, Done


def is_file(path: str) -> bool:
    """Whether manifests go into one file of that path rather than into a folder."""
    return path.rstrip("/").rpartition("/")[2].endswith((".yaml", ".yml"))


def write_each(ctx: Context, folder: str, found: Sequence[Manifest], naming: Naming) -> Done:
    """Write one file for each object. Raises Permanent for an object whose file would lie elsewhere."""
    made = files(found, naming)
    try:
        ctx.tree.resolve(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Permanent(f"cannot make the folder {folder}: {error.strerror}") from error
    for name, content in made.content.items():
        ctx.tree.write(f"{folder}/{name}", content.encode(errors="surrogateescape"))
    ctx.log(f"wrote {len(made.content)} files to {folder}")
    if not made.twice:
        return Done()
    names = ", ".join(sorted(set(made.twice))[:5])
    return Done(warning=f"several objects have the same file name, and only the last of each was written: {names}")
