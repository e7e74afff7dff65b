"""What is configured about one provider. Reading it from the environment is the settings' work, not done here."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from app.oidc_client.endpoints import is_safe
from app.oidc_client.private_keys import decryption_key, signing_key
from app.oidc_client.proofing import asks_for_proofing

AdapterName = Literal["idme", "login_gov", "oidc"]


class AuthMethod(StrEnum):
    """How the client proves itself at the token endpoint (OpenID Connect Core 1.0 §9)."""

    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105 - the name of a method
    CLIENT_SECRET_POST = "client_secret_post"  # noqa: S105
    PRIVATE_KEY_JWT = "private_key_jwt"
    NONE = "none"


@dataclass(frozen=True)
class ProviderConfig:
    """One provider as the operator set it up.

    `issuer` is compared byte for byte with what the provider says of itself. `scope` and `acr_values` are
    space-separated. Without `auth_method` the method follows from the credentials: a private key (PEM text) signs, a
    secret goes by Basic unless the metadata offers only `client_secret_post`, neither is a public client with PKCE.
    `leeway` is seconds of clock difference allowed; `time_limit` is seconds for one whole HTTP request.
    `decryption_key` (PEM text, RSA) opens encrypted userinfo. `trusted_audiences` are other audiences an ID token may
    name beside us.

    Raises ValueError, naming the field, for values that contradict each other or ask for identity proofing.
    """

    key: str
    label: str
    issuer: str
    client_id: str
    redirect_uri: str
    adapter: AdapterName = "oidc"
    scope: str = "openid email"
    acr_values: str = ""
    client_secret: str | None = field(default=None, repr=False)
    private_key: str | None = field(default=None, repr=False)
    private_key_id: str | None = None
    auth_method: AuthMethod | None = None
    post_logout_redirect_uri: str | None = None
    leeway: int = 60
    time_limit: float = 5.0
    decryption_key: str | None = field(default=None, repr=False)
    trusted_audiences: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not is_safe(self.issuer) or "?" in self.issuer:
            raise ValueError("issuer must be https, or http on this machine, without a query")
        if "openid" not in self.scope.split():
            raise ValueError("scope must contain openid")
        proofing = asks_for_proofing(self.scope, self.acr_values)
        if proofing is not None:
            raise ValueError(f"scope or acr_values asks for identity proofing: {proofing}")
        if self.client_secret is not None and self.private_key is not None:
            raise ValueError("client_secret and private_key exclude each other")
        self._check_auth_method()
        self._check_keys()

    def _check_auth_method(self) -> None:
        needs_secret = self.auth_method in (AuthMethod.CLIENT_SECRET_BASIC, AuthMethod.CLIENT_SECRET_POST)
        if needs_secret and not self.client_secret:
            raise ValueError(f"auth_method {self.auth_method} needs client_secret")
        if self.auth_method is AuthMethod.PRIVATE_KEY_JWT and not self.private_key:
            raise ValueError("auth_method private_key_jwt needs private_key")

    def _check_keys(self) -> None:
        """A key that cannot be read should stop the start, not the first person who signs in."""
        for name, pem, read in (
            ("private_key", self.private_key, signing_key),
            ("decryption_key", self.decryption_key, decryption_key),
        ):
            try:
                if pem is not None:
                    read(pem)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None

    def chosen_auth_method(self, offered: frozenset[str]) -> AuthMethod:
        """The method to use at a token endpoint whose metadata offers `offered` (empty: it does not say)."""
        if self.auth_method is not None:
            return self.auth_method
        if self.private_key:
            return AuthMethod.PRIVATE_KEY_JWT
        if not self.client_secret:
            return AuthMethod.NONE
        if AuthMethod.CLIENT_SECRET_POST in offered and AuthMethod.CLIENT_SECRET_BASIC not in offered:
            return AuthMethod.CLIENT_SECRET_POST
        return AuthMethod.CLIENT_SECRET_BASIC  # the default of OpenID Connect Discovery 1.0 §3
