"""Pages keep their word: links lead somewhere, manifests are valid, commands and their options exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from argosy.cli import command
from argosy.resources.manifest import read_manifests

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
WRITTEN = [page for page in PAGES if "reference" not in page.parts]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_SHELL = ("sh", "")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    return _FENCE.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    titles = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def commands(page: Path) -> Iterator[str]:
    """The argosy commands in the code blocks of a page, and in its prose where they have arguments."""
    for language, block in _FENCE.findall(page.read_text("utf-8")):
        if language in _SHELL:
            yield from re.findall(r"^(?:\$ )?(?:\.venv/bin/)?argosy (.+)$", block, re.MULTILINE)
    yield from re.findall(r"`argosy ([^`]+)`", prose(page))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        assert target.is_relative_to(ROOT), f"{link} leaves the repository"
        assert not anchor or anchor in anchors(target), f"{link}: no such heading"


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_manifests_are_valid(page: Path) -> None:
    for language, block in _FENCE.findall(page.read_text("utf-8")):
        if language == "yaml":
            assert read_manifests(block, name(page))


@pytest.mark.parametrize("page", WRITTEN, ids=name)
def test_commands_exist_with_their_options(page: Path) -> None:
    for line in commands(page):
        words = shlex.split(line, comments=True)
        found: click.Command = command
        while isinstance(found, click.Group) and words and not words[0].startswith("-"):
            inner = found.get_command(click.Context(found), words.pop(0))
            assert inner is not None, f"argosy {line}: no such command"
            found = inner
        known = {option for parameter in found.params for option in parameter.opts + parameter.secondary_opts}
        unknown = {word for word in words if word.startswith("-")} - known
        assert not unknown, f"argosy {line}: no option {unknown}"


def test_every_decision_is_listed() -> None:
    index = (ROOT / "docs" / "adr" / "index.md").read_text("utf-8")
    for page in sorted((ROOT / "docs" / "adr").glob("0*.md")):
        title = page.read_text("utf-8").splitlines()[0].partition(". ")[2]
        assert f"]({page.name}) | {title} |" in index
