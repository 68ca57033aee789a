"""What the wiring looks after by itself."""

from __future__ import annotations

import stat
from pathlib import Path

from argosy.testing.pipeline import running, settings_in


async def test_logs_of_promotions_that_are_no_more_are_removed(tmp_path: Path) -> None:
    async with running(settings_in(tmp_path), "demo") as pipeline:
        logs = pipeline.system.logs
        logs.write("gone", "step-1", "hello")
        await pipeline.system.upkeep()
        assert logs.uids() == []


async def test_folders_of_the_data_are_for_their_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    async with running(settings_in(tmp_path), "demo"):
        for folder in (tmp_path / "data").iterdir():
            if folder.is_dir():
                assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
