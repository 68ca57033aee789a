"""The page of a commit on the forge that hosts its repository. Follows Kargo's `pkg/gitprovider`."""

from __future__ import annotations

from urllib.parse import urlsplit

from argosy.rules.git_url import normalize


def commit_url(repo_url: str, commit: str, provider: str = "") -> str:
    """The URL of a commit's page; empty when the forge is not known.

    Args:
        repo_url: URL of the repository.
        commit: the commit's ID.
        provider: azure, bitbucket, gitea, github or gitlab; guessed from the host when empty.
    """
    try:
        parts = urlsplit(normalize(repo_url))
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https", "ssh") or not host:
        return ""
    netloc, path = parts.netloc.rpartition("@")[2], parts.path
    match provider or _guess(host):
        case "github" if path.count("/") == 2:
            return f"https://{netloc}{path}/commit/{commit}"
        case "gitea":
            return f"https://{netloc}{path}/commit/{commit}"
        case "gitlab":
            return f"https://{netloc}{path}/-/commit/{commit}"
        case "bitbucket":
            return f"https://{netloc}{path}/commits/{commit}"
        case "azure":
            return f"https://dev.azure.com{path.removeprefix('/v3')}/commit/{commit}"
        case _:
            return ""


def _guess(host: str) -> str:
    if "github" in host or host.endswith(".ghe.com"):
        return "github"
    if host == "bitbucket.org":
        return "bitbucket"
    if host == "dev.azure.com" or host.endswith(".visualstudio.com"):
        return "azure"
    return next((name for name in ("gitlab", "gitea") if name in host), "")
