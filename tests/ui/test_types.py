"""What pages believe of answers is what the API's document says."""

from __future__ import annotations

import os

import pytest
from tools.ui import missing
from tools.ui_types import FILE, generate


@pytest.mark.skipif(bool(missing()) and not os.environ.get("CI"), reason="there is no npm to read the document with")
@pytest.mark.xdist_group("npm")
def test_the_types_of_the_ui_are_current() -> None:
    assert FILE.read_text("utf-8") == generate(), "run `python -m tools.ui_types`"
