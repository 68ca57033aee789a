"""`python -m bench [PART ...] [--quick]`: measure, and print one table; `--help` lists the parts."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Mapping

from bench import api, argocd, browser, charts, cluster, discover, expression, images, promote, scale
from bench.machine import describe, load
from bench.table import Row, render

PARTS: Mapping[str, Callable[[bool], Awaitable[list[Row]]]] = {
    "promote": lambda quick: promote.measure(quick=quick),
    "discover": lambda quick: discover.measure(quick=quick),
    "charts": lambda quick: charts.measure(quick=quick),
    "images": lambda quick: images.measure(quick=quick),
    "scale": lambda quick: scale.measure(quick=quick),
    "cluster": lambda quick: cluster.measure(quick=quick),
    "api": lambda quick: api.measure(quick=quick),
    "browser": lambda quick: browser.measure(quick=quick),
    "argocd": lambda quick: argocd.measure(quick=quick),
    "expressions": lambda quick: expression.measure(quick=quick),
}


async def _measure(parts: list[str], quick: bool) -> list[Row]:
    rows: list[Row] = []
    for part in parts:
        print(f"measuring {part} ...", flush=True)
        rows += await PARTS[part](quick)
    return rows


def main() -> None:
    """Measure what the command line names, everything by default."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Argosy beside baselines.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)}; all by default")
    parser.add_argument("--quick", action="store_true", help="small sizes: shows that the measuring works, no more")
    given = parser.parse_args()
    unknown = [part for part in given.parts if part not in PARTS]
    if unknown:
        parser.error(f"{unknown[0]!r} is nothing that can be measured; choose from {', '.join(PARTS)}")
    before = load()
    rows = asyncio.run(_measure(given.parts or list(PARTS), given.quick))
    print(render([*describe(), ("load", f"{before:.1f} before, {load():.1f} after")], rows))


if __name__ == "__main__":
    main()
