"""Numbers as Go has them: 64-bit integers that wrap, and Go's ways of reading and writing floats."""

from __future__ import annotations

import math
import re
from decimal import Decimal

MAX_INT = 2**63 - 1
MIN_INT = -(2**63)

_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_DECIMAL = re.compile(rf"[+-]?(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?")
_HEXADECIMAL = re.compile(r"[+-]?0[xX]_?(?=\.?[0-9a-fA-F])[0-9a-fA-F_]*\.?[0-9a-fA-F_]*[pP][+-]?[0-9]+")
_SPECIAL = re.compile(r"[+-]?inf(?:inity)?|nan", re.IGNORECASE)
_BASES = {"0x": 16, "0b": 2, "0o": 8}
_INTEGER = re.compile(r"[+-]?[0-9]+")


def wrap(number: int) -> int:
    """`number` in 64 bits, two's complement."""
    if MIN_INT <= number <= MAX_INT:
        return number
    return (number + 2**63) % 2**64 - 2**63


def truncate(number: float) -> int:
    """A float to an integer towards zero; what does not fit becomes the least integer, as on amd64."""
    if not math.isfinite(number) or not MIN_INT <= number < 2**63:
        return MIN_INT
    return int(number)


def divide(a: float, b: float) -> float:
    """Division that knows infinity and NaN."""
    if b != 0:
        return a / b
    if a == 0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def power(a: float, b: float) -> float:
    """`a` to the power of `b`; too large is infinite, undefined is NaN.

    Whole powers are products of squares, as Go makes them, to the last digit.
    """
    if a == 0 or not (math.isfinite(a) and math.isfinite(b)) or abs(b) >= 2**63:
        return _extreme_power(a, b)
    part, whole = math.modf(abs(b))
    if part and a < 0:
        return math.nan
    if abs(b) == 0.5:
        return math.sqrt(a) if b > 0 else 1 / math.sqrt(a)
    if part > 0.5:
        part, whole = part - 1, whole + 1
    mantissa, exponent = _whole_power(a, int(whole))
    if part:
        mantissa *= math.exp(part * math.log(a))
    if b < 0:
        mantissa, exponent = 1 / mantissa, -exponent
    try:
        return math.ldexp(mantissa, exponent)
    except OverflowError:
        return math.copysign(math.inf, mantissa)


def _whole_power(a: float, b: int) -> tuple[float, int]:
    """`a` to the power of `b`, as a mantissa and an exponent of 2."""
    product, total = 1.0, 0
    square, exponent = math.frexp(a)
    while b:
        if abs(exponent) > 4096:  # far beyond what a float can be
            return product, total + exponent
        if b & 1:
            product, total = product * square, total + exponent
        square, exponent, b = square * square, exponent * 2, b >> 1
        if square < 0.5:
            square, exponent = square * 2, exponent - 1
    return product, total


def _extreme_power(a: float, b: float) -> float:
    """A power of zero, or one with a side that is infinite, NaN or huge."""
    odd = b.is_integer() and b % 2 == 1
    try:
        return math.pow(a, b)
    except OverflowError:
        return -math.inf if a < 0 and odd else math.inf
    except ValueError:
        if a != 0:
            return math.nan
        return math.copysign(math.inf, a) if odd else math.inf


def parse_float(text: str) -> float | None:
    """Read a float as Go's `strconv.ParseFloat` does; None for what is not a number, or too large for one."""
    if _DECIMAL.fullmatch(text):
        number = float(text.replace("_", ""))
    elif _HEXADECIMAL.fullmatch(text):
        try:
            number = float.fromhex(text.replace("_", ""))
        except (OverflowError, ValueError):
            return None
    elif _SPECIAL.fullmatch(text):
        return float(text)
    else:
        return None
    return None if math.isinf(number) else number


def read_literal(text: str) -> int | float | None:
    """Read a number as it stands in an expression: `1_000`, `0xFF`, `0b11`, `0o17`, `1.5e3`; None if it is none."""
    digits = text.replace("_", "").lower()
    if "0x" not in digits and ("." in digits or "e" in digits):
        return parse_float(digits)
    try:
        number = int(digits, _BASES.get(digits[:2], 10))
    except ValueError:
        return None
    return number if number <= MAX_INT else None


def parse_int(text: str) -> int | None:
    """Read a decimal integer of 64 bits; None for anything else."""
    if len(text) > 40 or not _INTEGER.fullmatch(text):
        return None
    number = int(text)
    return number if MIN_INT <= number <= MAX_INT else None


def format_float(number: float) -> str:
    """As Go's `%v`: shortest form that reads back the same, with an exponent below 1e-4 and from 1e6."""
    return _special(number) or _shortest(number, -4, 6, two_digit_exponent=True)


def json_float(number: float) -> str:
    """As Go's JSON writes a finite float: shortest, with an exponent below 1e-6 and from 1e21."""
    return _shortest(number, -6, 21, two_digit_exponent=False)


def _special(number: float) -> str:
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    return ""


def _shortest(number: float, least: int, most: int, two_digit_exponent: bool) -> str:
    sign = "-" if math.copysign(1.0, number) < 0 else ""
    if number == 0:
        return f"{sign}0"
    decimal = Decimal(repr(abs(number))).normalize()
    exponent = decimal.adjusted()
    if least <= exponent < most:
        return f"{sign}{decimal:f}"
    digits = "".join(map(str, decimal.as_tuple().digits))
    mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
    width = 2 if two_digit_exponent or exponent > 0 else 1
    return f"{sign}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):0{width}d}"
