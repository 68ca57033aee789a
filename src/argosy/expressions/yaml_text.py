"""Values as YAML, in the form that Kargo's `asYAML()` has: sigs.k8s.io/yaml, with sorted keys and flush lists."""

from __future__ import annotations

from typing import Any

import yaml

_STRING = "tag:yaml.org,2002:str"
_OLD_BOOLEANS = frozenset("yYnN")


class _Writer(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # whatever it is, it is written out
        return True


def _meaning(writer: Any, value: str) -> Any:
    """The tag that the bare text would be read with."""
    return writer.resolve(yaml.ScalarNode, value, (True, False))


def _text(writer: yaml.SafeDumper, value: str) -> yaml.Node:
    """Several lines as a block; in double quotes what would be read as something else than a string."""
    if "\n" in value:
        style = "|"
    elif value in _OLD_BOOLEANS or _meaning(writer, value) != _STRING:
        style = '"'
    else:
        style = ""
    return writer.represent_scalar(_STRING, value, style=style or None)


_Writer.add_representer(str, _text)


def written(value: Any) -> str:
    """Plain data as a YAML document, with a newline at its end."""
    return yaml.dump(value, Dumper=_Writer, allow_unicode=True, default_flow_style=False, width=2**31, sort_keys=True)
