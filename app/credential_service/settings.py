"""The credential service's settings: `QAAMS_CREDENTIAL_*`, and of the portal's only what names its own client."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from app.settings import EMBEDDED_CLIENT_ID, EMBEDDED_CLIENT_SECRET, INSTANCE, ServiceSettings

AuthMethod = Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]


class ClientSettings(BaseModel):
    """One relying party, as listed in `QAAMS_CREDENTIAL_CLIENTS`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str = Field(min_length=1, max_length=120)
    client_secret: str | None = Field(None, min_length=1)
    token_endpoint_auth_method: AuthMethod | None = None
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    profile: Literal["strict", "idme"] = "strict"
    name: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> "ClientSettings":
        method = self.token_endpoint_auth_method
        if method == "private_key_jwt" and not (self.jwks or self.jwks_uri):
            raise ValueError(f"client {self.client_id}: private_key_jwt needs jwks or jwks_uri")
        if method in ("client_secret_basic", "client_secret_post") and not self.client_secret:
            raise ValueError(f"client {self.client_id}: {method} needs client_secret")
        if method == "none" and self.client_secret:
            raise ValueError(f"client {self.client_id}: a public client has no client_secret")
        return self

    @property
    def display_name(self) -> str:
        """What the consent page calls it."""
        return self.name or self.client_id


class CredentialSettings(ServiceSettings):
    """The credential service's settings. Its public URL is the issuer, byte for byte."""

    model_config = SettingsConfigDict(env_prefix="QAAMS_CREDENTIAL_")

    public_url: str = "http://localhost:8001"
    keys_file: Path = INSTANCE / "credential-keys.json"
    database_url: str = f"sqlite:///{INSTANCE / 'credential.sqlite3'}"
    mail_from: str = "Credential service <no-reply@localhost>"
    clients: Annotated[tuple[ClientSettings, ...], NoDecode] = ()
    portal_url: str = Field("http://localhost:8000", validation_alias=AliasChoices("portal_url", "QAAMS_PUBLIC_URL"))
    portal_providers: Annotated[tuple[str, ...], NoDecode] = Field(
        ("idme",), validation_alias=AliasChoices("portal_providers", "QAAMS_PROVIDERS")
    )
    portal_client_secret: str = Field(
        EMBEDDED_CLIENT_SECRET, validation_alias=AliasChoices("portal_client_secret", "QAAMS_IDME_CLIENT_SECRET")
    )

    @field_validator("portal_providers", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("clients", mode="before")
    @classmethod
    def _read_clients(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return tuple(json.loads(value))
        except (ValueError, TypeError) as error:
            raise ValueError("must be a JSON list of clients") from error

    @model_validator(mode="after")
    def _different_clients(self) -> "CredentialSettings":
        names = [client.client_id for client in self.registered_clients]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"QAAMS_CREDENTIAL_CLIENTS: client_id given twice: {', '.join(repeated)}")
        return self

    def production_problems(self) -> list[str]:
        """Besides what both services refuse: a client with the secret that stands in this repository."""
        known = [client.client_id for client in self.clients if client.client_secret == EMBEDDED_CLIENT_SECRET]
        problems = [f"QAAMS_CREDENTIAL_CLIENTS: {name}: must have a client_secret of its own" for name in known]
        return super().production_problems() + problems

    @property
    def registered_clients(self) -> tuple[ClientSettings, ...]:
        """All relying parties: the portal's own, outside production, and those listed."""
        return (*((self._portal_client(),) if self.env != "production" else ()), *self.clients)

    def _portal_client(self) -> ClientSettings:
        return ClientSettings(
            client_id=EMBEDDED_CLIENT_ID,
            client_secret=self.portal_client_secret,
            redirect_uris=tuple(f"{self.portal_url}/callback/{key}" for key in self.portal_providers),
            post_logout_redirect_uris=(f"{self.portal_url}/signed-out",),
            profile="idme",
            name="QAAMS",
        )
