"""Working directories of promotions, and the stamp that says up to which step one is whole.

The stamp is written after each step and taken away before one that changes the directory. After a crash it is there
only when no step was interrupted, so a directory is either known to be whole or made again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from argosy.clients.files import Tree, delete_folder


@dataclass(frozen=True, slots=True)
class Workspace:
    """The working directory of one promotion: `tree` is what steps see, the stamp lies beside it."""

    folder: Path

    @property
    def tree(self) -> Tree:
        return Tree(self.folder / "work")

    @property
    def _stamp(self) -> Path:
        return self.folder / "steps-done"

    def steps_done(self) -> int | None:
        """How many steps the directory is known to hold the work of; None when that is not known."""
        try:
            return int(self._stamp.read_text())
        except (OSError, ValueError):
            return None

    def begin(self) -> None:
        """A step starts to change the directory."""
        self._stamp.unlink(missing_ok=True)

    def stamp(self, steps_done: int) -> None:
        """So many steps are done and their work is in the directory."""
        draft = self._stamp.with_suffix(".draft")
        draft.write_text(str(steps_done))
        draft.replace(self._stamp)


class Workspaces:
    """All working directories, under `root`, named by the uid of their promotion."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True, mode=0o700)

    def of(self, uid: str) -> Workspace:
        return Workspace(self.root / uid)

    def fresh(self, uid: str) -> Workspace:
        """An empty working directory, stamped as holding the work of no step."""
        workspace = self.of(uid)
        self.remove(uid)
        workspace.tree.root.mkdir(parents=True, mode=0o700)
        workspace.stamp(0)
        return workspace

    def remove(self, uid: str) -> None:
        delete_folder(self.of(uid).folder, ignore_errors=True)

    def uids(self) -> list[str]:
        """The promotions that have a directory."""
        return sorted(entry.name for entry in self.root.iterdir() if entry.is_dir())
