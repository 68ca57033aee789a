"""Logs of promotions: one capped text file each, apart from the database. Losing one loses no promotion."""

from __future__ import annotations

from pathlib import Path

from argosy.clock import Clock, rfc3339

MOST_BYTES = 4 << 20


class Logs:
    """The logs under `root`, by uid of the promotion."""

    def __init__(self, root: Path, clock: Clock, *, most: int = MOST_BYTES) -> None:
        self.root = root
        self._clock = clock
        self._most = most
        root.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, uid: str) -> Path:
        return self.root / f"{uid}.log"

    def write(self, uid: str, alias: str, text: str) -> None:
        """Append lines, each with time and step; past the cap nothing more is kept, which the last line says."""
        path = self.path(uid)
        size = path.stat().st_size if path.exists() else 0
        if size > self._most:
            return
        stamp = rfc3339(self._clock.now())
        lines = "".join(f"{stamp} {alias}: {line}\n" for line in text.splitlines() or [""])
        if size + len(lines) > self._most:
            lines = f"{stamp} {alias}: the log has reached its limit of {self._most} bytes and ends here\n"
            lines = lines.ljust(self._most - size + 1, "\n") if size + len(lines) <= self._most else lines
        with path.open("a", encoding="utf-8", errors="replace") as file:
            file.write(lines)

    def read(self, uid: str, offset: int = 0) -> tuple[str, int]:
        """The log from byte `offset`, and the offset to go on from. A missing log is empty."""
        path = self.path(uid)
        if not path.exists():
            return "", offset
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read()
        whole = data.rfind(b"\n") + 1
        return data[:whole].decode("utf-8", "replace"), offset + whole

    def remove(self, uid: str) -> None:
        self.path(uid).unlink(missing_ok=True)

    def uids(self) -> list[str]:
        """The promotions that have a log."""
        return sorted(path.stem for path in self.root.glob("*.log"))
