"""What the steps for kustomize have in common: where the kustomization of a folder is."""

from __future__ import annotations

import stat

from argosy.clients.files import Tree
from argosy.errors import Permanent
from argosy.rules.kustomization import FILE_NAMES


def kustomization(tree: Tree, folder: str) -> str:
    """The path of the kustomization in a folder of the working directory. Raises Permanent: there is none, or several.

    As in Kargo, a link is no kustomization.
    """
    place = tree.resolve(folder)
    found = [name for name in FILE_NAMES if _is_file(tree, f"{folder}/{name}")]
    if len(found) == 1:
        return tree.relative(place / found[0])
    if found:
        raise Permanent(f"{folder} has several kustomizations: {', '.join(found)}", advice="Keep one of them.")
    raise Permanent(f"{folder} has no kustomization", advice=f"Name a folder that holds a {FILE_NAMES[0]}.")


def _is_file(tree: Tree, path: str) -> bool:
    try:
        return stat.S_ISREG(tree.locate(path).lstat().st_mode)
    except OSError:
        return False
