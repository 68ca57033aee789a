"""Changing attributes of an HCL text (OpenTofu, Terraform): their bytes are replaced, every other byte stays as it is.

A key names the types and labels of blocks, then the attribute: `resource.aws_instance.web.ami`. It goes on into objects
by their keys and into tuples by index; where blocks of one name follow each other, an index chooses.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from functools import cache

import tree_sitter_hcl
from tree_sitter import Language, Node, Parser

from argosy.errors import Permanent
from argosy.resources.meta import Json
from argosy.rules.edit import Update, decoded
from argosy.rules.edit_key import Part, key_parts

_TEMPLATE = re.compile(r"[$%](?=\{)")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_BLOCK_PARTS = ("identifier", "string_lit")


def edit(content: bytes, updates: Iterable[Update]) -> bytes:
    """`content` with the values set, one after the other.

    Raises Permanent: no UTF-8, no HCL, a key that is malformed, missing or no single value, a value that is not single.
    """
    text, mark = decoded(content, "HCL")
    body = text.encode()
    for update in updates:
        endless = isinstance(update.value, float) and not math.isfinite(update.value)
        if update.value is None or isinstance(update.value, list | dict) or endless:
            raise Permanent(f"the value of key {update.key} is not a text, a number or a boolean")
        node = _find(_read(body), update.key)
        edited = body[: node.start_byte] + spell(update.value).encode() + body[node.end_byte :]
        _read(edited)
        body = edited
    return mark + body


def spell(value: Json) -> str:
    """A text, a number or a boolean as HCL. What looks like a template in a text is escaped."""
    if isinstance(value, str):
        return f'"{_TEMPLATE.sub(lambda found: found[0] * 2, "".join(map(_escaped, value)))}"'
    return json.dumps(value)


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if ord(character) >= 0x20 and ord(character) != 0x7F else f"\\u{ord(character):04x}"


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_hcl.language()))


def _read(body: bytes) -> list[Node]:
    """The outermost attributes and blocks. Raises Permanent."""
    root = _parser().parse(body).root_node
    if root.has_error:
        wrong = next(_wrong(root), root)
        raise Permanent(f"the file is no HCL: line {wrong.start_point.row + 1}: this cannot be read")
    return [each for body in root.children if body.type == "body" for each in body.children]


def _wrong(node: Node) -> Iterator[Node]:
    """The innermost nodes that cannot be read, in the order of the text."""
    for child in node.children:
        if child.has_error:
            yield from _wrong(child)
    if node.is_error or node.is_missing:
        yield node


def _find(nodes: list[Node], key: str) -> Node:
    """The expression that `key` leads to."""
    parts = key_parts(key)
    found = list(_reached(nodes, parts))
    if not found:
        raise Permanent(f"key {key} is not in the file", advice=_advice(nodes, parts))
    if len(found) > 1:
        advice = "Put the index of the block after its name, counted from 0."
        raise Permanent(f"key {key} is {len(found)} times in the file", advice=advice)
    if _collection(found[0]) is not None:
        raise Permanent(f"key {key} holds a collection, not a single value", advice="Name a key within it.")
    return found[0]


def _reached(nodes: list[Node], parts: list[Part]) -> Iterator[Node]:
    """The expressions at the end of `parts`, from the attributes and blocks of one body."""
    for node in nodes:
        if node.type == "attribute" and _text(node.children[0]) == parts[0].text:
            yield from _within(_expression(node), parts[1:])
    blocks: dict[tuple[str, ...], list[Node]] = {}
    for node in nodes:
        if node.type == "block":
            blocks.setdefault(_name(node), []).append(node)
    for name, alike in blocks.items():
        if tuple(part.text for part in parts[: len(name)]) != name or len(parts) == len(name):
            continue
        following = parts[len(name)]
        if following.is_index:
            chosen, rest = alike[int(following.text) :][:1], parts[len(name) + 1 :]
        else:
            chosen, rest = alike, parts[len(name) :]
        for block in chosen if rest else ():
            yield from _reached(_body(block), rest)


def _within(expression: Node, parts: list[Part]) -> Iterator[Node]:
    """The expressions at the end of `parts`, within the collection that an expression is."""
    if not parts:
        yield expression
        return
    collection = _collection(expression)
    if collection is None:
        return
    if collection.type == "tuple":
        items = [child for child in collection.children if child.type == "expression"]
        if parts[0].is_index and int(parts[0].text) < len(items):
            yield from _within(items[int(parts[0].text)], parts[1:])
        return
    for element in collection.children:
        if element.type == "object_elem" and _text(element.children[0]) == parts[0].text:
            yield from _within(element.children[-1], parts[1:])


def _collection(expression: Node) -> Node | None:
    """The object or tuple that an expression is; None when it is anything else."""
    inner = expression.children[0] if expression.child_count == 1 else None
    return inner.children[0] if inner is not None and inner.type == "collection_value" else None


def _expression(attribute: Node) -> Node:
    return next(child for child in attribute.children if child.type == "expression")


def _name(block: Node) -> tuple[str, ...]:
    return tuple(_text(child) for child in block.children if child.type in _BLOCK_PARTS)


def _body(block: Node) -> list[Node]:
    return [each for child in block.children if child.type == "body" for each in child.children]


def _text(node: Node) -> str:
    return (node.text or b"").decode().strip().strip('"')


def _advice(nodes: list[Node], parts: list[Part]) -> str:
    names = [_text(node.children[0]) for node in nodes if node.type == "attribute"]
    names += [".".join(_name(node)) for node in nodes if node.type == "block"]
    nearer = [name for name in names if name.split(".", maxsplit=1)[0] == parts[0].text] or names
    return f"The file has {', '.join(dict.fromkeys(nearer[:10]))}." if nearer else "The file is empty."
