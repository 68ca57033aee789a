"""All settings in one frozen model, from which the environment (`ARGOSY_<NAME>`) and the flags of servers derive."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_config_path, user_data_path
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from argosy.errors import Invalid, Problem

PREFIX = "ARGOSY_"

_CLAIMS: TypeAdapter[dict[str, list[str]]] = TypeAdapter(dict[str, list[str]])


class Settings(BaseModel):
    """How a server runs. Durations are in seconds, sizes in bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path = Field(
        default_factory=lambda: user_data_path("argosy"),
        description="Folder of the database, mirrors, working directories and logs.",
    )
    listen: str = Field("127.0.0.1:7443", description="Host and port to serve HTTPS on; port 0 takes a free one.")
    token_file: str = Field(
        "", description="File with the token that lets clients in; by default one in the data folder, made there."
    )
    admin_password_hash_file: str = Field(
        "",
        description="File with the bcrypt hash of the built-in admin's password; without one there is no such admin.",
    )
    admin_signing_key_file: str = Field(
        "",
        description="File with the key that the admin's tokens are signed with, the same for all replicas; by default "
        "one in the data folder, made there.",
    )
    admin_token_ttl: float = Field(86_400.0, gt=0, description="How long the admin is logged in.")
    oidc_issuer: str = Field(
        "", description="URL of the OpenID Connect provider that people sign in with; by default there is none."
    )
    oidc_client_id: str = Field("", description="What the provider knows the web UI as, and the command line too.")
    oidc_cli_client_id: str = Field("", description="What the provider knows the command line as, where it differs.")
    oidc_client_secret_file: str = Field(
        "", description="File with the secret of the web UI's client; public clients, with PKCE alone, have none."
    )
    oidc_scopes: str = Field("", description="Scopes to ask for besides openid, profile and email, by commas.")
    oidc_username_claim: str = Field("email", description="Claim that names people, where changes tell who made them.")
    oidc_ca_file: str = Field(
        "", description="File with the certificates of the authority to trust for the provider, as PEM."
    )
    oidc_admins: str = Field(
        "",
        description='Whose claims make them admins, as JSON: `{"groups": ["platform"]}`. One match is enough.',
    )
    oidc_viewers: str = Field("", description="Whose claims let them read everything but Secrets, as JSON.")
    oidc_users: str = Field("", description="Whose claims let them see which Projects there are, as JSON.")
    oidc_project_creators: str = Field("", description="Whose claims let them create Projects, as JSON.")
    global_account_namespaces: str = Field(
        "",
        description="Namespaces besides those of Projects and the system's whose ServiceAccounts people may act as, "
        "by commas.",
    )
    session_ttl: float = Field(86_400.0, gt=0, description="How long people stay signed in to the web UI, at most.")
    certificate_file: str = Field(
        "",
        description="File with the certificate to serve HTTPS with, as PEM, read again when it changes; by default one "
        "of an authority in the data folder, made there.",
    )
    certificate_key_file: str = Field("", description="File with the key of that certificate.")
    store: str = Field(
        "",
        description="Where resources are kept: `sqlite:///path` or `kubernetes://context`; by default in the data "
        "folder.",
    )
    key_file: Path = Field(
        default_factory=lambda: user_config_path("argosy") / "encryption.keys",
        description="Keys that Secrets are encrypted with. It must lie outside the data folder.",
    )
    config: Path = Field(
        default_factory=lambda: user_config_path("argosy") / "config.yaml",
        description="File of the contexts that commands speak to.",
    )
    ui_base_url: str = Field("", description="Address of the web UI, for links and for `ctx.uiBaseUrl` in expressions.")
    allow_file_urls: bool = Field(
        True, description="Whether Git repositories may be folders of this machine (`file://`)."
    )
    allow_plain_http: Literal["never", "loopback", "always"] = Field(
        "loopback", description="Where credentials may be sent over plain `http://`."
    )
    least_interval: float = Field(
        5.0, gt=0, description="Shortest time between two looks of a Warehouse, whatever its `spec.interval` says."
    )
    shared_namespace: str = Field(
        "kargo-shared-resources", description="Namespace whose credentials every Project may use, after its own."
    )
    system_namespace: str = Field(
        "kargo-system-resources", description="Namespace of Secrets that belong to no Project and are for none."
    )
    project_roles: bool = Field(
        True,
        description="Whether every Project comes with ServiceAccounts, Roles and RoleBindings for its admins, "
        "promoters and viewers.",
    )
    controller_account: str = Field(
        "",
        description="The ServiceAccount that Argosy runs as in its cluster, `NAMESPACE/NAME`: every Project binds it "
        "to the ClusterRole `argosy-project`, so that it may read Secrets there and nowhere else.",
    )
    max_retained_promotions: int = Field(
        20,
        ge=0,
        description="Promotions to each Stage that are kept, besides those not ended yet and all newer ones.",
    )
    min_promotion_deletion_age: float = Field(
        14 * 86_400.0, ge=0, description="Age under which a Promotion is never deleted by itself."
    )
    max_retained_freight: int = Field(
        20, ge=0, description="Freight of each Warehouse that is kept, besides what is in use and all that is newer."
    )
    min_freight_deletion_age: float = Field(
        14 * 86_400.0, ge=0, description="Age under which Freight is never deleted by itself."
    )
    event_ttl: float = Field(
        7 * 86_400.0,
        ge=0,
        description="How long Events are kept, 0 for ever. In a cluster its API server decides.",
    )
    retention_interval: float = Field(
        3600.0, ge=0, description="Time between two rounds of deleting what is old; 0 deletes nothing."
    )
    author_name: str = Field("Kargo", description="Author of commits when neither step nor Project names one.")
    author_email: str = Field("no-reply@kargo.io", description="Address of that author.")
    push_integration: Literal["AlwaysRebase", "RebaseOrMerge", "RebaseOrFail", "AlwaysMerge"] = Field(
        "RebaseOrMerge", description="What `git-push` does with commits that are new on the branch, as Kargo names it."
    )
    ssh_known_hosts: str = Field(
        "",
        description="File of the SSH host keys to trust. By default the key that a host shows first is kept and must "
        "stay; `knownHosts` of a Secret comes before both.",
    )
    kustomize: str = Field(
        "", description="Program that renders kustomizations: `kustomize` or `kubectl`, by default whichever is there."
    )
    helm: str = Field("helm", description="Program that renders charts and fetches their dependencies.")
    argocd: str = Field(
        "",
        description="The Argo CD whose Applications are updated and watched: `kubernetes://CONTEXT` for custom "
        "resources in a cluster (the current context when none is named), or the `https://` URL of Argo CD's server. "
        "By default none, and steps for Argo CD are skipped.",
    )
    argocd_token_file: str = Field(
        "", description="File with the token for Argo CD's server. It is read again whenever it is needed."
    )
    argocd_namespace: str = Field("argocd", description="Namespace of Argo CD Applications that are named without one.")
    argocd_ca_file: str = Field(
        "", description="File with the certificates of the authority to trust for Argo CD's server, as PEM."
    )
    argocd_insecure: bool = Field(False, description="Whether to accept any TLS certificate of Argo CD's server.")
    webhook_listen: str = Field(
        "", description="Host and port to serve a cluster's admission webhooks on; they are not served when empty."
    )
    webhook_service: str = Field(
        "", description="Service by which the API server calls them: `NAMESPACE/NAME`, or `NAMESPACE/NAME:PORT`."
    )
    webhook_url: str = Field("", description="URL by which it calls them, where there is no Service: `https://...`.")
    webhook_secret: str = Field(
        "argosy/argosy-webhooks",
        description="Secret that keeps the authority of their certificates for all replicas: `NAMESPACE/NAME`.",
    )
    webhook_configurations: bool = Field(
        True,
        description="Whether Argosy writes the cluster's configurations of webhooks as a whole. Otherwise somebody "
        "else installed them, such as a Helm chart, and it only writes into them whom to trust.",
    )
    lease: str = Field(
        "argosy/argosy",
        description="Lease by which the replicas that keep resources in one cluster agree which of them runs "
        "controllers: `NAMESPACE/NAME`.",
    )
    lease_seconds: int = Field(
        15, ge=2, description="How long the others wait for a replica that holds the Lease and says nothing more."
    )
    grace: float = Field(
        20.0, ge=0, description="How long steps that are under way may go on after the server was told to end."
    )
    metrics_listen: str = Field(
        "",
        description="Host and port to serve `/metrics`, `/livez` and `/readyz` on, over plain HTTP and to anybody; "
        "they are not served there when empty.",
    )
    control_plane_users: str = Field(
        "",
        description="Regular expression of the cluster's users whose writes pass the webhooks, besides the "
        "ServiceAccount that Argosy itself uses: they were admitted where they were made.",
    )
    cluster: str = Field(
        "",
        description="The cluster that workloads run in, whose objects kubernetes-wait, flux-wait and flux-reconcile "
        "look at: `kubernetes://CONTEXT` (the current context when none is named). By default none, and these steps "
        "are skipped.",
    )
    pool_size: int = Field(
        20 << 30, ge=0, description="Disk that warm working trees may take before the least used are deleted."
    )
    promotion_workers: int = Field(64, ge=1, description="Promotions that run at the same time.")
    stage_workers: int = Field(8, ge=1, description="Stages looked at at the same time.")
    warehouse_workers: int = Field(
        64, ge=1, description="Warehouses looked at at the same time, besides those that wait for slow servers."
    )

    @field_validator("oidc_admins", "oidc_viewers", "oidc_users", "oidc_project_creators")
    @classmethod
    def _claims(cls, text: str) -> str:
        try:
            return _CLAIMS.dump_json(_CLAIMS.validate_json(text)).decode() if text else ""
        except ValidationError:
            raise ValueError('claims are written as JSON, such as {"groups": ["platform"]}') from None

    @property
    def store_url(self) -> str:
        return self.store or f"sqlite:///{(self.data / 'argosy.db').resolve()}"

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ, **given: Any) -> Settings:
        """Settings from flags, then the environment, then defaults. Raises Invalid, naming every faulty one."""
        read: dict[str, Any] = {
            name: environment[f"{PREFIX}{name.upper()}"]
            for name in cls.model_fields
            if environment.get(f"{PREFIX}{name.upper()}")
        }
        read.update({name: value for name, value in given.items() if value is not None})
        try:
            return cls.model_validate(read)
        except ValidationError as error:
            problems = [
                Problem(
                    fault["msg"], field=str(fault["loc"][0]), advice=f"Correct {PREFIX}{str(fault['loc'][0]).upper()}."
                )
                for fault in error.errors(include_url=False, include_input=False)
            ]
            raise Invalid("the settings are wrong", problems) from error
