"""Expressions and environments made up by Hypothesis: mostly of fitting types, so that most of them have a value."""

from collections.abc import Callable

from hypothesis import strategies as st

Texts = st.SearchStrategy[str]

INTEGERS = st.one_of(st.integers(-9, 9), st.integers(-(2**40), 2**40))
FLOATS = st.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda number: number + 0.25)
STRINGS = st.text(alphabet="ab lo-./é✓\t\"'\\", max_size=6)
LEAVES = st.one_of(st.none(), st.booleans(), INTEGERS, FLOATS, STRINGS)

ENVIRONMENTS = st.fixed_dictionaries(
    {
        "i": INTEGERS,
        "j": st.integers(-5, 5),
        "f": FLOATS,
        "s": STRINGS,
        "r": STRINGS,
        "b": st.booleans(),
        "n": st.none(),
        "ints": st.lists(INTEGERS, max_size=5),
        "words": st.lists(STRINGS, max_size=4),
        "mixed": st.lists(LEAVES, max_size=4),
        "m": st.fixed_dictionaries({"a": INTEGERS, "b": st.fixed_dictionaries({"c": STRINGS})}),
        "rows": st.lists(st.fixed_dictionaries({"name": STRINGS, "v": INTEGERS}), max_size=4),
    }
)


def _form(template: str, *parts: Texts) -> Texts:
    """`template` with each of its `@` replaced by a part."""
    pieces = template.split("@")
    return st.tuples(*parts).map(lambda made: "".join(a + b for a, b in zip(pieces, (*made, ""), strict=True)))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\t", "\\t")
    return f"'{escaped}'"


def expressions(depth: int = 3) -> Texts:
    """Texts of expressions over the names of `ENVIRONMENTS`."""
    return st.one_of(*(make(depth, False) for make in (_number, _text, _truth, _list, _map, _loose)))


def _either(depth: int, leaves: list[Texts], deeper: Callable[[], list[Texts]]) -> Texts:
    if depth <= 0:
        return st.one_of(leaves)
    return st.one_of(*leaves, *(st.deferred(lambda each=each: each) for each in deeper()))


FUNCTIONS = ["len", "first", "last", "abs", "upper", "sum", "toJSON", "int"]


def _number(depth: int, inside: bool) -> Texts:
    leaves = [
        st.sampled_from(["i", "j", "f", "m.a", "m['a']", *(["#", "len(ints)"] if inside else [])]),
        st.integers(0, 99).map(str),
        st.sampled_from(["0x1F", "0b101", "0o17", "1_000", ".5", "1.5e3", "2.0"]),
    ]

    def deeper() -> list[Texts]:
        number, text, items, truth = (make(depth - 1, inside) for make in (_number, _text, _ints, _truth))
        predicate = _predicate(depth - 1)
        return [
            _form("(@ @ @)", number, st.sampled_from(["+", "-", "*", "**"]), number),
            _form("(float(@) / @)", number, number),  # whole numbers written out are folded wrongly by the embedding
            _form("i / @", st.sampled_from(["j", "f"])),
            _form("(@ % @)", st.sampled_from(["i", "j", "7"]), st.sampled_from(["j", "3", "len(words)"])),
            _form("@@", st.sampled_from("-+"), st.sampled_from(["i", "f", "(j)"])),
            _form("@(@)", st.sampled_from(["abs", "ceil", "floor", "round", "int", "float"]), number),
            _form("@(@, @)", st.sampled_from(["max", "min"]), number, number),
            _form(
                "@(@)",
                st.sampled_from(["max", "min", "mean", "median", "sum", "count2", "len", "first", "last"]),
                items,
            ).map(lambda made: made.replace("count2", "len")),
            _form("@(int(@), int(@))", st.sampled_from(BITS), number, st.integers(0, 70).map(str)),
            _form("bitnot(int(@))", number),
            _form("len(@)", text),
            _form("@(@, @)", st.sampled_from(["indexOf", "lastIndexOf"]), text, text),
            _form("@(@, @)", st.sampled_from(["count", "findIndex"]), items, predicate),
            _form("sum(@, @)", items, _number(depth - 1, True)),
            _form("reduce(@, #acc + # * #index, @)", items, number),
            _form("(@ ? @ : @)", truth, number, number),
            _form("(if @ { @ } else { @ })", truth, number, number),
            _form("(let q = @; q + @)", number, number),
            _form("(n?.a.b ?? @)", number),
            _form("@[@]", items, st.integers(-2, 2).map(str)),
        ]

    return _either(depth, leaves, deeper)


BITS = ["bitand", "bitor", "bitxor", "bitnand", "bitshl", "bitshr", "bitushr"]


def _text(depth: int, inside: bool) -> Texts:
    leaves = [
        st.sampled_from(["s", "r", "m.b.c", "words[0] ?? s", "m?.b?.c"]),
        STRINGS.map(_quoted),
        st.just("`raw\\`"),
    ]

    def deeper() -> list[Texts]:
        number, text, loose = (make(depth - 1, inside) for make in (_number, _text, _loose))
        words = st.one_of(st.just("words"), _form("split(@, @)", text, text), _form("[@, @]", text, text))
        return [
            _form("(@ + @)", text, text),
            _form("@(@)", st.sampled_from(["trim", "upper", "lower", "trimPrefix", "trimSuffix", "toBase64"]), text),
            _form("@(@, @)", st.sampled_from(["trim", "trimPrefix", "trimSuffix"]), text, text),
            _form("replace(@, @, @)", text, text, text),
            _form("replace(@, 'a', @, @)", text, text, st.integers(-1, 3).map(str)),
            _form("repeat(@, @)", text, st.integers(0, 4).map(str)),
            _form("join(@, @)", words, text),
            _form("string(@)", loose),
            _form("type(@)", loose),
            _form("toJSON(@)", loose),
            _form("(@ | split(@) | join('+'))", text, text),
            _form("@[@:@]", text, st.sampled_from(["", "1", "-2", "j"]), st.sampled_from(["", "2", "-1", "9"])),
            _form("fromBase64(toBase64(@))", text),
            _form("duration('@s').String()", st.integers(-9999, 99999).map(str)),
            _form(
                "date('20@-0@-1@').AddDate(@, 1, -3).Format('Mon Jan _2 2006 002')",
                *[st.integers(10, 29).map(str)] * 1,
                st.integers(1, 9).map(str),
                st.integers(0, 9).map(str),
                number.map(lambda made: f"int({made}) % 50"),
            ),
        ]

    return _either(depth, leaves, deeper)


def _truth(depth: int, inside: bool) -> Texts:
    leaves = [st.sampled_from(["b", "true", "false", "(i > j)", "(s == r)", "(n == nil)"])]

    def deeper() -> list[Texts]:
        number, text, truth, items, loose = (
            make(depth - 1, inside) for make in (_number, _text, _truth, _ints, _loose)
        )
        predicate = _predicate(depth - 1)
        return [
            _form("(@ @ @)", number, st.sampled_from(["==", "!=", "<", ">", "<=", ">="]), number),
            _form("(@ @ @)", text, st.sampled_from(["==", "!=", "<", ">", "<=", ">="]), text),
            _form("(@ @ @)", text, st.sampled_from(["contains", "startsWith", "not endsWith", "not contains"]), text),
            _form("(@ matches @)", text, st.sampled_from(["'^a'", "'[a-z]+$'", "`\\s`", "'(?i)A|b'"])),
            _form("(@ @ @)", truth, st.sampled_from(["and", "or", "&&", "||", "==", "!="]), truth),
            _form("@@", st.sampled_from(["not ", "!"]), truth),
            _form("(@ @ @)", number, st.sampled_from(["in", "not in"]), items),
            _form("(@ in m)", text),
            _form("@(@, @)", st.sampled_from(["all", "any", "none", "one"]), items, predicate),
            _form("@(@, @)", st.sampled_from(["hasPrefix", "hasSuffix"]), text, text),
            _form("(@ in mixed)", loose),
            _form(
                "(duration('@m') @ duration('@s'))",
                st.integers(0, 9).map(str),
                st.sampled_from("<>"),
                st.integers(0, 600).map(str),
            ),
        ]

    return _either(depth, leaves, deeper)


def _predicate(depth: int) -> Texts:
    return st.one_of(
        _form("# @ @", st.sampled_from([">", "<", "==", ">=", "!="]), _number(depth, True)),
        _form("{# > @}", st.integers(-5, 5).map(str)),
        _form("(@ or # == 1)", _truth(depth, True)),
    )


def _ints(depth: int, inside: bool) -> Texts:
    leaves = [st.sampled_from(["ints", "[1, 2, 3]", "(1..4)", "[i, f]", "(j..3)"])]

    def deeper() -> list[Texts]:
        number, items = _number(depth - 1, inside), _ints(depth - 1, inside)
        return [
            _form("filter(@, @)", items, _predicate(depth - 1)),
            _form("map(@, @)", items, _number(depth - 1, True)),
            _form("@(@)", st.sampled_from(["reverse", "uniq", "sort", "flatten"]), items),
            _form("sort(@, 'desc')", items),
            _form("sortBy(@, -#)", items),
            _form("concat(@, @)", items, items),
            _form("take(@, @)", items, st.integers(0, 9).map(str)),
            _form("@[@:@]", items, st.sampled_from(["", "1", "-2"]), st.sampled_from(["", "2", "-1", "9"])),
            _form("[@, @, @]", number, number, number),
        ]

    return _either(depth, leaves, deeper)


def _list(depth: int, inside: bool) -> Texts:
    leaves = [st.sampled_from(["words", "mixed", "rows", "sort(keys(m))", "[]", "ints"])]

    def deeper() -> list[Texts]:
        text, loose = _text(depth - 1, inside), _loose(depth - 1, inside)
        return [
            _form("[@, @]", loose, loose),
            _form("@(@, @)", st.sampled_from(["split", "splitAfter"]), text, text),
            _form("split(@, 'a', @)", text, st.integers(1, 3).map(str)),
            _form("map(rows, .@)", st.sampled_from(["name", "v"])),
            _form("map(sortBy(rows, .v, '@'), .name)", st.sampled_from(["asc", "desc"])),
            _form("filter(rows, .v > @)", _number(depth - 1, False)),
            _form("map(words, # + @)", text),
            _form("map(@, {string(#index) + @})", _list(depth - 1, inside), text),
            _form("toPairs({x: @})", loose),
            _form("sort(values({x: @, y: i}))", _number(depth - 1, inside)),
            _form("flatten([@, @])", _list(depth - 1, inside), st.just("ints")),
            _form("uniq(mixed)", *[]),
            _form("(@; @)", loose, st.just("words")),
        ]

    return _either(depth, leaves, deeper)


def _map(depth: int, inside: bool) -> Texts:
    leaves = [st.sampled_from(["m", "m.b", "{}", "rows[0] ?? m", "first(rows)"])]

    def deeper() -> list[Texts]:
        text, loose = _text(depth - 1, inside), _loose(depth - 1, inside)
        return [
            _form("{a: @, 'b c': @}", loose, loose),
            _form("{(@): @}", text, loose),
            _form("fromPairs([[@, @]])", text, loose),
            _form("groupBy(words, len(#) > 2 ? 'long' : 'short')", *[]),
            _form("find(rows, .v > @)", _number(depth - 1, False)),
            _form("fromJSON(toJSON(@))", loose),
        ]

    return _either(depth, leaves, deeper)


def _loose(depth: int, inside: bool) -> Texts:
    """Anything, and now and then of a type that does not fit."""
    leaves = [st.sampled_from(["i", "s", "b", "n", "mixed", "m", "nil", "missing", "rows", "f"])]

    def deeper() -> list[Texts]:
        some = st.one_of(*(make(depth - 1, inside) for make in (_number, _text, _truth, _list, _map)))
        return [
            some,
            _form("(@ ?? @)", st.sampled_from(["n", "m.zz", "get(m, 's')", "missing?.x"]), some),
            _form("get(@, @)", st.sampled_from(["ints", "rows"]), st.sampled_from(["0", "1", "-1"])),
            _form("@(@)", st.sampled_from(FUNCTIONS), some),
            _form("(@ @ @)", some, st.sampled_from(["+", "-", "==", "in", "contains", "<", "and", ".."]), some),
        ]

    return _either(depth, leaves, deeper)
