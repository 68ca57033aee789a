"""1,100 image tags: a look with nothing cached is the baseline of one that is warm, and of one after a restart."""

from __future__ import annotations

from collections.abc import Iterator

from bench import image_tags
from bench.table import Row, compared


async def measure(*, quick: bool = False) -> list[Row]:
    """Each way to choose among the tags of one repository."""
    tags = 110 if quick else image_tags.TAGS
    return [row for figure in await image_tags.figures(tags) for row in _rows(figure, f"images, {tags:,} tags")]


def _rows(figure: image_tags.Figure, what: str) -> Iterator[Row]:
    cold = (f"nothing cached, {figure.cold_requests:,} requests", figure.cold_seconds)
    looks = [
        ("warm", figure.warm_seconds, figure.warm_requests, "1 request" if figure.trusts_tags else ""),
        ("after a restart", figure.restarted_seconds, figure.restarted_requests, ""),
    ]
    for name, seconds, requests, aim in looks:
        word = "request" if requests == 1 else "requests"
        yield compared(f"{what}, {figure.name}: {name}", seconds, cold, aim=aim, more=f", {requests:,} {word}")
