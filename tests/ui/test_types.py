"""What pages believe of answers is what the API's document says."""

from __future__ import annotations

import os

import pytest
from tools.ui import TYPES, missing, types


@pytest.mark.skipif(bool(missing()) and not os.environ.get("CI"), reason="there is no npm to read the document with")
@pytest.mark.xdist_group("npm")
def test_the_types_of_the_ui_are_current() -> None:
    assert TYPES.read_text("utf-8") == types(), "run `python tools/ui.py --types`"
