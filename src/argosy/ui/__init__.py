"""The web UI as files: `dist/` holds what `tools/ui.py` built from `ui/`, and is a part of the wheel.

No other code lives here.
"""

from __future__ import annotations

from pathlib import Path

DIST = Path(__file__).parent / "dist"
"""Where the built pages are; absent in a checkout in which nobody has built them."""
