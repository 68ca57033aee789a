"""Which arguments the built-in functions and the methods take, and what they give, as far as types tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from argosy.expressions.errors import Fault
from argosy.expressions.natures import ANY, ARRAY, DURATION, FLOAT, INT, LOCATION, STRING, TIME, Nature

Natures = list[Nature]
Check = Callable[[str, Natures], Nature]


class Unfit(Fault):
    """An argument does not fit; `index` says which one, -1 for all of them together."""

    def __init__(self, problem: str, index: int = -1, advice: str = "") -> None:
        super().__init__(problem, advice)
        self.index = index


@dataclass(frozen=True, slots=True)
class Signature:
    """Types of the parameters, and of the result."""

    parameters: tuple[Nature, ...]
    result: Nature

    def check(self, name: str, given: Natures) -> Nature:
        """The type of the result. Raises Unfit."""
        counted(name, given, len(self.parameters), len(self.parameters))
        for index, (nature, parameter) in enumerate(zip(given, self.parameters, strict=True)):
            fits = nature.assignable(parameter) or nature.unknown or (nature.integer and parameter.integer)
            if not fits or (nature.is_nil and parameter.kind not in ("pointer", "interface")):
                raise Unfit(f"argument {index + 1} of {name}() must be {_article(parameter)}, not {nature}", index)
        return self.result


def counted(name: str, given: Natures, least: int, most: int) -> None:
    """Raises Unfit unless there are from `least` to `most` arguments."""
    if not least <= len(given) <= most:
        expected = str(least) if least == most else f"{least} to {most}"
        raise Unfit(f"{name}() takes {expected} arguments, not {len(given)}")


def _article(nature: Nature) -> str:
    shown = "number" if nature == INT else str(nature)
    return f"{'an' if shown[0] in 'aeiou' else 'a'} {shown}"


def _read(text: str) -> Signature:
    """`string, int -> bool` as a signature."""
    parameters, _, result = text.rpartition("->")
    names = [name.strip() for name in parameters.split(",") if name.strip()]
    return Signature(tuple(map(Nature, names)), Nature(result.strip()))


def _signatures(*texts: str) -> Check:
    """A function that takes any one of several lists of parameters."""
    known = [_read(text) for text in texts]
    counts = sorted(len(signature.parameters) for signature in known)

    def check(name: str, given: Natures) -> Nature:
        counted(name, given, counts[0], counts[-1])
        unfit: Unfit | None = None
        for signature in (each for each in known if len(each.parameters) == len(given)):
            try:
                return signature.check(name, given)
            except Unfit as error:
                unfit = error
        raise unfit or Unfit(f"{name}() does not take {len(given)} arguments")

    return check


_NUMBERS = ("int", "int64", "uint8", "float64", "interface")


def _one(kinds: tuple[str, ...], result: Callable[[Nature], Nature], wanted: str) -> Check:
    """A function of one argument of some kinds."""

    def check(name: str, given: Natures) -> Nature:
        counted(name, given, 1, 1)
        if _kind(given[0]) not in kinds:
            raise Unfit(f"{name}() needs {wanted}, not {given[0]}")
        return result(given[0])

    return check


def _kind(nature: Nature) -> str:
    return "interface" if nature.unknown else nature.kind


def _always(nature: Nature) -> Callable[[Nature], Nature]:
    return lambda _: nature


def _aggregate(name: str, given: Natures) -> Nature:
    """Numbers, up to the first argument that may hold more of them."""
    if not given:
        raise Unfit(f"{name}() needs at least 1 argument")
    for nature in given:
        if _kind(nature) in ("interface", "slice"):
            return ANY
        if nature.kind not in _NUMBERS:
            raise Unfit(f"{name}() needs numbers, not {nature}")
    return given[0]


def _take(name: str, given: Natures) -> Nature:
    counted(name, given, 2, 2)
    if _kind(given[0]) not in ("interface", "slice"):
        raise Unfit(f"the first argument of {name}() must be an array, not {given[0]}")
    if _kind(given[1]) not in ("interface", "int", "int64"):
        raise Unfit(f"the second argument of {name}() must be an integer, not {given[1]}")
    return ANY if given[0].unknown else Nature(given[0].go)


def _concat(name: str, given: Natures) -> Nature:
    if not given:
        raise Unfit(f"{name}() needs at least 1 argument")
    for nature in given:
        if _kind(nature) not in ("interface", "slice"):
            raise Unfit(f"an argument of {name}() must be an array, not {nature}")
    return ARRAY


def _get(name: str, given: Natures) -> Nature:
    counted(name, given, 2, 2)
    base, key = given
    if base.unknown:
        return Nature()
    if base.array:
        if not (key.integer or key.unknown):
            raise Unfit(f"an element of {base} cannot be read by {key}", 1)
    elif base.kind != "map":
        raise Unfit(f"an element of {base} cannot be read", 0)
    elif not (key.assignable(base.key) or key.unknown):
        raise Unfit(f"an element of {base} cannot be read by {key}", 1)
    return base.elements


def _now(name: str, given: Natures) -> Nature:
    counted(name, given, 0, 1)
    if given and given[0] != LOCATION:
        raise Unfit(f"the argument of {name}() must be a time zone, not {given[0]}")
    return TIME


def _date(name: str, given: Natures) -> Nature:
    counted(name, given, 1, 4 if given and given[0] == LOCATION else 3)
    return TIME


_ARRAYS = ("interface", "slice")
_of_array, _of_map = "an array", "a map"
_unit = _one(_ARRAYS, lambda nature: ANY if nature.unknown else Nature(nature.go).elements, _of_array)
_text = _signatures("string -> string")
_two_texts = _signatures("string, string -> string", "string -> string")
_parts = _signatures("string, string -> []string", "string, string, int -> []string")
_whole = _one(_NUMBERS, _always(FLOAT), "a number")
_bits = _signatures("int, int -> int")
_listed = _one(_ARRAYS, _always(ARRAY), _of_array)
_of_keys = _one(("interface", "map"), _always(ARRAY), _of_map)
_glued = [f"{parts}{glue} -> string" for glue in ("", ", string") for parts in ("[]string", "[]any")]

BUILTINS: dict[str, Check] = {
    "len": _one(("slice", "map", "string", "interface"), _always(INT), "a string, an array or a map"),
    **dict.fromkeys(("type", "string", "toJSON"), _signatures("any -> string")),
    "abs": _one(_NUMBERS, lambda nature: ANY if nature.unknown else nature, "a number"),
    **dict.fromkeys(("ceil", "floor", "round"), _whole),
    "int": _one((*_NUMBERS, "string"), _always(INT), "a number or a string"),
    "float": _one((*_NUMBERS, "string"), _always(FLOAT), "a number or a string"),
    **dict.fromkeys(("trim", "trimPrefix", "trimSuffix"), _two_texts),
    **dict.fromkeys(("upper", "lower", "toBase64", "fromBase64"), _text),
    **dict.fromkeys(("split", "splitAfter"), _parts),
    "replace": _signatures("string, string, string -> string", "string, string, string, int -> string"),
    "repeat": _signatures("string, int -> string"),
    "join": _signatures(*_glued),
    **dict.fromkeys(("indexOf", "lastIndexOf"), _signatures("string, string -> int")),
    **dict.fromkeys(("hasPrefix", "hasSuffix"), _signatures("string, string -> bool")),
    **dict.fromkeys(("max", "min", "mean", "median"), _aggregate),
    "fromJSON": _signatures("string -> any"),
    "now": _now,
    "date": _date,
    "duration": _signatures("string -> time.Duration"),
    "timezone": _signatures("string -> *time.Location"),
    **dict.fromkeys(("first", "last"), _unit),
    "get": _get,
    "take": _take,
    **dict.fromkeys(("keys", "values", "toPairs"), _of_keys),
    "fromPairs": _one(_ARRAYS, _always(Nature("map[any]any")), _of_array),
    **dict.fromkeys(("reverse", "uniq", "flatten"), _listed),
    "concat": _concat,
    "sort": _signatures(*(f"{kind}{more} -> []any" for kind in ("[]any", "[]string") for more in ("", ", string"))),
    **dict.fromkeys(("bitand", "bitor", "bitxor", "bitnand", "bitshl", "bitshr", "bitushr"), _bits),
    "bitnot": _signatures("int -> int"),
}

_NAMED = {"String": _read("-> string")}
_CALENDAR = ("Year", "Day", "YearDay", "Hour", "Minute", "Second", "Nanosecond", "ISOWeek")
_SINCE = ("Unix", "UnixMilli", "UnixMicro", "UnixNano")
METHODS: dict[str, dict[str, Signature]] = {
    "time.Time": {
        **_NAMED,
        **dict.fromkeys(_CALENDAR, _read("-> int")),
        **dict.fromkeys(_SINCE, _read("-> int64")),
        "Month": _read("-> time.Month"),
        "Weekday": _read("-> time.Weekday"),
        **dict.fromkeys(("UTC", "Local"), _read("-> time.Time")),
        "Location": _read("-> *time.Location"),
        "Zone": _read("-> string"),
        **dict.fromkeys(("MarshalText", "MarshalJSON"), _read("-> []uint8")),
        "AppendText": _read("[]uint8 -> []uint8"),
        "AppendFormat": _read("[]uint8, string -> []uint8"),
        **dict.fromkeys(("IsZero", "IsDST"), _read("-> bool")),
        "Format": _read("string -> string"),
        "In": Signature((LOCATION,), TIME),
        **dict.fromkeys(("Add", "Truncate", "Round"), Signature((DURATION,), TIME)),
        "AddDate": Signature((INT, INT, INT), TIME),
        "Sub": Signature((TIME,), DURATION),
        **dict.fromkeys(("Before", "After", "Equal"), _read("time.Time -> bool")),
        "Compare": Signature((TIME,), INT),
    },
    "time.Duration": {
        **_NAMED,
        **dict.fromkeys(("Hours", "Minutes", "Seconds"), Signature((), FLOAT)),
        **dict.fromkeys(("Milliseconds", "Microseconds", "Nanoseconds"), _read("-> int64")),
        "Abs": Signature((), DURATION),
        **dict.fromkeys(("Round", "Truncate"), Signature((DURATION,), DURATION)),
    },
    "time.Month": _NAMED,
    "time.Weekday": _NAMED,
    "*time.Location": _NAMED,
}
__all__ = ["BUILTINS", "METHODS", "STRING", "Signature", "Unfit", "counted"]
