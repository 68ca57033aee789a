from __future__ import annotations

import pytest

from argosy.rules.lfs_pointer import LfsObject, parse_pointer

OID = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
V1 = "version https://git-lfs.github.com/spec/v1\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{V1}oid sha256:{OID}\nsize 12345\n",
        f"version https://hawser.github.com/spec/v1\noid sha256:{OID}\nsize 12345\n",
        f"{V1}oid sha256:{OID}\nsize 12345",
        f"{V1}oid sha256:{OID}\nsize 12345\n".replace("\n", "\r\n"),
    ],
    ids=["as specified", "of the time before", "without the last line end", "as Windows writes it"],
)
def test_pointers(text: str) -> None:
    assert parse_pointer(text.encode()) == LfsObject(OID, 12345)


@pytest.mark.parametrize(
    "text",
    [
        "",
        V1,
        f"oid sha256:{OID}\nsize 1\n",
        f"{V1}size 1\noid sha256:{OID}\n",
        f"{V1}oid sha256:{OID[1:]}\nsize 1\n",
        f"{V1}oid sha256:{OID.upper()}\nsize 1\n",
        f"{V1}oid md5:{OID[:32]}\nsize 1\n",
        f"{V1}oid sha256:{OID}\nsize -1\n",
        f"{V1}oid sha256:{OID}\nsize {'9' * 20}\n",
        f"{V1}ext-0-foo sha256:{OID}\noid sha256:{OID}\nsize 1\n",
        f"{V1}oid sha256:{OID}\nsize 1\nmore\n",
        f"{V1}oid sha256:{OID}\nsize 1{' ' * 1024}\n",
        f"{V1}oid sha256:../../../../../../../../../../../../../../../../../../../etc/x\nsize 1\n",
    ],
    ids=[
        *("nothing", "a version alone", "no version", "another order", "a short digest", "capitals", "another digest"),
        *("a negative size", "a size out of all bounds", "an extension", "more lines", "too long", "a path"),
    ],
)
def test_other_texts(text: str) -> None:
    assert parse_pointer(text.encode()) is None
