"""The settings: `QAAMS_*` environment variables, read once into frozen, typed objects.

A value that is missing, unsafe or contradicts another is refused by name; nothing starts on a guess.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from app.oidc_client.proofing import asks_for_proofing
from app.storage.keyring import Keyring, KeyringError

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = ROOT / "instance"
EMBEDDED_SECRET = "embedded-secret-never-for-production"  # noqa: S105 - refused in production
EMBEDDED_CLIENT_ID = "qaams-portal"
EMBEDDED_CLIENT_SECRET = "embedded-client-secret-never-for-production"  # noqa: S105 - refused in production
LEAST_SECRET_LENGTH = 32
LOOPBACK_HOSTS = ("127.0.0.1", "[::1]")
ORIGIN = re.compile(r"https?://(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")
THIS_MACHINE = re.compile(r"([a-z0-9-]+\.)*localhost|127(\.\d{1,3}){3}|\[::1\]")
PROVIDER_KEY = re.compile(r"[a-z][a-z0-9_]{0,30}")

Words = Annotated[tuple[str, ...], NoDecode]


class SettingsError(Exception):
    """What is wrong, one line a setting, each with the variable's name."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(["The settings cannot be used:", *(f"  {problem}" for problem in problems)]))
        self.problems = problems


class ServiceSettings(BaseSettings):
    """What both services are told: where they are, what they keep things in, whom they trust."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    env: Literal["embedded", "test", "production"] = Field(
        "embedded", validation_alias=AliasChoices("env", "QAAMS_ENV")
    )
    public_url: str
    allowed_hosts: Words = ()
    trusted_proxies: int = Field(0, ge=0, le=8)
    secret_key: str = EMBEDDED_SECRET
    keys_file: Path
    database_url: str
    mail_url: str | None = None
    mail_from: str = "QAAMS <no-reply@localhost>"
    outbox_page: bool | None = None
    failure_floor_ms: int | None = Field(None, ge=0, le=2000)
    support_contact: str = "support@localhost"

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split_words(cls, value: Any) -> Any:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("public_url")
    @classmethod
    def _origin_only(cls, value: str) -> str:
        match = ORIGIN.fullmatch(value)
        if match is None:
            raise ValueError("must be an origin such as https://portal.example.org, without a trailing slash")
        if value.startswith("http://") and not THIS_MACHINE.fullmatch(match["host"].lower()):
            # Its cookies would have to be Secure, and a browser would not send them back.
            raise ValueError("must be https, or http on this machine (localhost, 127.0.0.1, [::1])")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
        path = value.removeprefix("sqlite:///")
        if path == value or path.startswith("/") or path == ":memory:":
            return value
        # A relative file is meant from the repository's root, whatever folder the command was typed in.
        return f"sqlite:///{ROOT / path}"

    @model_validator(mode="after")
    def _safe_in_production(self) -> Self:
        if self.env == "production":
            problems = self.production_problems()
            if problems:
                raise ValueError("\n".join(problems))
        return self

    def production_problems(self) -> list[str]:
        """What production refuses; one line each, with the variable's name."""
        prefix = str(self.model_config.get("env_prefix", ""))
        required = ("public_url", "database_url", "keys_file", "mail_url", "mail_from")
        problems = [f"{prefix}{name.upper()}: required" for name in required if name not in self.model_fields_set]
        if not self.public_url.startswith("https://"):
            problems.append(f"{prefix}PUBLIC_URL: must be https")
        if self.secret_key == EMBEDDED_SECRET or len(self.secret_key) < LEAST_SECRET_LENGTH:
            problems.append(f"{prefix}SECRET_KEY: must be set to {LEAST_SECRET_LENGTH} characters or more of its own")
        if self.outbox_page:
            problems.append(f"{prefix}OUTBOX_PAGE: shows everybody's codes and cannot be on")
        return problems

    @property
    def hosts(self) -> frozenset[str]:
        """Host names (without port) that requests may name."""
        own = self.allowed_hosts or (ORIGIN.sub(r"\g<host>", self.public_url),)
        loopback = LOOPBACK_HOSTS if self.env != "production" else ()
        return frozenset(host.lower() for host in (*own, *loopback))

    @property
    def secure(self) -> bool:
        """Whether people reach this service over TLS, so that cookies are Secure and `__Host-`."""
        return self.public_url.startswith("https://")

    @property
    def shows_outbox(self) -> bool:
        """Whether the fake inbox takes the messages and shows them."""
        return self.env != "production" if self.outbox_page is None else self.outbox_page

    def open_keyring(self) -> Keyring:
        """The keys of `keys_file`; outside production they are made where there are none. SettingsError else."""
        try:
            return Keyring.load(self.keys_file, create=self.env != "production")
        except (KeyringError, OSError) as error:
            prefix = str(self.model_config.get("env_prefix", ""))
            raise SettingsError([f"{prefix}KEYS_FILE: {error}"]) from None

    @classmethod
    def read(cls, **given: Any) -> Self:
        """Read from the environment; values `given` win. SettingsError names everything that is wrong."""
        try:
            return cls(**given)
        except ValidationError as error:
            raise SettingsError(_problems(error, str(cls.model_config.get("env_prefix", "")))) from None


def _problems(error: ValidationError, prefix: str) -> list[str]:
    # The rejected value is left out: it may be a secret.
    problems = []
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        text = item["msg"].removeprefix("Value error, ")
        name = ".".join(str(part) for part in item["loc"])
        named = name if name.startswith("QAAMS_") else f"{prefix}{name.upper()}"
        problems += [f"{named}: {text}"] if name else text.splitlines()
    return problems


class ProviderSettings(BaseSettings):
    """One credential service provider, as `QAAMS_<KEY>_*`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    provider: str
    issuer: str
    client_id: str
    client_secret: str | None = None
    private_key_file: Path | None = None
    scope: str = "openid email"
    acr_values: str = ""
    adapter: Literal["idme", "login_gov", "oidc"] = "oidc"
    label: str

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over what the provider's kind brings with it."""
        return env_settings, init_settings

    @model_validator(mode="after")
    def _never_proofing(self) -> Self:
        asked = asks_for_proofing(self.scope, self.acr_values)
        if asked is not None:
            raise ValueError(
                f"SCOPE or ACR_VALUES asks for identity proofing ({asked}); only authentication is asked for"
            )
        if self.client_secret and self.private_key_file:
            raise ValueError("CLIENT_SECRET and PRIVATE_KEY_FILE cannot both be set")
        return self


KNOWN_PROVIDERS: dict[str, dict[str, Any]] = {
    "idme": {
        "label": "ID.me",
        "adapter": "idme",
        "scope": "openid http://idmanagement.gov/ns/assurance/ial/1/aal/2",
    },
    "login_gov": {
        "label": "Login.gov",
        "adapter": "login_gov",
        "scope": "openid email all_emails",
        "acr_values": "urn:acr.login.gov:auth-only http://idmanagement.gov/ns/assurance/aal/2",
    },
}
STAND_IN_ISSUER = "http://localhost:8001"


class Settings(ServiceSettings):
    """The portal's settings."""

    model_config = SettingsConfigDict(env_prefix="QAAMS_")

    public_url: str = "http://localhost:8000"
    keys_file: Path = INSTANCE / "portal-keys.json"
    database_url: str = f"sqlite:///{INSTANCE / 'portal.sqlite3'}"
    providers: Words = ("idme",)
    username_sign_in: bool | None = None
    username_sign_in_until: str | None = None
    provider_settings: tuple[ProviderSettings, ...] = ()
    provider_time_limit: float = Field(5.0, gt=0, le=30)

    @field_validator("providers", mode="before")
    @classmethod
    def _split_providers(cls, value: Any) -> Any:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("providers")
    @classmethod
    def _proper_keys(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or len(set(value)) != len(value) or not all(PROVIDER_KEY.fullmatch(key) for key in value):
            raise ValueError("must be different names of small letters, digits and _, such as idme,login_gov")
        if {"credential", "username"} & set(value):
            raise ValueError("credential and username are taken")
        return value

    @classmethod
    def read(cls, **given: Any) -> Self:
        """Read the portal's settings and each provider's. SettingsError names everything that is wrong."""
        settings = super().read(**given)
        if settings.provider_settings:
            return settings
        found = tuple(_read_provider(key, settings.env) for key in settings.providers)
        return settings.model_copy(update={"provider_settings": found})

    def production_problems(self) -> list[str]:
        """Besides what both services refuse: signing in by username, which has no second step yet."""
        problems = super().production_problems()
        if self.username_sign_in is not False:
            problems.append("QAAMS_USERNAME_SIGN_IN: must be off; signing in by username has no second step yet")
        return problems

    @property
    def offers_usernames(self) -> bool:
        """Whether existing usernames may be used to sign in."""
        return self.username_sign_in is not False


def _read_provider(key: str, env: str) -> ProviderSettings:
    prefix = f"QAAMS_{key.upper()}_"
    defaults: dict[str, Any] = {"label": key.replace("_", " ").capitalize(), **KNOWN_PROVIDERS.get(key, {})}
    if key == "idme" and env != "production":
        defaults |= {"issuer": STAND_IN_ISSUER}
        # The stand-in's secret goes with the stand-in's client only.
        if not any(f"{prefix}{name}" in os.environ for name in ("CLIENT_ID", "CLIENT_SECRET", "PRIVATE_KEY_FILE")):
            defaults |= {"client_id": EMBEDDED_CLIENT_ID, "client_secret": EMBEDDED_CLIENT_SECRET}
    try:
        found = ProviderSettings(_env_prefix=prefix, provider=key, **defaults)
    except ValidationError as error:
        raise SettingsError(_problems(error, prefix)) from None
    if env == "production" and found.client_secret == EMBEDDED_CLIENT_SECRET:
        raise SettingsError([f"{prefix}CLIENT_SECRET: must be the provider's own"])
    if env == "production" and not found.issuer.startswith("https://"):
        raise SettingsError([f"{prefix}ISSUER: must be https"])
    return found
