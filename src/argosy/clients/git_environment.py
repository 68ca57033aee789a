"""What every `git` command finds around it: nothing of the machine's configuration but authorities and proxies."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

_PASSED_ON = (
    *("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "TMPDIR"),
    *("http_proxy", "https_proxy", "no_proxy", "all_proxy", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"),
)
FIXED = {
    "LC_ALL": "C",
    "TZ": "UTC",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "GIT_EDITOR": "false",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    # A transfer slower than 1 KiB/s for 30 s is over: the same figures as Kargo's.
    "GIT_HTTP_LOW_SPEED_LIMIT": "1024",
    "GIT_HTTP_LOW_SPEED_TIME": "30",
}
"""Variables that are the same for every command."""
OFFLINE = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": ""}
"""Variables of a command that is to ask no server, not even for objects that a partial clone lacks."""
CONFIG = (
    ("advice.detachedHead", "false"),
    ("core.hooksPath", os.devnull),
    ("core.fsmonitor", "false"),
    ("core.attributesFile", os.devnull),
    ("core.excludesFile", os.devnull),
    ("core.protectNTFS", "true"),
    ("core.protectHFS", "true"),
    ("core.logAllRefUpdates", "false"),
    ("core.quotePath", "false"),
    ("commit.gpgSign", "false"),
    ("credential.helper", ""),
    ("checkout.workers", "0"),
    ("diff.ignoreSubmodules", "all"),
    ("fetch.recurseSubmodules", "false"),
    ("gc.auto", "0"),
    ("i18n.logOutputEncoding", "UTF-8"),
    ("maintenance.auto", "false"),
    ("push.recurseSubmodules", "no"),
    ("protocol.allow", "never"),
    ("protocol.http.allow", "always"),
    ("protocol.https.allow", "always"),
    ("protocol.version", "2"),
    ("rebase.autoStash", "false"),
    ("safe.bareRepository", "explicit"),
    ("submodule.recurse", "false"),
    ("transfer.fsckObjects", "true"),
    # Faults of old but harmless histories, which servers accept and which cannot be mended.
    *(
        (f"fetch.fsck.{fault}", "ignore")
        for fault in (
            *("badTimezone", "missingSpaceBeforeDate", "missingEmail", "missingNameBeforeEmail", "zeroPaddedFilemode"),
            *("missingTaggerEntry", "badTagName", "missingSpaceBeforeEmail", "badDateOverflow", "badFilemode"),
        )
    ),
)
"""Configuration that holds for every command."""


def inherited(variables: Mapping[str, str]) -> dict[str, str]:
    """Authorities and proxies, as every other connection takes them: git by itself reads neither SSL_CERT_FILE nor
    HTTP_PROXY, and asks proxies for what is on this machine."""
    passed_on = {name: variables[name] for name in _PASSED_ON if name in variables}
    for ours, known in (("GIT_SSL_CAINFO", "SSL_CERT_FILE"), ("GIT_SSL_CAPATH", "SSL_CERT_DIR")):
        if variables.get(known):
            passed_on.setdefault(ours, variables[known])
    if variables.get("HTTP_PROXY"):
        passed_on.setdefault("http_proxy", variables["HTTP_PROXY"])
    exempt = variables.get("no_proxy") or variables.get("NO_PROXY", "")
    everything = "*" in re.split(r"[\s,]+", exempt)
    passed_on["no_proxy"] = "*" if everything else f"{exempt},localhost,127.0.0.1,::1".removeprefix(",")
    return passed_on
