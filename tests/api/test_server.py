"""The server itself: its socket, its limits, its end."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from pathlib import Path

import httpx2
import pytest

from argosy.testing.api_server import ApiServer, api_server


def raw(server: ApiServer) -> ssl.SSLSocket:
    host, port = server.url.removeprefix("https://").split(":")
    return server.trust.wrap_socket(socket.create_connection((host, int(port)), timeout=10), server_hostname=host)


def test_ending_the_server_ends_watches_gently_and_soon(tmp_path: Path) -> None:
    lines: list[str] = []
    began = threading.Event()

    def watch(server: ApiServer) -> None:
        url = f"{server.url}/api/v1/namespaces?watch=true"
        with httpx2.stream("GET", url, headers=server.headers, verify=server.trust, timeout=10) as answer:
            for line in answer.iter_lines():
                lines.append(json.loads(line)["type"])
                began.set()

    with api_server(tmp_path) as server:
        post = {"metadata": {"name": "a"}}
        httpx2.post(f"{server.url}/api/v1/namespaces", json=post, headers=server.headers, verify=server.trust)
        watcher = threading.Thread(target=watch, args=(server,))
        watcher.start()
        assert began.wait(10)
        ending = time.monotonic()
    assert time.monotonic() - ending < 4
    watcher.join(10)
    assert lines == ["ADDED"]


def test_a_head_without_end_is_refused(server: ApiServer) -> None:
    with raw(server) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 200_000 + b"\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("text", [b"nonsense\r\n\r\n", b"GET /healthz HTTP/9.9\r\n\r\n", b"\x00\x01\x02\x03\r\n\r\n"])
def test_what_is_no_http_is_refused_and_others_are_served(server: ApiServer, text: bytes) -> None:
    with raw(server) as connection:
        connection.sendall(text)
        assert b" 400 " in connection.recv(100)
    assert httpx2.get(f"{server.url}/healthz", verify=server.trust).text == "ok"


def test_only_tls_is_spoken_and_only_newer_versions(server: ApiServer) -> None:
    host, port = server.url.removeprefix("https://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not plain.recv(100).startswith(b"HTTP/1.1 200")
    with raw(server) as connection:
        assert connection.version() in ("TLSv1.2", "TLSv1.3")


def test_the_kubeconfig_of_another_server_does_not_trust_this_one(server: ApiServer) -> None:
    with pytest.raises(httpx2.ConnectError, match="certificate"):
        httpx2.get(f"{server.url}/healthz")


SLOW = {
    "nothing at all": b"",
    "half a head": b"GET /healthz HTTP/1.1\r\nHo",
    "a body that never comes": b"POST /api/v1/namespaces HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
}


@pytest.mark.parametrize("text", SLOW.values(), ids=SLOW)
def test_who_is_too_slow_is_let_go(tmp_path: Path, text: bytes) -> None:
    with api_server(tmp_path, request_seconds=0.3) as server, raw(server) as connection:
        began = time.monotonic()
        connection.sendall(text)
        while connection.recv(1000):
            pass
        assert time.monotonic() - began < 5


def test_a_long_answer_is_not_cut_off_by_the_time_for_requests(tmp_path: Path) -> None:
    with api_server(tmp_path, request_seconds=0.3) as server:
        url = f"{server.url}/api/v1/namespaces?watch=true&timeoutSeconds=1"
        began = time.monotonic()
        answer = httpx2.get(url, headers=server.headers, verify=server.trust)
        assert (answer.status_code, answer.text) == (200, "")
        assert time.monotonic() - began > 0.9
