"""What the `images` of a kustomization become when images are set.

Follows Kargo's `kustomize-set-image` (`mergeImages` in `kustomize_image_setter.go`): what is set replaces all that was
said of an image of that name, `*` keeps what was there, and images that are not set stay. Unlike there, the order of
the list stays too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from argosy.errors import Permanent

FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
"""What kustomize takes for the file of a folder."""

FIELDS = ("newName", "newTag", "digest")
"""What may be set of an image, in the order in which it is written."""

DROPPED = (*FIELDS, "tagSuffix")
"""What is no longer said of an image that is set, unless it is set anew."""

KEEP = "*"
"""The value that keeps what the kustomization says."""

_SHAPE = "Write `images` as a list of `name` and `newName`, `newTag` or `digest`."


@dataclass(frozen=True, slots=True)
class SetImage:
    """What is to be said of the image `name`; empty is nothing, `*` what is there now."""

    name: str
    new_name: str = ""
    new_tag: str = ""
    digest: str = ""

    def over(self, current: Mapping[str, str]) -> SetImage:
        """With `*` replaced by what the entry `current` says."""
        kept = (current.get(field, "") if value == KEEP else value for field, value in self.fields.items())
        return SetImage(self.name, *kept)

    @property
    def fields(self) -> dict[str, str]:
        """All fields by the names that kustomize gives them, empty ones too."""
        return dict(zip(FIELDS, (self.new_name, self.new_tag, self.digest), strict=True))

    @property
    def entry(self) -> dict[str, str]:
        """The entry of a kustomization that says this."""
        return {"name": self.name, **{field: value for field, value in self.fields.items() if value}}

    def __str__(self) -> str:
        tag, digest = f":{self.new_tag}" if self.new_tag else "", f"@{self.digest}" if self.digest else ""
        return f"{self.new_name or self.name}{tag}{digest}"


@dataclass(frozen=True, slots=True)
class Images:
    """What a list of images becomes.

    Attributes:
        set: what was set, by name; nothing in it is `*`.
        entries: the whole new list.
        doubles: whether entries were left out, because an earlier one has the same name.
    """

    set: Mapping[str, SetImage]
    entries: Sequence[Mapping[str, str]]
    doubles: bool


def merged(current: Sequence[Mapping[str, str]], wanted: Iterable[SetImage]) -> Images:
    """Set images over the entries that are there. Of several for one name the last counts."""
    targets = {image.name: image for image in wanted}
    found: dict[str, SetImage] = {}
    entries: list[Mapping[str, str]] = []
    doubles = False
    for entry in current:
        name = entry["name"]
        if name not in targets:
            entries.append(entry)
        elif name in found:
            doubles = True
        else:
            found[name] = targets[name].over(entry)
            others = {key: value for key, value in entry.items() if key != "name" and key not in DROPPED}
            entries.append(found[name].entry | others)
    for name in sorted(targets.keys() - found.keys()):
        found[name] = targets[name].over({})
        entries.append(found[name].entry)
    return Images(found, entries, doubles)


def commit_message(path: str, images: Iterable[SetImage]) -> str:
    """What was set, for a commit; empty when nothing was."""
    lines = [f"- {image}" for image in sorted(images, key=lambda image: image.name)]
    if not lines:
        return ""
    return "\n".join([f"Updated {path} to use new image{'s' if len(lines) > 1 else ''}", "", *lines])


def no_images(where: str) -> Permanent:
    """That `where`, a part of a kustomization, is not what it must be."""
    return Permanent(f"{where} cannot be read as images of a kustomization", advice=_SHAPE)
