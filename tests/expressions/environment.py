"""The variables that the tables of expressions speak of."""

from typing import Any

ENV: dict[str, Any] = {
    "x": 1,
    "y": 2.5,
    "s": "hello world",
    "n": None,
    "xs": [3, 1, 2],
    "m": {"a": 1, "b": {"c": "d"}, "k": [{"name": "p", "v": 1}, {"name": "q", "v": 2}]},
    "t": True,
    "u": "héllo",
    "words": ["b", "a", "c"],
}
