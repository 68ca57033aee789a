from __future__ import annotations

import asyncio
import ssl
import stat
from pathlib import Path

import pytest
from cryptography import x509

from argosy.api.tls import LOOK_SECONDS, ensure_certificates, keep_renewed
from argosy.errors import Unavailable
from argosy.testing.clock import FakeClock, settle

DAY = 86400.0


def names(path: Path) -> list[str]:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in found]


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    ensure_certificates(tmp_path / "tls", (), FakeClock())
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "tls").iterdir()}
    assert modes == dict.fromkeys(("ca.crt", "ca.key", "server.crt", "server.key"), 0o600)


def test_the_certificate_names_this_machine_and_the_hosts_asked_for(tmp_path: Path) -> None:
    found = ensure_certificates(tmp_path, ("argosy.example", "192.0.2.1"), FakeClock())
    assert {"localhost", "127.0.0.1", "::1", "argosy.example", "192.0.2.1"} <= set(names(found.certificate))


def test_good_certificates_are_kept(tmp_path: Path) -> None:
    first = ensure_certificates(tmp_path, ("a.example",), FakeClock())
    before = first.certificate.read_bytes()
    second = ensure_certificates(tmp_path, (), FakeClock())
    assert (second.ca, second.certificate.read_bytes()) == (first.ca, before)


async def test_a_certificate_near_its_end_is_made_anew_by_the_same_authority(tmp_path: Path) -> None:
    clock = FakeClock()
    first = ensure_certificates(tmp_path, (), clock)
    before = first.certificate.read_bytes()
    await clock.advance(340 * DAY)
    second = ensure_certificates(tmp_path, (), clock)
    assert second.certificate.read_bytes() != before
    assert second.ca == first.ca


def test_another_host_or_a_lost_key_makes_a_new_certificate(tmp_path: Path) -> None:
    clock = FakeClock()
    before = ensure_certificates(tmp_path, (), clock).certificate.read_bytes()
    other = ensure_certificates(tmp_path, ("b.example",), clock).certificate.read_bytes()
    assert other != before
    (tmp_path / "server.key").unlink()
    assert ensure_certificates(tmp_path, ("b.example",), clock).certificate.read_bytes() != other


def test_a_new_authority_signs_a_new_certificate(tmp_path: Path) -> None:
    clock = FakeClock()
    first = ensure_certificates(tmp_path, (), clock)
    before = first.certificate.read_bytes()
    (tmp_path / "ca.key").unlink()
    second = ensure_certificates(tmp_path, (), clock)
    assert second.ca != first.ca
    assert second.certificate.read_bytes() != before


def test_a_damaged_file_is_told_with_advice(tmp_path: Path) -> None:
    ensure_certificates(tmp_path, (), FakeClock())
    (tmp_path / "ca.crt").write_text("nonsense")
    with pytest.raises(Unavailable, match="remove the folder"):
        ensure_certificates(tmp_path, (), FakeClock())


async def test_a_running_server_gets_its_new_certificate(tmp_path: Path) -> None:
    clock = FakeClock()
    first = ensure_certificates(tmp_path, (), clock)
    before = first.certificate.read_bytes()
    loaded: list[bytes] = []

    class Context(ssl.SSLContext):
        def load_cert_chain(self, certfile: object, *args: object, **kwargs: object) -> None:
            loaded.append(Path(str(certfile)).read_bytes())

    task = asyncio.create_task(keep_renewed(Context(ssl.PROTOCOL_TLS_SERVER), tmp_path, (), clock))
    await clock.advance(340 * DAY - LOOK_SECONDS)
    async with asyncio.timeout(5):
        while not loaded or loaded[-1] == before:
            await clock.advance(LOOK_SECONDS)
            await asyncio.sleep(0.01)
    task.cancel()
    await settle()
    assert loaded[-1] == first.certificate.read_bytes() != before
