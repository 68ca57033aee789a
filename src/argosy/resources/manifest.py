"""Manifests: files of resources as people write them, read with the line of every field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import orjson

from argosy.errors import Invalid, Problem
from argosy.resources.constraint import Path
from argosy.resources.meta import Json, Key
from argosy.resources.validation import validate
from argosy.resources.yaml_text import Limits, Reader, YamlDocument

__all__ = ["Limits", "Manifest", "parse_manifests", "read_manifests", "validate"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """One resource of a file.

    Attributes:
        document: the raw resource.
        lines: the line, from 1, of each path in it.
        file: where it was read.
        line: where in the file it begins.
    """

    document: dict[str, Json]
    lines: dict[Path, int] = field(default_factory=dict)
    file: str = ""
    line: int = 0

    @property
    def key(self) -> Key:
        """Where the resource is; the namespace is empty when the manifest leaves it to the context."""
        return Key.of(self.document)

    def problems(self) -> list[Problem]:
        """Everything that is wrong with it."""
        return validate(self.document, lines=self.lines, file=self.file)


def read_manifests(
    text: str | bytes, file: str = "", *, limits: Limits | None = None, check: bool = True
) -> list[Manifest]:
    """The resources in a YAML or JSON file with any number of documents; `kind: List` is taken apart.

    Args:
        text: the file's content; bytes must be UTF-8.
        file: its name, for problems.
        limits: what it may cost.
        check: whether to validate each resource, too.

    Raises:
        Invalid: the file cannot be read, or a resource in it is wrong; `problems` has every fault.
    """
    manifests, problems = parse_manifests(text, file, limits=limits)
    if check:
        problems = [*problems, *(problem for manifest in manifests for problem in manifest.problems())]
    if problems:
        count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise Invalid(f"{file or 'the manifest'} has {count}", sorted(problems, key=lambda problem: problem.line))
    return manifests


def parse_manifests(
    text: str | bytes, file: str = "", *, limits: Limits | None = None
) -> tuple[list[Manifest], list[Problem]]:
    """The resources that can be read, and what keeps the rest from being read. Raises nothing."""
    limits = limits or Limits()
    if len(text) > limits.size:
        message = f"the file is {len(text):,} bytes long, more than the {limits.size:,} allowed"
        return [], [Problem(message, file=file, advice="Split the file")]
    decoded = _decoded(text, file)
    if isinstance(decoded, Problem):
        return [], [decoded]
    reader = Reader(file, limits)
    reader.read(decoded)
    plain = _json(decoded)
    if plain is not None and not reader.documents:
        reader = Reader(file, limits)
        reader.documents.append(YamlDocument(plain))
    elif plain is not None and len(reader.documents) == 1:
        # YAML folds line separators in quoted text that JSON keeps.
        reader.documents[0] = replace(reader.documents[0], value=plain)
    problems = list(reader.problems)
    return [manifest for document in reader.documents for manifest in _manifests(document, file, problems)], problems


def _decoded(text: str | bytes, file: str) -> str | Problem:
    try:
        return text.encode().decode("utf-8-sig") if isinstance(text, str) else text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return Problem("the file is not UTF-8", file=file, line=line, advice="Save it as UTF-8")
    except UnicodeEncodeError as error:
        line = error.object[: error.start].count("\n") + 1
        return Problem("the text holds half a character", file=file, line=line, advice="Save it as UTF-8")


def _json(text: str) -> Json:
    """The value of JSON, of which YAML refuses or folds a few characters; None when it is no JSON object."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _manifests(document: YamlDocument, file: str, problems: list[Problem]) -> Iterator[Manifest]:
    value = document.value
    if value is None:
        return
    if not isinstance(value, dict):
        what = "a list" if isinstance(value, list) else "plain text"
        advice = "Begin with `apiVersion:`, `kind:` and `metadata:`; separate resources by a line `---`"
        problems.append(Problem(f"a resource is a mapping, not {what}", "", file, document.line, advice))
        return
    if value.get("kind") == "List" and isinstance(value.get("items"), list):
        yield from _items(document, file, problems)
        return
    yield Manifest(value, document.lines, file, document.lines.get((), document.line))


def _items(document: YamlDocument, file: str, problems: list[Problem]) -> Iterator[Manifest]:
    for index, item in enumerate(document.value["items"]):
        head = ("items", index)
        lines = {path[2:]: line for path, line in document.lines.items() if path[:2] == head}
        yield from _manifests(YamlDocument(item, lines, lines.get((), document.line)), file, problems)
