"""The web UI in a real browser, on a Project of 500 Stages: what people wait for, and how smoothly it moves."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from argosy.clock import SystemClock
from argosy.testing.pipeline import settings_in
from bench.api import idle
from bench.population import Size, populate
from bench.served import Served, serving
from bench.table import Row, percentile, spell

ROOT = Path(__file__).parents[1]


async def measure(*, quick: bool = False) -> list[Row]:
    """Raises FileNotFoundError without Chromium or npm, CalledProcessError when the pages cannot be built."""
    size = Size(1, 1, 20, large=10 if quick else 100)
    subprocess.run([sys.executable, str(ROOT / "tools" / "ui.py"), "--required"], check=True)
    with tempfile.TemporaryDirectory(prefix="argosy-bench-") as folder:
        settings = settings_in(Path(folder), least_interval=5.0)
        settings.data.mkdir(parents=True)
        await populate(settings, size, SystemClock())
        with serving(settings) as served:
            await idle(served)
            return _rows(await _looked(served, loads=2 if quick else 10), size.large * 5)


async def _looked(served: Served, loads: int) -> dict[str, object]:
    """What the program that drives the browser found."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise FileNotFoundError("there is no chromium")
    environment = {
        **os.environ,
        "SERVER": served.url,
        "TOKEN": served.token,
        "PROJECT": "large",
        "LOADS": str(loads),
        "CHROMIUM": chromium,
    }
    process = await asyncio.create_subprocess_exec(
        "node", str(ROOT / "ui" / "browser" / "measure.mjs"), env=environment, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    found: dict[str, object] = json.loads(told)
    return found


def _rows(found: dict[str, object], stages: int) -> list[Row]:
    what = f"pages, {stages} Stages and {stages * 4:,} Freight: "
    loads, frames = found["loads"], found["frames"]
    assert isinstance(loads, list)
    assert isinstance(frames, list)
    first, whole = ([each[name] / 1000 for each in loads] for name in ("first", "whole"))
    rest = f"median {spell(median(frames) / 1000)}, p99 {spell(percentile(frames, 0.99) / 1000)}"
    return [
        Row(f"{what}first content, median", spell(median(first)), aim="1 s"),
        Row(f"{what}the pipeline is there, median", spell(median(whole))),
        Row(f"{what}longest frame while moving it", f"{spell(max(frames) / 1000)}, {rest}", aim="0.10 s"),
        Row("pages: scripts and styles of the pipeline, as sent", f"{int(str(found['bytes'])) / 1024:.0f} KiB"),
    ]
