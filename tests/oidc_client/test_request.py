"""The authorization request: what is in it, what is kept, and that it never asks for proofing."""

import hashlib
import json
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, urlsplit

import pytest

from app.oidc_client.adapters.base import Ask
from app.oidc_client.client import RelyingParty
from app.oidc_client.faults import FaultKind, Reason
from app.oidc_client.provider import AdapterName
from app.oidc_client.request import PendingAttempt
from tests.oidc_client.conftest import Configure, SignIn
from tests.oidc_client.expectations import refused
from tests.support.hostile_provider import CLIENT_ID, REDIRECT_URI, SUBJECT, Fault, HostileProvider

AAL2 = "http://idmanagement.gov/ns/assurance/aal/2"
IDME_SCOPE = "openid http://idmanagement.gov/ns/assurance/ial/1/aal/2"
LOGIN_ACR = f"urn:acr.login.gov:auth-only {AAL2}"


def query(party: RelyingParty, ask: Ask | None = None) -> dict[str, str]:
    url = (party.start(ask) if ask else party.start()).url
    return {name: ",".join(values) for name, values in parse_qs(urlsplit(url).query).items()}


def test_a_plain_request(configure: Configure, provider: HostileProvider) -> None:
    request = configure().start()
    sent = {name: values[0] for name, values in parse_qs(urlsplit(request.url).query).items()}
    pending = request.pending
    challenge = urlsafe_b64encode(hashlib.sha256(pending.code_verifier.encode()).digest()).rstrip(b"=").decode()
    assert request.url.startswith(f"{provider.issuer}/authorize?tenant=7&")
    assert sent == {
        "tenant": "7",
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT_URI,
        "scope": "openid email",
        "state": pending.state,
        "nonce": pending.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }


def test_each_attempt_has_secrets_of_its_own(configure: Configure) -> None:
    party = configure()
    secrets = [
        secret
        for pending in (party.start().pending for _ in range(20))
        for secret in (pending.state, pending.nonce, pending.code_verifier)
    ]
    assert len(set(secrets)) == 60
    assert min(map(len, secrets)) >= 43


def test_what_is_kept_survives_storage(configure: Configure) -> None:
    pending = configure().start(Ask(max_age=0, minimum_aal=2, phishing_resistant=True)).pending
    assert PendingAttempt.from_dict(json.loads(json.dumps(pending.as_dict()))) == pending


def test_parameters_that_were_asked_for(configure: Configure) -> None:
    ask = Ask(max_age=0, acr_values="phr", login_hint="ro@example.com", prompt="login", ui_locales="de fr")
    sent = query(configure(), ask)
    assert (sent["max_age"], sent["acr_values"], sent["prompt"]) == ("0", "phr", "login")
    assert (sent["login_hint"], sent["ui_locales"]) == ("ro@example.com", "de fr")


@pytest.mark.parametrize(
    ("adapter", "offered", "expected"),
    [
        ("oidc", ["create"], {"prompt": "create"}),
        ("oidc", None, {}),
        ("oidc", ["login"], {}),
        ("login_gov", ["create"], {"prompt": "create"}),
        ("login_gov", None, {}),
        ("idme", None, {"op": "signup"}),
        ("idme", ["create"], {"op": "signup", "prompt": "create"}),
    ],
)
def test_registration(
    configure: Configure,
    provider: HostileProvider,
    adapter: AdapterName,
    offered: list[str] | None,
    expected: dict[str, str],
) -> None:
    provider.metadata_changes = {"prompt_values_supported": offered}
    party = configure(adapter=adapter)
    sent = query(party, Ask(intent="register"))
    assert {name: sent[name] for name in ("op", "prompt") if name in sent} == expected
    assert not {"op", "prompt"} & query(party).keys()


def test_idme_asks_for_assurance_by_scope(configure: Configure) -> None:
    party = configure(adapter="idme", scope=IDME_SCOPE)
    assert query(party)["scope"] == IDME_SCOPE
    assert "acr_values" not in query(party)
    assert query(party, Ask(acr_values=AAL2))["scope"] == f"openid {AAL2}"
    configured = configure(adapter="idme", scope=IDME_SCOPE, acr_values=f"comparison:minimum {AAL2}")
    assert query(configured)["acr_values"] == f"comparison:minimum {AAL2}"


@pytest.mark.parametrize(
    ("ask", "acr_values"),
    [
        (Ask(), LOGIN_ACR),
        (Ask(minimum_aal=2), LOGIN_ACR),
        (Ask(phishing_resistant=True), f"{LOGIN_ACR}?phishing_resistant=true"),
        (Ask(minimum_aal=3, phishing_resistant=True), LOGIN_ACR.replace("aal/2", "aal/3")),
        (Ask(acr_values="urn:acr.login.gov:auth-only", minimum_aal=2), "urn:acr.login.gov:auth-only"),
    ],
)
def test_login_gov_asks_for_assurance_by_acr_values(configure: Configure, ask: Ask, acr_values: str) -> None:
    assert query(configure(adapter="login_gov", acr_values=LOGIN_ACR), ask)["acr_values"] == acr_values


@pytest.mark.parametrize("adapter", ["oidc", "idme", "login_gov"])
def test_no_request_asks_for_proofing(configure: Configure, adapter: AdapterName) -> None:
    with pytest.raises(ValueError, match="proofing"):
        configure(adapter=adapter).start(Ask(acr_values="http://idmanagement.gov/ns/assurance/ial/2/aal/2"))


def test_maximum_age_is_enforced(sign_in: SignIn, provider: HostileProvider) -> None:
    """The provider's `auth_time` is 30 seconds ago; the leeway is 60."""
    assert sign_in(ask=Ask(max_age=0)).identity.subject == SUBJECT
    now = int(provider.clock().timestamp())
    provider.id_token_changes = {"auth_time": now - 161}
    refused(Reason.ASSURANCE_NOT_MET, sign_in, ask=Ask(max_age=100))
    provider.id_token_changes = {"auth_time": now - 160}
    assert sign_in(ask=Ask(max_age=100)).identity.subject == SUBJECT
    provider.id_token_changes = {"auth_time": None}
    refused(Reason.ASSURANCE_NOT_MET, sign_in, ask=Ask(max_age=100))
    assert sign_in().identity.auth_time is None


@pytest.mark.parametrize(
    ("acr", "ask", "admitted"),
    [
        (AAL2, Ask(minimum_aal=2), True),
        (AAL2, Ask(minimum_aal=3), False),
        (None, Ask(minimum_aal=1), False),
        ("urn:something:strong", Ask(minimum_aal=2), False),
        (f"{AAL2}?phishing_resistant=true", Ask(phishing_resistant=True), True),
        (AAL2, Ask(phishing_resistant=True), False),
        (None, Ask(), True),
    ],
)
def test_demands_must_be_stated_as_met(
    sign_in: SignIn, provider: HostileProvider, acr: str | None, ask: Ask, *, admitted: bool
) -> None:
    provider.id_token_changes = {"acr": acr, "amr": ["mfa", "hwk"]}
    if admitted:
        assert sign_in(ask=ask).identity.subject == SUBJECT
    else:
        refused(Reason.ASSURANCE_NOT_MET, sign_in, ask=ask)


def test_an_attempt_ends_with_the_provider_it_began_with(configure: Configure, provider: HostileProvider) -> None:
    request = configure().start()
    arguments = provider.approve(request.url)
    refused(Reason.ISSUER_MISMATCH, configure(key="renamed").finish, arguments, request.pending)
    assert provider.asked("/token") == 0
    assert configure().finish(arguments, request.pending).identity.subject == SUBJECT


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.DRIPPING_BODY, Reason.PROVIDER_SLOW),
        (Fault.GARBAGE_METADATA, Reason.PROVIDER_GARBAGE),
        (Fault.BROKEN, Reason.PROVIDER_ERROR),
    ],
)
def test_a_provider_that_cannot_be_read(
    configure: Configure, provider: HostileProvider, fault: Fault, reason: Reason
) -> None:
    provider.faults = {fault}
    refused(reason, configure(time_limit=0.4).start)


def test_a_provider_that_is_not_there(configure: Configure) -> None:
    fault = refused(Reason.PROVIDER_UNREACHABLE, configure(issuer="http://127.0.0.1:9").start)
    assert FaultKind.UNREACHABLE not in fault.detail
