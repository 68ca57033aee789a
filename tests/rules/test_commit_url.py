from __future__ import annotations

import pytest

from argosy.rules.commit_url import commit_url


@pytest.mark.parametrize(
    ("url", "provider", "expected"),
    [
        pytest.param("https://github.com/Acme/App.git", "", "https://github.com/acme/app/commit/c0", id="GitHub"),
        pytest.param(
            "https://acme.ghe.com/a/b", "", "https://acme.ghe.com/a/b/commit/c0", id="GitHub Enterprise Cloud"
        ),
        pytest.param("https://github.com/a/b/c", "", "", id="GitHub has no subgroups"),
        pytest.param("git@github.com:a/b.git", "", "https://github.com/a/b/commit/c0", id="GitHub by SSH"),
        pytest.param("https://gitlab.x.org/a/b/c.git", "", "https://gitlab.x.org/a/b/c/-/commit/c0", id="GitLab"),
        pytest.param("https://gitea.x.org:3000/a/b", "", "https://gitea.x.org:3000/a/b/commit/c0", id="Gitea"),
        pytest.param("https://me@bitbucket.org/a/b", "", "https://bitbucket.org/a/b/commits/c0", id="Bitbucket"),
        pytest.param("https://dev.azure.com/o/p/_git/r", "", "https://dev.azure.com/o/p/_git/r/commit/c0", id="Azure"),
        pytest.param("https://git.x.org/a/b", "", "", id="an unknown host"),
        pytest.param("https://git.x.org/a/b", "gitea", "https://git.x.org/a/b/commit/c0", id="a host that is named"),
        pytest.param("file:///srv/github.com/a/b", "", "", id="a local repository"),
        pytest.param("https://[", "github", "", id="no URL"),
    ],
)
def test_a_commit_has_a_page_on_a_known_forge(url: str, provider: str, expected: str) -> None:
    assert commit_url(url, "c0", provider) == expected
