"""Authlib's authorization server, made ours: S256 always, codes and tokens in our tables, `iss` in every answer.

One is made for each transaction. It knows no web framework: a `ProtocolRequest` goes in and an `Answer` comes out.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core.grants import OpenIDToken
from joserfc.jwk import RSAKey
from sqlalchemy.orm import Session

from app.credential_service.clients import AUTH_METHODS, Client
from app.credential_service.context import CredentialService
from app.credential_service.flows.codes import (
    TOKEN_LIFE,
    Grant,
    issue_code,
    issue_token,
    new_secret,
    spend,
    usable_code,
)
from app.credential_service.profiles import AAL2, LOGIN_GOV_ACR
from app.credential_service.signing_keys import ALGORITHM, ID_TOKEN_LIFE, signing_key
from app.credential_service.store.accounts import Account
from app.credential_service.store.tokens import CHALLENGE_METHOD, AuthorizationCode

# At DEBUG Authlib writes tokens into its log.
logging.getLogger("authlib").setLevel(logging.WARNING)

S256_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
TRANSPORT: Final = "https://transport.is.checked.when.the.settings.are.read"


class ProtocolRequest(OAuth2Request):
    """What Authlib reads of a request: its parameters, each once. Authlib's own look at the scheme is set aside.

    Behind a proxy the scheme that arrives here says nothing; the public URL's is checked at the start.
    """

    def __init__(self, method: str, parameters: Mapping[str, str]) -> None:
        super().__init__(method, TRANSPORT)
        self._parameters = dict(parameters)
        self.payload = BasicOAuth2Payload(self._parameters)

    @property
    def args(self) -> dict[str, str]:
        """The parameters; which way they came was settled before."""
        return self._parameters

    @property
    def form(self) -> dict[str, str]:
        """The parameters; which way they came was settled before."""
        return self._parameters


@dataclass
class Answer:
    """An answer before it becomes one of a web framework. `body` is a JSON object, text or nothing."""

    status: int
    body: dict[str, Any] | str
    headers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def location(self) -> str | None:
        """Where a redirect leads."""
        return next((value for name, value in self.headers if name == "Location"), None)

    @location.setter
    def location(self, value: str) -> None:
        self.headers = [("Location", value) if name == "Location" else (name, given) for name, given in self.headers]


class Provider(AuthorizationServer):
    """The authorization server for one transaction. `client` is who authenticated, at the token endpoint."""

    def __init__(
        self, running: CredentialService, work: Session, now: datetime, client: tuple[Client, str] | None = None
    ) -> None:
        super().__init__()
        self.running, self.work, self.now = running, work, now
        self._client = client
        self.register_grant(CodeGrant, [S256Always(), IdToken()])
        self.register_token_generator("default", self.bearer_token)
        self.register_extension(IssuerInAnswer(running.issuer))

    def query_client(self, client_id: str) -> Client | None:
        """The client with this name."""
        return self.running.clients.find(client_id)

    def authenticate_client(self, request: OAuth2Request, methods: list[str], endpoint: str = "token") -> Client:
        """The client that `client_authentication` has authenticated before the transaction began."""
        if self._client is None:
            raise RuntimeError("no client was authenticated")
        client, request.auth_method = self._client
        return client

    def bearer_token(self, scope: str, **about: Any) -> dict[str, Any]:
        """A new opaque access token (RFC 6750); there are no refresh tokens."""
        lasts = int(TOKEN_LIFE.total_seconds())
        return {"token_type": "Bearer", "access_token": new_secret(), "expires_in": lasts, "scope": scope}

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        """Keep its hash."""
        issue_token(self.work, request.authorization_code, token["access_token"], self.now)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: ProtocolRequest) -> ProtocolRequest:
        """Ours already."""
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Answer:
        """What the web framework will send."""
        return Answer(status, body, list(headers))


class CodeGrant(AuthorizationCodeGrant):
    """The code flow over our tables. `grant_user` is a `Grant`."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS

    def generate_authorization_code(self) -> str:
        """A new code."""
        return new_secret()

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        """Keep its hash, bound to what was granted."""
        grant: Grant = request.user
        issue_code(self.server.work, self.server.running.keyring, grant, code, self.server.now)

    def query_authorization_code(self, code: str, client: Client) -> AuthorizationCode | None:
        """The code, if this client may exchange it; a spent one revokes what was issued for it."""
        return usable_code(self.server.work, code, client.client_id, self.server.now)

    def delete_authorization_code(self, authorization_code: AuthorizationCode) -> None:
        """It is spent; the row stays, to know it again."""
        spend(authorization_code, self.server.now)

    def authenticate_user(self, authorization_code: AuthorizationCode) -> Account | None:
        """Whose code it is."""
        account: Account | None = self.server.work.get(Account, authorization_code.account_id)
        return account


class S256Always(CodeChallenge):
    """PKCE with S256 for every client, confidential ones too (RFC 9700 §2.1.1); `plain` does not exist."""

    SUPPORTED_CODE_CHALLENGE_METHOD = (CHALLENGE_METHOD,)

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        """Both parameters have to be there: without a method, `plain` would be meant (RFC 7636 §4.3)."""
        data = grant.request.payload.data
        if not S256_CHALLENGE.fullmatch(data.get("code_challenge") or ""):
            raise InvalidRequestError("PKCE is required: a code_challenge of 43 characters, as S256 makes it.")
        if data.get("code_challenge_method") != CHALLENGE_METHOD:
            raise InvalidRequestError("The code_challenge_method has to be S256.")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDToken):
    """The ID token (OIDC Core §2, RFC 9068 §2.2 for `jti`). What a person shares is told at userinfo, not here."""

    def __call__(self, grant: CodeGrant) -> None:
        """Attach to one grant, whose transaction gives key and time."""
        self._server: Provider = grant.server
        super().__call__(grant)

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        """The key that signs now."""
        return signing_key(self._server.work, self._server.running.keyring, self._server.now)

    def get_client_algorithm(self, client: Client) -> str:
        """RS256, for every client."""
        return ALGORITHM

    def get_encode_header(self, client: Client) -> dict[str, Any]:
        """With the key's id."""
        return {"alg": ALGORITHM, "kid": self.resolve_client_private_key(client).kid}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        """Everything but what the code brings: nonce, auth_time, acr and amr. One audience, so no `azp` (§2)."""
        now = int(self._server.now.timestamp())
        return {
            "iss": self._server.running.issuer,
            "aud": client.client_id,
            "iat": now,
            "exp": now + int(ID_TOKEN_LIFE.total_seconds()),
            "jti": str(uuid4()),
        }

    def get_authorization_code_claims(self, authorization_code: AuthorizationCode) -> dict[str, Any]:
        """What the code brings; to who asks as one asks Login.gov, whose `acr` tells no level, the level as `aal`."""
        claims: dict[str, Any] = super().get_authorization_code_claims(authorization_code)
        return claims | ({"aal": AAL2} if claims.get("acr") == LOGIN_GOV_ACR else {})

    def generate_user_info(self, user: Account, scope: str) -> dict[str, Any]:
        """Who it is."""
        return {"sub": user.subject}


class IssuerInAnswer(IssuerParameter):
    """`iss` in every answer of the authorization endpoint (RFC 9207)."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        """Our name."""
        return self._issuer
