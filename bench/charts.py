"""A chart index of 18 MiB: how long reading it takes, and for how long at most nothing else in the process moves."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable

import yaml

from argosy.sources.chart_index_text import versions_in
from argosy.testing.stall import stall_of
from bench.table import Row, compared, size_of

SIZE = 18 * 2**20
CHARTS = 100

CHART = """
  - annotations:
      category: Database
      images: |
        - name: thing
          image: docker.io/example/thing:NUMBER.0.1-debian-12-r7
        - name: shell
          image: docker.io/example/shell:12-debian-12-rNUMBER
      licenses: Apache-2.0
    apiVersion: v2
    appVersion: NUMBER.2.3
    created: "2023-09-08T11:15:11.123456789Z"
    dependencies:
    - name: common
      repository: oci://registry.example.com/charts
      tags: [common]
      version: 2.x.x
    description: A database that keeps what it is given, in a hundred ways and on any machine.
    digest: 4f2d5c1e8b7a69304f2d5c1e8b7a69304f2d5c1e8b7a69304f2d5c1e8b7a6930
    home: https://charts.example.com
    icon: https://charts.example.com/assets/thing-220x234.png
    keywords:
    - thing
    - database
    maintainers:
    - name: Example
      url: https://git.example.com/charts
    name: thing
    urls:
    - https://charts.example.com/thing-NUMBER.0.0.tgz
    version: NUMBER.0.0
"""


async def measure(*, quick: bool = False) -> list[Row]:
    """Reading an index beside the event loop; the baseline makes it into objects first."""
    content = _index(SIZE // 20 if quick else SIZE)
    seconds, stall = await _beside(lambda: versions_in(content))
    against, stall_against = await _beside(lambda: yaml.load(content, Loader=yaml.CBaseLoader))
    what, objects = f"chart index, {size_of(len(content))}", "made into objects"
    return [
        compared(f"{what}: read", seconds, (objects, against)),
        compared(f"{what}: longest stall of the event loop", stall, (objects, stall_against), aim="under 50 ms"),
    ]


def _index(size: int) -> bytes:
    each = size // CHARTS // len(CHART) + 1
    versions = "".join(CHART.lstrip("\n").replace("NUMBER", str(number)) for number in range(each))
    return ("apiVersion: v1\nentries:\n" + "".join(f"  chart-{n}:\n{versions}" for n in range(CHARTS))).encode()


async def _beside(read: Callable[[], object]) -> tuple[float, float]:
    """Seconds that `read` takes in a thread, and the longest that the loop came late meanwhile."""
    gc.collect()
    start = time.perf_counter()
    _, longest = await stall_of(asyncio.to_thread(read))
    return time.perf_counter() - start, longest
