"""The reference page of settings, written from the model: `python tools/setting_docs.py` writes it."""

from __future__ import annotations

from pathlib import Path

from argosy.settings import PREFIX, Settings

FILE = Path(__file__).parent.parent / "docs" / "reference" / "settings.md"
NOTE = "<!-- Written by tools/setting_docs.py from the model; do not edit. -->"
FOLDERS = {
    "data": "`argosy` in the user's data folder",
    "key_file": "`argosy/encryption.keys` in the user's configuration folder",
    "config": "`argosy/config.yaml` in the user's configuration folder",
}


def page() -> str:
    """The whole page."""
    lines = [
        NOTE,
        "# Settings",
        "",
        "Every setting can be given in the environment. Flags of `argosy up` and `argosy serve` are stronger.",
        "Durations are in seconds, sizes in bytes.",
        "",
        "| Variable | Default | Meaning |",
        "| --- | --- | --- |",
    ]
    for name, field in Settings.model_fields.items():
        default = FOLDERS.get(name) or (f"`{field.default}`" if field.default != "" else "empty")
        lines.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(page())
