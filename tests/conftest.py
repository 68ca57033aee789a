"""What all tests share: those of one group run in one worker, as `--dist loadgroup` says, and they run first."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[Any]) -> None:
    """xdist writes groups into the identity that tests had before pytest 9.2; here they come into today's.

    Groups take minutes, and begin first, so that at the end no worker has one left while the others have nothing.
    """
    for item in items:
        grouped = vars(item).get("_nodeid", "")
        if "@" in grouped:
            item._id = type(item._id).parse(grouped)
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)
