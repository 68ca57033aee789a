"""What the steps for kustomize have in common: where the kustomization of a folder is, and what it takes in."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import yaml

from argosy.clients.files import Tree
from argosy.errors import Permanent
from argosy.rules.kustomization import FILE_NAMES
from argosy.rules.yaml_tree import read_events

_REMOTE = re.compile(r"://|^git@|^git::|[?&](?:ref|version)=|^(?:github\.com|gitlab\.com|bitbucket\.org)[/:]")
_INFLATOR = b"HelmChartInflationGenerator"
_MOST_FOLDERS, _MOST_BYTES = 10_000, 16 << 20


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


def reaches_out(tree: Tree, folder: Path) -> bool:
    """Whether a kustomization, or one that it takes in, may name something that lies elsewhere.

    It looks for what can be an address, so it is sometimes wrong, but only in saying yes.
    """
    todo, seen = [folder], {folder}
    while todo:
        here = todo.pop()
        for text in _texts(here):
            if _REMOTE.search(text):
                return True
            named = Path(os.path.normpath(here / text)) if len(text) < 1024 and "\0" not in text else here
            if named in seen or not named.is_relative_to(tree.root) or len(seen) > _MOST_FOLDERS:
                continue
            seen.add(named)
            if named.is_dir():
                todo.append(named)
            elif named.is_file() and _is_inflator(named):
                return True
    return False


def _is_inflator(file: Path) -> bool:
    content = file.read_bytes() if file.stat().st_size <= _MOST_BYTES else b""
    return _INFLATOR in content and b"://" in content


def _texts(folder: Path) -> Iterator[str]:
    """All single values of the kustomization in a folder; none when it has none that can be read."""
    for name in FILE_NAMES:
        try:
            text = (folder / name).read_text()
            yield from (str(each.event.value) for each in read_events(text) if isinstance(each.event, yaml.ScalarEvent))
        except (OSError, UnicodeDecodeError, Permanent):
            continue
