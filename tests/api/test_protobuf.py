from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.api.answer import Refused
from argosy.api.protobuf import MAGIC, parse_protobuf


def field(number: int, value: bytes | int) -> bytes:
    """One field, for the short values of these tests."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def envelope(kind: str, message: bytes) -> bytes:
    return MAGIC + field(1, field(1, b"v1") + field(2, kind.encode())) + field(2, message)


def test_a_secret_is_read_with_its_metadata_and_values() -> None:
    labels = field(11, field(1, b"a") + field(2, b"b")) + field(11, field(1, b"empty"))
    owner = field(13, field(1, b"Stage") + field(3, b"dev") + field(4, b"u") + field(5, b"g/v") + field(6, 1))
    time = field(8, field(1, 60))
    meta = field(1, b"creds") + field(3, b"demo") + labels + owner + field(14, b"keep") + time
    message = field(1, meta) + field(2, field(1, b"k") + field(2, b"\x00\xff")) + field(3, b"Opaque") + field(5, 1)
    assert parse_protobuf(envelope("Secret", message)) == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "creds",
            "namespace": "demo",
            "labels": {"a": "b", "empty": ""},
            "ownerReferences": [{"kind": "Stage", "name": "dev", "uid": "u", "apiVersion": "g/v", "controller": True}],
            "finalizers": ["keep"],
            "creationTimestamp": "1970-01-01T00:01:00Z",
        },
        "data": {"k": "AP8="},
        "type": "Opaque",
        "immutable": True,
    }


def test_empty_text_and_an_empty_time_count_as_not_given() -> None:
    meta = field(1, b"creds") + field(2, b"") + field(8, b"")
    found = parse_protobuf(envelope("Secret", field(1, meta) + field(3, b"")))
    assert found == {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "creds"}}


FAULTS = {
    "no magic bytes": (b"nothing", 400),
    "nothing after the magic bytes": (MAGIC, 415),
    "a kind that is not read so": (envelope("Pod", b""), 415),
    "a field that is not known": (envelope("Secret", field(15, b"x")), 415),
    "a field that is cut off": (envelope("Secret", b"\x0a\x7fabc"), 400),
    "a number without end": (envelope("Secret", b"\x28" + b"\xff" * 12), 400),
    "a number where text belongs": (envelope("Secret", field(3, 1)), 400),
    "text where a number belongs": (envelope("Secret", field(5, b"x")), 400),
    "text that is not UTF-8": (envelope("Secret", field(3, b"\xff")), 400),
    "a wire type that does not exist": (envelope("Secret", b"\x0b"), 400),
    "a time beyond all years": (envelope("Secret", field(1, field(8, b"\x08" + b"\xff" * 8 + b"\x7f"))), 400),
}


@pytest.mark.parametrize(("body", "code"), FAULTS.values(), ids=FAULTS)
def test_what_cannot_be_read_is_refused(body: bytes, code: int) -> None:
    with pytest.raises(Refused) as caught:
        parse_protobuf(body)
    assert caught.value.code == code


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for whole in (body, envelope("Secret", body), envelope("Namespace", field(1, body))):
        with contextlib.suppress(Refused):
            parse_protobuf(whole)
