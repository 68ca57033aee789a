"""The faults of `test_fault.py` again and again, with all that can be killed: `make soak`.

`SOAK_SECONDS` says for how long, `SOAK_SEED` what exactly happens; both are printed.
"""

from __future__ import annotations

import asyncio
import os
import random
import time

from tests.cluster.test_fault import api, around, arrives, check, own_cluster, pipeline
from tests.story.world import World

from argosy.testing.unruly_api import Trouble, UnrulyApi

__all__ = ["api", "around", "own_cluster"]

SECONDS = float(os.environ.get("SOAK_SECONDS", "600"))
SEED = int(os.environ.get("SOAK_SEED", "") or random.SystemRandom().randrange(1 << 32))
STARVED = 30.0


async def test_a_pipeline_in_lasting_trouble(around: World, api: UnrulyApi) -> None:
    print(f"SOAK_SEED={SEED} SOAK_SECONDS={SECONDS:g}")
    dice, end, number = random.Random(SEED), time.monotonic() + SECONDS, 0
    repository = await pipeline(around)
    await arrives(repository, "1.0.0")
    while time.monotonic() < end:
        number += 1
        api.begin(
            Trouble(
                cut=dice.random(),
                cut_within=dice.uniform(0.1, 5.0),
                contended=dice.uniform(0.0, 0.5),
                throttled=dice.uniform(0.0, 0.05),
                unavailable=dice.uniform(0.0, 0.05),
            )
        )
        await around.push("web", f"1.{number}.0")
        await kill(api, dice)
        await arrives(repository, f"1.{number}.0", 300.0)
    api.begin(Trouble())
    await check(around, repository)
    print(f"{number} versions; {dict(api.seen)}")


async def kill(api: UnrulyApi, dice: random.Random) -> None:
    """Kill the API server or etcd, or starve it of etcd for half a minute, or nothing."""
    what = dice.choice(["", "", "kube-apiserver", "etcd", "starve"])
    await asyncio.sleep(dice.uniform(0.0, 3.0))
    if what == "kube-apiserver":
        await asyncio.to_thread(api.cluster.stop, what, kill=True)
        await asyncio.to_thread(api.cluster.start_api)
    elif what:
        await asyncio.to_thread(api.cluster.stop, "etcd", kill=True)
        await asyncio.sleep(STARVED if what == "starve" else 1.0)
        await asyncio.to_thread(api.cluster.start_etcd)
