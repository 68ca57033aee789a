"""Reads the few messages that kubectl sends as protobuf, whatever the server says it prefers.

`kubectl create namespace`, `create secret`, `create configmap` and `auth can-i` do. Field numbers are those of the
`generated.proto` files of Kubernetes; they never change. A field that is not listed is refused, not lost.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from argosy.api.answer import Refused
from argosy.clock import rfc3339
from argosy.resources.meta import Json

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
MAGIC = b"k8s\x00"

Raw = bytes | int
"""What a field holds: bytes, or a number."""

_VARINT, _BYTES = 0, 2
_FIXED = {1: 8, 5: 4}
"""Wire types of values with a fixed number of bytes."""


@dataclass(frozen=True, slots=True)
class _Field:
    """A field: its name in JSON, how to read one value, and how several make one."""

    name: str
    read: Callable[[Raw], Json]
    many: type[list[Json]] | type[dict[str, Json]] | None = None


_Message = Mapping[int, _Field]


def _text(raw: Raw) -> str:
    return _some_bytes(raw).decode("utf-8")


def _base64(raw: Raw) -> str:
    return base64.b64encode(_some_bytes(raw)).decode()


def _whole(raw: Raw) -> int:
    number = _number(raw)
    return number - (1 << 64) if number >= 1 << 63 else number


def _truth(raw: Raw) -> bool:
    return bool(_number(raw))


def _time(raw: Raw) -> str | None:
    seconds = dict(_fields(_some_bytes(raw))).get(1)
    return None if seconds is None else rfc3339(datetime.fromtimestamp(_whole(seconds), UTC))


def _nothing(raw: Raw) -> None:
    """For fields that the server gives and callers cannot."""


def _message(fields: _Message) -> Callable[[Raw], Json]:
    return lambda raw: _object(_some_bytes(raw), fields)


def _entry(value: Callable[[Raw], Json]) -> Callable[[Raw], Json]:
    """One entry of a map: field 1 is the key, field 2 the value; an empty one of either is not sent."""

    def read(raw: Raw) -> tuple[str, Json]:
        found = dict(_fields(_some_bytes(raw)))
        return _text(found.get(1, b"")), value(found.get(2, b""))

    return read


_TEXTS = _entry(_text)
_OWNER: _Message = {
    1: _Field("kind", _text),
    3: _Field("name", _text),
    4: _Field("uid", _text),
    5: _Field("apiVersion", _text),
    6: _Field("controller", _truth),
    7: _Field("blockOwnerDeletion", _truth),
}
_META: _Message = {
    1: _Field("name", _text),
    2: _Field("generateName", _text),
    3: _Field("namespace", _text),
    4: _Field("selfLink", _nothing),
    5: _Field("uid", _text),
    6: _Field("resourceVersion", _text),
    7: _Field("generation", _whole),
    8: _Field("creationTimestamp", _time),
    9: _Field("deletionTimestamp", _time),
    10: _Field("deletionGracePeriodSeconds", _whole),
    11: _Field("labels", _TEXTS, dict),
    12: _Field("annotations", _TEXTS, dict),
    13: _Field("ownerReferences", _message(_OWNER), list),
    14: _Field("finalizers", _text, list),
    17: _Field("managedFields", _nothing),
}
_METADATA = _Field("metadata", _message(_META))
_STATUS = _Field("status", _nothing)
_ATTRIBUTES: _Message = {
    number: _Field(name, _text)
    for number, name in enumerate(("namespace", "verb", "group", "version", "resource", "subresource", "name"), start=1)
}
_ACCESS_SPEC: _Message = {
    1: _Field("resourceAttributes", _message(_ATTRIBUTES)),
    2: _Field("nonResourceAttributes", _message({1: _Field("path", _text), 2: _Field("verb", _text)})),
}
_PRECONDITIONS: _Message = {1: _Field("uid", _text), 2: _Field("resourceVersion", _text)}
_NAMESPACE_SPEC: _Message = {1: _Field("finalizers", _text, list)}

_REFERENCE: _Message = {
    number: _Field(name, _text)
    for number, name in enumerate(
        ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"), start=1
    )
}
_RULE: _Message = {
    number: _Field(name, _text, list)
    for number, name in enumerate(("verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"), start=1)
}
_SUBJECT: _Message = {
    number: _Field(name, _text) for number, name in enumerate(("kind", "apiGroup", "name", "namespace"), start=1)
}
_ROLE_REFERENCE: _Message = {
    number: _Field(name, _text) for number, name in enumerate(("apiGroup", "kind", "name"), start=1)
}
_ROLE: _Message = {1: _METADATA, 2: _Field("rules", _message(_RULE), list)}
_BINDING: _Message = {
    1: _METADATA,
    2: _Field("subjects", _message(_SUBJECT), list),
    3: _Field("roleRef", _message(_ROLE_REFERENCE)),
}

_MESSAGES: Mapping[str, _Message] = {
    "Namespace": {1: _METADATA, 2: _Field("spec", _message(_NAMESPACE_SPEC)), 3: _STATUS},
    "Secret": {
        1: _METADATA,
        2: _Field("data", _entry(_base64), dict),
        3: _Field("type", _text),
        4: _Field("stringData", _TEXTS, dict),
        5: _Field("immutable", _truth),
    },
    "ConfigMap": {
        1: _METADATA,
        2: _Field("data", _TEXTS, dict),
        3: _Field("binaryData", _entry(_base64), dict),
        4: _Field("immutable", _truth),
    },
    "ServiceAccount": {
        1: _METADATA,
        2: _Field("secrets", _message(_REFERENCE), list),
        3: _Field("imagePullSecrets", _message({1: _Field("name", _text)}), list),
        4: _Field("automountServiceAccountToken", _truth),
    },
    "Role": _ROLE,
    "ClusterRole": _ROLE,
    "RoleBinding": _BINDING,
    "ClusterRoleBinding": _BINDING,
    "SelfSubjectAccessReview": {1: _METADATA, 2: _Field("spec", _message(_ACCESS_SPEC)), 3: _STATUS},
    "SelfSubjectRulesReview": {1: _METADATA, 2: _Field("spec", _message({1: _Field("namespace", _text)})), 3: _STATUS},
    "SelfSubjectReview": {1: _METADATA, 2: _STATUS},
    "DeleteOptions": {
        1: _Field("gracePeriodSeconds", _whole),
        2: _Field("preconditions", _message(_PRECONDITIONS)),
        3: _Field("orphanDependents", _truth),
        4: _Field("propagationPolicy", _text),
        5: _Field("dryRun", _text, list),
    },
}
_TYPE: _Message = {1: _Field("apiVersion", _text), 2: _Field("kind", _text)}


def parse_protobuf(body: bytes) -> dict[str, Json]:
    """The object in a body of the media type `MEDIA_TYPE`.

    Raises:
        Refused: 400 for what is malformed, 415 for what is only read as JSON or YAML.
    """
    try:
        return _enveloped(body)
    except (ValueError, IndexError, OverflowError, OSError) as error:
        raise Refused(400, "the body of the request is not the protobuf that it says it is") from error


def _enveloped(body: bytes) -> dict[str, Json]:
    """The envelope: magic bytes, then a message with the type in field 1 and the object in field 2."""
    if not body.startswith(MAGIC):
        raise ValueError("no magic bytes")
    envelope = dict(_fields(body[len(MAGIC) :]))
    type_ = _object(_some_bytes(envelope.get(1, b"")), _TYPE)
    fields = _MESSAGES.get(type_.get("kind", ""))
    if fields is None:
        kind = str(type_.get("kind", ""))[:100]
        raise Refused(415, f"a {kind} is not read as protobuf", advice="Send application/json or application/yaml.")
    return {**type_, **_object(_some_bytes(envelope.get(2, b"")), fields)}


def _object(raw: bytes, fields: _Message) -> dict[str, Json]:
    out: dict[str, Json] = {}
    for number, value in _fields(raw):
        field = fields.get(number)
        if field is None:
            raise Refused(
                415, f"field {number} of a protobuf message is not known", advice="Send application/json instead."
            )
        read = field.read(value)
        if field.many is list:
            out.setdefault(field.name, []).append(read)
        elif field.many is dict:
            out.setdefault(field.name, {}).update([read])
        elif read not in (None, ""):  # empty text is sent for what was never set
            out[field.name] = read
    return out


def _fields(raw: bytes) -> Iterator[tuple[int, Raw]]:
    """The fields of a message in their order. Raises ValueError and IndexError for what is malformed."""
    place = 0
    while place < len(raw):
        tag, place = _varint(raw, place)
        wire = tag & 7
        value: Raw
        if wire == _VARINT:
            value, place = _varint(raw, place)
        else:
            size, place = _size(raw, place, wire)
            value, place = raw[place : place + size], place + size
        if place > len(raw):
            raise ValueError("a field is cut off")
        yield tag >> 3, value


def _size(raw: bytes, place: int, wire: int) -> tuple[int, int]:
    if wire == _BYTES:
        return _varint(raw, place)
    if wire not in _FIXED:
        raise ValueError("a field is of no known type")
    return _FIXED[wire], place


def _varint(raw: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = raw[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, place
    raise ValueError("a number is too long")


def _some_bytes(raw: Raw) -> bytes:
    if not isinstance(raw, bytes):
        raise ValueError("a number stands where bytes should")
    return raw


def _number(raw: Raw) -> int:
    if not isinstance(raw, int):
        raise ValueError("bytes stand where a number should")
    return raw
