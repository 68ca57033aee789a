"""The functions that expressions have from Argosy, by what they speak of; names and results are those of Kargo.

Behaviour follows Kargo's `pkg/expressions/function/functions.go`. What a function returns is plain data, or an object
with documented methods; fields of artifacts have the names of Kargo's Go types, such as `Tag`.
"""

from collections.abc import Callable, Mapping
from typing import Any

Functions = Mapping[str, Callable[..., Any]]
