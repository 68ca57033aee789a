"""What a built-in function is, and how one is put into a catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from argosy.expressions.bounds import Meter, Value
from argosy.expressions.errors import Fault

MANY = 256

Run = Callable[..., Value]


@dataclass(frozen=True, slots=True)
class Builtin:
    """A function of the language and how many arguments it takes."""

    run: Run
    least: int
    most: int

    def __call__(self, name: str, meter: Meter, arguments: list[Value]) -> Value:
        self._accept(name, arguments)
        return self.run(meter, *arguments)

    def method(self, name: str, meter: Meter, of: Value, arguments: list[Value]) -> Value:
        """Call it as a method of `of`."""
        self._accept(name, arguments)
        return self.run(meter, of, *arguments)

    def _accept(self, name: str, arguments: list[Value]) -> None:
        if not self.least <= len(arguments) <= self.most:
            expected = str(self.least) if self.least == self.most else f"{self.least} to {self.most}"
            raise Fault(f"{name}() takes {expected} arguments, not {len(arguments)}")


class Catalogue(dict[str, Builtin]):
    """Built-ins by name. Each function takes the meter and its arguments, and pays for what it produces."""

    def add(self, name: str, least: int, most: int | None = None) -> Callable[[Run], Run]:
        """A decorator: the function below is `name()` and takes from `least` to `most` arguments."""

        def register(run: Run) -> Run:
            self[name] = Builtin(run, least, least if most is None else most)
            return run

        return register
