"""The relying party towards one provider: start, finish, sign out, and how the provider is. The package's front door.

Attempts and sessions are the caller's. Every failure is a SignInFault.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from authlib.common.urls import add_params_to_uri

from app import clock
from app.oidc_client.adapters import adapter_named
from app.oidc_client.adapters.base import Ask
from app.oidc_client.callback import Arguments, read_callback
from app.oidc_client.directory import Directory
from app.oidc_client.endpoints import origin
from app.oidc_client.exchange import exchange_code
from app.oidc_client.faults import ProviderFault, Reason, SignInFault
from app.oidc_client.http import HttpClient
from app.oidc_client.id_token import Expectation, check_id_token
from app.oidc_client.identity import ProviderIdentity
from app.oidc_client.provider import ProviderConfig
from app.oidc_client.request import AuthorizationRequest, PendingAttempt, build_request
from app.oidc_client.signature import TokenRejected, verify
from app.oidc_client.userinfo import fetch_userinfo

PROBE_INTERVAL = timedelta(seconds=30)
SIGN_IN = Ask()


@dataclass(frozen=True)
class SignInResult:
    """A finished sign-in. `id_token` is kept only as the hint of a later sign-out, sealed."""

    identity: ProviderIdentity
    id_token: str = field(repr=False)


@dataclass(frozen=True)
class Health:
    """What the last look at the provider's metadata showed; `reason` is None when it was well."""

    well: bool
    reason: Reason | None
    checked_at: datetime


class RelyingParty:
    """One provider, for all threads of a process. Nothing is fetched before it is needed."""

    def __init__(self, config: ProviderConfig, now: Callable[[], datetime] = clock.now) -> None:
        self.config = config
        self._now = now
        self._http = HttpClient(config.time_limit)
        self._directory = Directory(self._http, config.issuer, now)
        self._adapter = adapter_named(config.adapter)
        self._health: Health | None = None

    def start(self, ask: Ask = SIGN_IN) -> AuthorizationRequest:
        """Where to send the browser, and what to keep. Raises SignInFault when the provider cannot be read."""
        with _one_fault():
            metadata = self._directory.metadata()
        return build_request(self.config, metadata, self._adapter, ask)

    def finish(self, arguments: Arguments, pending: PendingAttempt) -> SignInResult:
        """Turn the callback's parameters into an identity: at most one exchange, nothing retried.

        The caller has taken `pending` out of its store by the callback's state, so that it is used once.
        Raises SignInFault.
        """
        with _one_fault():
            self._check_unchanged(pending)
            code = read_callback(arguments, pending)
            metadata = self._directory.metadata()
            grant = {"code": code, "redirect_uri": pending.redirect_uri, "code_verifier": pending.code_verifier}
            tokens = exchange_code(self._http, self.config, metadata, grant, self._now())
            id_token = self._checked_id_token(tokens.id_token, tokens.access_token, pending)
            userinfo = fetch_userinfo(self._http, self.config, self._directory, tokens.access_token, id_token["sub"])
            identity = self._adapter.identity(self.config, id_token, userinfo)
            _check_demands(identity, pending)
        return SignInResult(identity, tokens.id_token)

    def _check_unchanged(self, pending: PendingAttempt) -> None:
        """An attempt goes on with the provider it was started with, or not at all (RFC 9700 §4.4)."""
        if (pending.provider, pending.issuer) != (self.config.key, self.config.issuer):
            raise SignInFault(Reason.ISSUER_MISMATCH, "the attempt was started with another provider")

    def _checked_id_token(self, token: str, access_token: str, pending: PendingAttempt) -> dict[str, Any]:
        try:
            verified = verify(token, self._directory)
        except TokenRejected as rejected:
            raise SignInFault(Reason.ID_TOKEN_INVALID, rejected.detail) from None
        expected = Expectation(
            issuer=self.config.issuer,
            client_id=self.config.client_id,
            nonce=pending.nonce,
            leeway=self.config.leeway,
            max_age=pending.max_age,
            trusted_audiences=self.config.trusted_audiences,
        )
        check_id_token(verified, expected, access_token, self._now())
        return verified.claims

    def end_session_url(self, id_token_hint: str | None, state: str) -> str | None:
        """Where the browser signs out at the provider, or None where that is not offered or cannot be found out.

        Never raises: signing out here must not depend on a provider (OpenID Connect RP-Initiated Logout 1.0 §2).
        """
        try:
            endpoint = self._directory.metadata().end_session_endpoint
        except (ProviderFault, SignInFault):
            return None
        if endpoint is None:
            return None
        parameters = self._adapter.end_session_parameters(self.config, id_token_hint)
        if self.config.post_logout_redirect_uri:
            parameters |= {"post_logout_redirect_uri": self.config.post_logout_redirect_uri, "state": state}
        address: str = add_params_to_uri(endpoint, list(parameters.items()))
        return address

    def probe(self) -> Health:
        """Ask the provider for its metadata, at most every 30 seconds; between, the last answer. Never raises."""
        held = self._health
        if held is not None and self._now() - held.checked_at < PROBE_INTERVAL:
            return held
        reason = None
        try:
            with _one_fault():
                self._directory.ask_again()
        except SignInFault as fault:
            reason = fault.reason
        self._health = Health(reason is None, reason, self._now())
        return self._health

    def known_health(self) -> Health | None:
        """The last probe's result without asking anybody; None before the first."""
        return self._health

    def known_origins(self) -> frozenset[str]:
        """Origins the browser may be sent to, for `form-action`, without asking anybody.

        Until the metadata was read once (`probe` does), that is the issuer's own.
        """
        metadata = self._directory.known_metadata()
        endpoints = (metadata.authorization_endpoint, metadata.end_session_endpoint) if metadata else ()
        return frozenset(origin(url) for url in (self.config.issuer, *endpoints) if url)


def _check_demands(identity: ProviderIdentity, pending: PendingAttempt) -> None:
    """What the attempt demanded must be stated by the provider; silence does not meet it (ASVS 6.8.4)."""
    if pending.minimum_aal is not None and (identity.aal or 0) < pending.minimum_aal:
        raise SignInFault(Reason.ASSURANCE_NOT_MET, "the provider states a lower assurance than demanded")
    if pending.phishing_resistant and identity.phishing_resistant is not True:
        raise SignInFault(Reason.ASSURANCE_NOT_MET, "the provider states no phishing-resistant authentication")


@contextmanager
def _one_fault() -> Iterator[None]:
    """Tell a fault on the line as a fault of the sign-in."""
    try:
        yield
    except ProviderFault as fault:
        raise SignInFault.of(fault) from None
