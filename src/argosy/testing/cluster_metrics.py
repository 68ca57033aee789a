"""What a real API server counts of the requests that it answered."""

from __future__ import annotations

import re
import ssl
import urllib.request
from collections import Counter

from argosy.testing.cluster import Cluster

WRITES = frozenset({"POST", "PUT", "PATCH", "APPLY", "DELETE", "DELETECOLLECTION"})
_LINE = re.compile(r"^apiserver_request_total\{(?P<labels>.*)\} (?P<count>[0-9.e+]+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_OWN = frozenset({"leases", "apiservices", "prioritylevelconfigurations", "flowschemas"})
"""What the server writes by itself."""


def requests(cluster: Cluster) -> Counter[tuple[str, str]]:
    """How many requests were answered, by verb and resource; those of the server to itself do not count."""
    request = urllib.request.Request(f"{cluster.url}/metrics", headers={"Authorization": f"Bearer {cluster.token()}"})
    context = ssl.create_default_context(cafile=str(cluster.ca_file))
    with urllib.request.urlopen(request, timeout=30, context=context) as answer:
        text = answer.read().decode()
    counted: Counter[tuple[str, str]] = Counter()
    for line in _LINE.finditer(text):
        labels = dict(_LABEL.findall(line["labels"]))
        if labels["resource"] and labels["resource"] not in _OWN:
            counted[labels["verb"], f"{labels['resource']}/{labels['subresource']}".rstrip("/")] += int(
                float(line["count"])
            )
    return counted


def writes(counted: Counter[tuple[str, str]]) -> dict[str, int]:
    """Only the writes, as `verb resource`."""
    return {f"{verb} {resource}": count for (verb, resource), count in counted.items() if verb in WRITES and count}
