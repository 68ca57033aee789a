"""A process to be killed: the system on a folder, until the Stage has its Freight or its promotion has failed.

Run as `python -m tests.story.program FOLDER`; prints the phase of the promotion. `settings.json` in the folder holds
settings, if there are any.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from argosy.testing.pipeline import running, settings_in

ENDS = ("Succeeded", "Failed", "Errored", "Aborted")


def _recorded(stage: Mapping[str, Any]) -> bool:
    last = (stage.get("status") or {}).get("lastPromotion") or {}
    return (last.get("status") or {}).get("phase") in ENDS


async def main(folder: Path) -> None:
    changes = folder / "settings.json"
    settings = settings_in(folder, **(json.loads(changes.read_text()) if changes.exists() else {}))
    async with running(settings, "demo") as pipeline:
        manifest = folder / "pipeline.yaml"
        if manifest.exists():
            await pipeline.apply(manifest.read_text())
            manifest.unlink()
        stage = await pipeline.until("Stage", "dev", _recorded)
        print(stage["status"]["lastPromotion"]["status"]["phase"])


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
