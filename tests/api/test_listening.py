"""Listening: who connects and says nothing takes no more room than there is for connections."""

from __future__ import annotations

import contextlib
import resource
import socket
import subprocess
import sys

import pytest

from argosy.api.listening import FILES, Listener, listen


def test_there_is_room_for_so_many_connections_and_again_when_one_ends() -> None:
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(Listener(socket.create_server(("127.0.0.1", 0)), 2))
        clients = [stack.enter_context(socket.create_connection(listener.getsockname())) for _ in range(4)]
        first, second = (stack.enter_context(listener.accept()[0]) for _ in range(2))
        with pytest.raises(ConnectionAbortedError):
            listener.accept()
        assert clients[2].recv(1) == b""
        first.close()
        third = stack.enter_context(listener.accept()[0])
        third.sendall(b"x")
        assert (clients[3].recv(1), second.fileno() != -1) == (b"x", True)


def test_connections_leave_most_files_to_the_rest_of_the_process() -> None:
    text = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 200));"
        "from argosy.api.listening import room; print(room(), *resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["50", "200", "200"]


def test_what_listens_has_these_bounds() -> None:
    with contextlib.closing(listen("127.0.0.1:0")) as listener:
        assert isinstance(listener, Listener)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft in (FILES, hard) or soft > FILES
