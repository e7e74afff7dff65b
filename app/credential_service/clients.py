"""Relying parties as the protocol asks about them. They come from the settings and from nowhere else."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from app.credential_service.profiles import Profile, profile_named
from app.credential_service.settings import ClientSettings

BASIC: Final = "client_secret_basic"
POST: Final = "client_secret_post"
PRIVATE_KEY: Final = "private_key_jwt"
NONE: Final = "none"
AUTH_METHODS: Final = (BASIC, POST, PRIVATE_KEY, NONE)
RESPONSE_TYPE: Final = "code"
GRANT_TYPE: Final = "authorization_code"


@dataclass(frozen=True)
class Client:
    """One relying party. The methods beside the properties are those that Authlib calls."""

    settings: ClientSettings

    @property
    def client_id(self) -> str:
        """Its name in the protocol."""
        return self.settings.client_id

    @property
    def profile(self) -> Profile:
        """Which scopes it may ask for and in what form it is answered."""
        return profile_named(self.settings.profile)

    @property
    def methods(self) -> tuple[str, ...]:
        """How it may authenticate at the token endpoint."""
        if self.settings.token_endpoint_auth_method is not None:
            return (self.settings.token_endpoint_auth_method,)
        if self.settings.client_secret:
            return (BASIC, POST)
        return (PRIVATE_KEY,) if self.settings.jwks or self.settings.jwks_uri else (NONE,)

    def get_client_id(self) -> str:
        """Its name in the protocol."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: OpenID Connect requires the request to name it (Core §3.1.2.1)."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What is granted of the scopes asked for; None when the request is to be refused."""
        return self.profile.granted(scope or "")

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether it is registered, character for character (RFC 9700 §2.1)."""
        return redirect_uri in self.settings.redirect_uris

    def check_client_secret(self, secret: str) -> bool:
        """Whether this is its secret; the time taken does not tell how much of it was right."""
        own = self.settings.client_secret or ""
        return bool(own) and hmac.compare_digest(own.encode(), secret.encode("utf-8", "surrogatepass"))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether it may authenticate in this way."""
        return method in self.methods

    def check_response_type(self, response_type: str) -> bool:
        """The code flow only."""
        return response_type == RESPONSE_TYPE

    def check_grant_type(self, grant_type: str) -> bool:
        """Codes only; there are no refresh tokens."""
        return grant_type == GRANT_TYPE


class Clients:
    """All relying parties, by their name."""

    def __init__(self, registered: Iterable[ClientSettings]) -> None:
        self._by_id = {settings.client_id: Client(settings) for settings in registered}

    def find(self, client_id: str | None) -> Client | None:
        """The relying party with this name."""
        return self._by_id.get(client_id or "")


def form_origin(redirect_uri: str) -> str:
    """What `form-action` has to allow so that a form of ours may end at this address (CSP 3 §2.3.1)."""
    parts = urlsplit(redirect_uri)
    # A source expression knows neither IPv6 addresses nor hosts of schemes of applications.
    plain = parts.scheme in ("http", "https") and parts.hostname is not None and ":" not in parts.hostname
    return f"{parts.scheme}://{parts.netloc}" if plain else f"{parts.scheme}:"


def shown_origin(redirect_uri: str) -> str:
    """Where an address leads, for a person to read."""
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
