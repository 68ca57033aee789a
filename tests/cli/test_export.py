"""`argosy export` and `argosy import`: from one folder to another, as a user types it."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

from click.testing import CliRunner, Result

from argosy.cli import command
from argosy.resources.kinds import KINDS
from argosy.store.sql import open_store
from argosy.testing.clock import FakeClock


def run(folder: Path, *arguments: str, stdin: bytes = b"") -> Result:
    place = ["--data", str(folder / "data"), "--key-file", str(folder / "keys" / "ring")]
    return CliRunner().invoke(command, [*arguments, *place], input=stdin)


def filled(folder: Path) -> Path:
    async def fill() -> None:
        store = open_store(
            f"sqlite:///{folder}/data/argosy.db", KINDS, clock=FakeClock(), key_file=folder / "keys" / "ring"
        )
        await store.create(
            {"kind": "Namespace", "metadata": {"name": "shop", "labels": {"kargo.akuity.io/project": "true"}}}
        )
        await store.create({"kind": "Project", "metadata": {"name": "shop"}})
        await store.create(
            {"kind": "Secret", "metadata": {"name": "login", "namespace": "shop"}, "stringData": {"password": "x"}}
        )
        await store.close()

    asyncio.run(fill())
    return folder


def test_there_and_into_another_store(tmp_path: Path) -> None:
    one, file = filled(tmp_path / "one"), tmp_path / "backup.jsonl"
    told = run(one, "export", "-o", str(file))
    assert (told.exit_code, told.stderr) == (0, "exported 3 resources\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    read = run(tmp_path / "other", "import", str(file))
    assert read.stdout.splitlines() == [
        "1 Namespace created",
        "1 Project created",
        "1 Secret created",
        "imported 3 resources, 0 were there already",
    ]
    again = run(tmp_path / "other", "import", str(file))
    assert (again.exit_code, "nothing was imported" in again.stderr) == (1, True)


def test_through_a_pipe(tmp_path: Path) -> None:
    lines = run(filled(tmp_path / "one"), "export", "--without-secrets").stdout_bytes
    read = run(tmp_path / "other", "import", "-", stdin=lines)
    assert "imported 2 resources" in read.stdout


def test_what_belongs_to_no_project_goes_along(tmp_path: Path) -> None:
    """Of the namespaces that Argosy makes, and of none that it does not know."""
    one = filled(tmp_path / "one")

    async def fill() -> None:
        place = f"sqlite:///{one}/data/argosy.db"
        store = open_store(place, KINDS, clock=FakeClock(), key_file=one / "keys" / "ring")
        for name in ("kargo-shared-resources", "kargo-system-resources", "elsewhere"):
            await store.create({"kind": "Namespace", "metadata": {"name": name}})
            await store.create({"kind": "ConfigMap", "metadata": {"name": f"of-{name}", "namespace": name}})
        await store.close()

    asyncio.run(fill())
    found = run(one, "export").stdout
    assert ("of-kargo-shared-resources" in found, "of-kargo-system-resources" in found) == (True, True)
    assert "of-elsewhere" not in found


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    told = run(tmp_path / "nowhere", "export", "-o", str(tmp_path / "file"))
    assert (told.exit_code, "there is no store" in told.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []
