"""Built-in functions of strings."""

from __future__ import annotations

from collections.abc import Callable

from argosy.expressions import kinds
from argosy.expressions.bounds import Meter
from argosy.expressions.errors import Fault
from argosy.expressions.kinds import integer, items, string
from argosy.expressions.value import Catalogue, Value

TEXTS = Catalogue()

_SPACE = " \t\n\v\f\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def _of_text(name: str, compute: Callable[..., Value], least: int, most: int | None = None) -> None:
    """A function whose arguments are all strings and whose result is no longer than the first."""

    def run(meter: Meter, *arguments: Value) -> Value:
        texts = [string(each, f"an argument of {name}()") for each in arguments]
        meter.text(len(texts[0]))
        return compute(*texts)

    TEXTS.add(name, least, most)(run)


def _byte_index(source: str, index: int) -> int:
    return index if index < 0 else len(kinds.utf8(source[:index]))


_of_text("trim", lambda source, cut=_SPACE: source.strip(cut) if cut else source, 1, 2)
_of_text("trimPrefix", lambda source, prefix=" ": source.removeprefix(prefix), 1, 2)
_of_text("trimSuffix", lambda source, suffix=" ": source.removesuffix(suffix), 1, 2)
_of_text("upper", lambda source: "".join(each.upper() if len(each.upper()) == 1 else each for each in source), 1)
_of_text("lower", lambda source: "".join(each.lower() if len(each.lower()) == 1 else each for each in source), 1)
_of_text("indexOf", lambda source, part: _byte_index(source, source.find(part)), 2)
_of_text("lastIndexOf", lambda source, part: _byte_index(source, source.rfind(part)), 2)
_of_text("hasPrefix", lambda source, prefix: source.startswith(prefix), 2)
_of_text("hasSuffix", lambda source, suffix: source.endswith(suffix), 2)


def _parts(meter: Meter, source: Value, separator: Value, limit: Value, name: str) -> tuple[list[str], str]:
    whole, mark = string(source, f"an argument of {name}()"), string(separator, f"an argument of {name}()")
    most = integer(limit, f"the limit of {name}()")
    meter.text(len(whole))
    meter.items(whole.count(mark) + 1)
    if most == 0:
        return [], mark
    if mark:
        return whole.split(mark, -1 if most < 0 else most - 1), mark
    letters = list(whole)
    return (letters if most < 0 or len(letters) <= most else [*letters[: most - 1], whole[most - 1 :]]), mark


@TEXTS.add("split", 2, 3)
def _split(meter: Meter, source: Value, separator: Value, limit: Value = -1) -> Value:
    return _parts(meter, source, separator, limit, "split")[0]


@TEXTS.add("splitAfter", 2, 3)
def _split_after(meter: Meter, source: Value, separator: Value, limit: Value = -1) -> Value:
    parts, mark = _parts(meter, source, separator, limit, "splitAfter")
    return [*(part + mark for part in parts[:-1]), *parts[-1:]]


@TEXTS.add("replace", 3, 4)
def _replace(meter: Meter, source: Value, old: Value, new: Value, limit: Value = -1) -> Value:
    whole, before, after = (string(each, "an argument of replace()") for each in (source, old, new))
    times = integer(limit, "the limit of replace()")
    count = whole.count(before) if times < 0 else min(times, whole.count(before))
    meter.text(len(whole) + max(0, count * (len(after) - len(before))))
    return whole.replace(before, after, count)


@TEXTS.add("repeat", 2)
def _repeat(meter: Meter, source: Value, times: Value) -> Value:
    part, count = string(source, "the first argument of repeat()"), integer(times, "the second argument of repeat()")
    if count < 0:
        raise Fault("repeat() cannot repeat a negative number of times")
    meter.text(len(part) * count)
    return part * count


@TEXTS.add("join", 1, 2)
def _join(meter: Meter, parts: Value, glue: Value = "") -> Value:
    texts = [string(each, "an element given to join()") for each in items(parts, "the first argument of join()")]
    between = string(glue, "the second argument of join()")
    meter.text(sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)
