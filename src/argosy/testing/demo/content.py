"""What the demo begins with: its pipeline and its configuration repository, kept as files beside this one."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.abc import Traversable
from importlib.resources import files

_HERE = files(__package__ or "argosy.testing.demo")


def pipeline(image: str, config: str) -> str:
    """The manifests of the demo, for an image repository and the URL of the configuration repository."""
    return (_HERE / "pipeline.yaml").read_text("utf-8").replace("IMAGE_URL", image).replace("CONFIG_URL", config)


def configuration(image: str) -> dict[str, str]:
    """The first files of the configuration repository, by path."""
    return {path: text.replace("IMAGE_URL", image) for path, text in _texts(_HERE / "config", "")}


def _texts(folder: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = f"{prefix}{entry.name}"
        if entry.is_dir():
            yield from _texts(entry, f"{path}/")
        else:
            yield path, entry.read_text("utf-8")
