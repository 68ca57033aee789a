"""What the Helm chart has from the code: definitions, webhook configurations and the rights in Projects.

`python tools/chart.py` writes these files; a test compares them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from argosy import __version__
from argosy.resources.crd import crd
from argosy.resources.kinds import KARGO, KINDS
from argosy.rules.project_role import CONTROLLER, CONTROLLER_RULES, RULES
from argosy.rules.system_role import NAMES, SystemRoles, wanted
from argosy.rules.webhook import configurations

FOLDER = Path(__file__).parent.parent / "deploy" / "chart"
NOTE = "# Written by tools/chart.py from the code; do not edit.\n"
KEEP = {"helm.sh/resource-policy": "keep"}

_ACCOUNT = 'system:serviceaccount:{{ .Release.Namespace }}:{{ include "argosy.serviceAccount" . }}'
_SERVICE = {"namespace": "{{ .Release.Namespace }}", "name": '{{ include "argosy.fullname" . }}-webhooks', "port": 443}

SETTINGS = {
    "kargo-admin": "oidc_admins",
    "kargo-project-creator": "oidc_project_creators",
    "kargo-user": "oidc_users",
    "kargo-viewer": "oidc_viewers",
}
"""Which say whose claims match an account."""

Data = dict[str, Any]


class _Plain(yaml.SafeDumper):
    """Writes what comes twice twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def files() -> dict[str, str]:
    """The content of every file, by its path in the chart."""
    found = {f"definition/{kind.plural}.yaml": _definition(kind.name) for kind in KINDS.values() if kind.group == KARGO}
    found["templates/webhook.yaml"] = _guarded("webhooks.enabled", *_webhooks())
    found["templates/project-cluster-role.yaml"] = _guarded("rbac.create", _project_role())
    found["templates/system-role.yaml"] = _system_roles()
    return found


def _definition(kind: str) -> str:
    definition = crd(KINDS[kind])
    definition["metadata"].setdefault("annotations", {}).update(KEEP)
    return NOTE + _text(definition)


def _webhooks() -> list[Data]:
    found = configurations({"service": _SERVICE}, b"", _ACCOUNT)
    for configuration in found:
        configuration["metadata"]["labels"] = "LABELS"
        for webhook in configuration["webhooks"]:
            del webhook["clientConfig"]["caBundle"]  # each replica writes it
    return [*found]


def _project_role() -> Data:
    rules: list[Data] = []
    for rule in (*CONTROLLER_RULES, *(rule for name in RULES for rule in RULES[name])):
        if rule not in rules:
            rules.append(dict(rule))
    meta = {"name": CONTROLLER, "labels": "LABELS"}
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": meta, "rules": rules}


def _system_roles() -> str:
    """The accounts and roles of the installation; whose claims match the settings say."""
    system, shared = (f"{{{{ .Values.namespaces.{name}.name }}}}" for name in ("system", "shared"))
    documents = wanted(SystemRoles(system, shared, {name: f"CLAIMS-{name}" for name in NAMES}))
    for document in documents:
        labels = document["metadata"].pop("labels", None)
        document["metadata"]["labels"] = {**labels, "MORE": "LABELS"} if labels else "LABELS"
    parts = [
        [each for each in documents if (each["metadata"].get("namespace") == shared) is there]
        for there in (False, True)
    ]
    text = _guarded("systemRoles.create", *parts[0]).replace("\n    MORE:", "")
    text += (
        _guarded("systemRoles.create .Values.namespaces.shared.name", *parts[1])
        .removeprefix(NOTE)
        .replace("\n", "\n---\n", 1)
    )
    for name, setting in SETTINGS.items():
        text = text.replace(f"CLAIMS-{name}", f'{{{{ .Values.settings.{setting} | default "{{}}" | quote }}}}')
    return text.replace("if .Values.systemRoles.create .Values", "if and .Values.systemRoles.create .Values")


def _guarded(value: str, *documents: Data) -> str:
    labels = '\n    {{- include "argosy.labels" . | nindent 4 }}'
    text = "---\n".join(_text(document) for document in documents).replace(" LABELS", labels)
    return f"{NOTE}{{{{- if .Values.{value} }}}}\n{text}{{{{- end }}}}\n"


def _text(document: Data) -> str:
    return yaml.dump(document, Dumper=_Plain, sort_keys=False, width=1 << 20, allow_unicode=True)


def chart_version() -> str:
    """What Chart.yaml has as its version and the version of the application."""
    return __version__


def main() -> None:
    for path, content in files().items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_text(content, "utf-8")


if __name__ == "__main__":
    main()
