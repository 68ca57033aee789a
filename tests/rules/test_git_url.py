"""Git URLs: the same spellings as Kargo's `pkg/urls/git.go`, and what is read off a URL."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.rules.git_url import normalize, parse, resolve_relative


@pytest.mark.parametrize(
    "url",
    [
        "https://not a url",
        "http://github.com/example/repo?foo=bar",
        "ssh://not a url",
        "ssh://github.com/example/repo?foo=bar",
        "not even remotely a url",
    ],
)
def test_what_cannot_be_normalised_stays(url: str) -> None:
    assert normalize(url) == url


@pytest.mark.parametrize("suffix", ["", "/", ".git", ".git/"])
@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/Example/repo", "https://github.com/example/repo"),
        ("https://localhost:8443/example/repo", "https://localhost:8443/example/repo"),
        ("https://foo:bar@github.com/example/repo", "https://github.com/example/repo"),
        ("https://github.com/a b/repo", "https://github.com/a%20b/repo"),
        ("ssh://git@github.com/example/repo", "ssh://git@github.com/example/repo"),
        ("ssh://localhost:2222/example/repo", "ssh://localhost:2222/example/repo"),
        ("git@github.com:example/repo", "ssh://git@github.com/example/repo"),
        ("github.com:example/repo", "ssh://github.com/example/repo"),
        ("\u200bhttps://github.com/example/repo", "https://github.com/example/repo"),
    ],
)
def test_spellings_of_one_repository_are_one(url: str, suffix: str, expected: str) -> None:
    assert normalize(url + suffix) == expected


def test_a_host_alone_is_a_repository() -> None:
    assert normalize("https://github.com/") == "https://github.com"
    assert normalize("git@git.example.com") == "ssh://git@git.example.com"


@given(st.text(max_size=60))
def test_normalising_never_raises(url: str) -> None:
    normalize(url)
    parse(url)


def test_caches_keep_the_case_of_the_path() -> None:
    one, other = parse("https://Host/Team/App.git"), parse("https://host/team/app")
    assert one.identity == "https://host/Team/App"
    assert one.identity != other.identity
    assert parse("https://u:p@host/Team/App/").identity == one.identity


def test_a_password_in_a_url_is_taken_out() -> None:
    address = parse("https://ada:s%20ecret@host:8443/app.git")
    assert (address.url, address.username, address.password) == ("https://host:8443/app.git", "ada", "s ecret")
    assert address.origin == "https://host:8443"
    assert "ecret" not in repr(address)


@pytest.mark.parametrize(
    ("url", "host", "user", "kept"),
    [
        ("git@github.com:team/app.git", "github.com", "git", "git@github.com:team/app.git"),
        ("github.com:team/app", "github.com", "", "github.com:team/app"),
        ("git@host:/srv/app", "host", "git", "git@host:/srv/app"),
        ("ssh://git@host:2222/team/app", "host", "git", "ssh://git@host:2222/team/app"),
        ("ssh://git:secret@host/team/app", "host", "git", "ssh://git@host/team/app"),
        ("ssh://host/~ada/app", "host", "", "ssh://host/~ada/app"),
        ("ssh://git@[::1]:2222/app", "::1", "git", "ssh://git@[::1]:2222/app"),
    ],
)
def test_urls_of_ssh_keep_the_user_and_lose_a_password(url: str, host: str, user: str, kept: str) -> None:
    address = parse(url)
    assert (address.scheme, address.host, address.username, address.url) == ("ssh", host, user, kept)
    assert "secret" not in repr(address)


@pytest.mark.parametrize(
    "url",
    [
        "ssh://-oProxyCommand=x/app",
        "ssh://git@-oProxyCommand=x/app",
        "-oProxyCommand=x:app",
        "ssh://a b@host/app",
        "ssh://git@ho$(id)st/app",
        "ssh://git@host;id/app",
        "ssh://git@host/",
        "ssh://git@host",
        "ssh://git@host/-app",
        "git@host:-app",
        "git@host:",
        "git@host",
        "ext::sh -c id",
        "./local:app",
        "ssh://git@host/app?a=b",
    ],
)
def test_what_could_be_an_option_or_a_command_is_no_url(url: str) -> None:
    assert parse(url).scheme == ""


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://localhost:80/a", True),
        ("http://127.0.0.1/a", True),
        ("http://[::1]:3000/a", True),
        ("http://127.evil.example.com/a", False),
        ("http://localhost.example.com/a", False),
    ],
)
def test_loopback_is_this_machine_alone(url: str, loopback: bool) -> None:
    assert parse(url).is_loopback is loopback


@pytest.mark.parametrize(
    ("base", "url", "expected"),
    [
        ("https://host/team/app.git", "../lib.git", "https://host/team/lib.git"),
        ("https://host/team/app/", "../lib", "https://host/team/lib"),
        ("https://host/team/app.git", "../../other/lib", "https://host/other/lib"),
        ("https://host/team/app.git", "./lib", "https://host/team/app.git/lib"),
        ("https://host/team/app.git", ".././../other/lib/", "https://host/other/lib"),
        ("git@host:team/app.git", "../lib.git", "git@host:team/lib.git"),
        ("git@host:app.git", "../lib.git", "git@host:lib.git"),
        ("ssh://git@host:2222/team/app", "../lib", "ssh://git@host:2222/team/lib"),
        ("file:///srv/app.git", "../lib.git", "file:///srv/lib.git"),
        ("https://host/app", "https://elsewhere/lib", "https://elsewhere/lib"),
    ],
)
def test_relative_urls_of_submodules(base: str, url: str, expected: str) -> None:
    assert resolve_relative(base, url) == expected


@pytest.mark.parametrize("base", ["https://host/app", "git@host:app", "ssh://git@host/app", "file:///app"])
def test_relative_urls_do_not_leave_the_server(base: str) -> None:
    with pytest.raises(ValueError, match="leads out"):
        resolve_relative(base, "../../../../../elsewhere.example.com/lib")
