"""Metadata and keys: what is believed, how long it is kept, when it is asked for again."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from app.oidc_client.directory import Directory
from app.oidc_client.faults import FaultKind, ProviderFault, Reason
from app.oidc_client.http import HttpClient
from app.oidc_client.keys import read_keys
from app.oidc_client.metadata import discovery_url, read_metadata
from tests.oidc_client.conftest import Configure, SignIn
from tests.oidc_client.expectations import faulty, refused
from tests.support.hostile_provider import SUBJECT, Clock, Fault, HostileProvider, ec_key, rsa_key, short_rsa_key

DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture
def directory(provider: HostileProvider, clock: Clock) -> Directory:
    return Directory(HttpClient(1.0), provider.issuer, clock)


def document(**changes: Any) -> dict[str, Any]:
    issuer = "https://op.example"
    ends = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint")
    return {"issuer": issuer, **{name: f"{issuer}/{name}" for name in ends}, **changes}


def test_oidcc_client_test_discovery_openid_config(directory: Directory, provider: HostileProvider) -> None:
    assert directory.metadata().token_endpoint == f"{provider.issuer}/token"


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://api.id.me/oidc", "https://api.id.me/oidc/.well-known/openid-configuration"),
        ("https://secure.login.gov/", "https://secure.login.gov/.well-known/openid-configuration"),
    ],
)
def test_where_the_document_lives(issuer: str, url: str) -> None:
    assert discovery_url(issuer) == url


@pytest.mark.parametrize("named", ["https://op.example/", "https://OP.example", "https://evil.example", None, ["x"]])
def test_oidcc_client_test_discovery_issuer_mismatch(named: object) -> None:
    assert read_metadata(document(), "https://op.example").issuer == "https://op.example"
    refused(Reason.DISCOVERY_MISMATCH, read_metadata, document(issuer=named), "https://op.example")


def test_wrong_issuer_ends_the_sign_in(sign_in: SignIn, provider: HostileProvider) -> None:
    provider.metadata_changes = {"issuer": "https://evil.example"}
    refused(Reason.DISCOVERY_MISMATCH, sign_in)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_needed_endpoints(name: str) -> None:
    faulty(FaultKind.GARBAGE, read_metadata, document(**{name: None}), "https://op.example")


@pytest.mark.parametrize("name", ["userinfo_endpoint", "end_session_endpoint"])
def test_optional_endpoints(name: str) -> None:
    assert getattr(read_metadata(document(**{name: None}), "https://op.example"), name) is None


@pytest.mark.parametrize("url", ["http://op.example/x", "http://localhost:8001/x", "https://127.0.0.1/x", "/x", 7])
def test_unsafe_endpoints(url: object) -> None:
    faulty(FaultKind.UNSAFE_ADDRESS, read_metadata, document(userinfo_endpoint=url), "https://op.example")


def test_lists_and_flags_are_read_with_care() -> None:
    read = read_metadata(
        document(
            prompt_values_supported=["create", 7],
            token_endpoint_auth_methods_supported="client_secret_post",
            authorization_response_iss_parameter_supported="true",
        ),
        "https://op.example",
    )
    assert read.prompt_values == {"create"}
    assert read.token_auth_methods == frozenset()
    assert not read.sends_issuer


def test_the_document_is_kept_for_half_an_hour(directory: Directory, provider: HostileProvider, clock: Clock) -> None:
    directory.metadata()
    clock.advance(minutes=29)
    directory.metadata()
    assert provider.asked(DISCOVERY) == 1
    clock.advance(minutes=1)
    directory.metadata()
    assert provider.asked(DISCOVERY) == 2


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.GARBAGE_METADATA, FaultKind.GARBAGE),
        (Fault.HUGE_METADATA, FaultKind.TOO_LARGE),
        (Fault.BROKEN, FaultKind.REFUSED),
    ],
)
def test_a_broken_document_is_not_kept(
    directory: Directory, provider: HostileProvider, fault: Fault, kind: FaultKind
) -> None:
    provider.faults = {fault}
    faulty(kind, directory.metadata)
    assert directory.known_metadata() is None
    provider.faults = set()
    assert directory.metadata().issuer == provider.issuer


def test_a_broken_key_set_is_not_kept(directory: Directory, provider: HostileProvider) -> None:
    provider.published = []
    faulty(FaultKind.GARBAGE, directory.keys)
    provider.published = [provider.signing_key]
    assert len(directory.keys().keys) == 1


def test_a_refused_key_set(sign_in: SignIn, provider: HostileProvider) -> None:
    provider.replies["/jwks"] = (403, "application/json", b"{}")
    refused(Reason.PROVIDER_ERROR, sign_in)


def test_threads_share_one_fetch_and_its_outcome(clock: Clock) -> None:
    """Eight people arrive while the first fetch is under way: the provider is asked once, good answer or bad."""
    for fault in (None, Fault.BROKEN):
        with HostileProvider(clock) as provider:
            provider.faults = {fault} if fault else set()
            directory = Directory(HttpClient(2.0), provider.issuer, clock)
            gate = threading.Barrier(8)
            outcomes: list[str] = []

            def ask(directory: Directory = directory, gate: Any = gate, outcomes: list[str] = outcomes) -> None:
                gate.wait()
                try:
                    outcomes.append(directory.metadata().issuer)
                except ProviderFault as error:
                    outcomes.append(str(error))

            with directory._metadata._lock:  # the first fetch cannot end before all have arrived
                threads = [threading.Thread(target=ask) for _ in range(8)]
                for thread in threads:
                    thread.start()
                threading.Event().wait(0.2)
            for thread in threads:
                thread.join()
            assert len(outcomes) == 8
            assert len(set(outcomes)) == 1
            assert provider.asked(DISCOVERY) == 1


def test_oidcc_client_test_discovery_jwks_uri_keys(sign_in: SignIn, provider: HostileProvider) -> None:
    sign_in()
    assert provider.asked("/jwks") == 1


def test_oidcc_client_test_signing_key_rotation(
    sign_in: SignIn, provider: HostileProvider, configure: Configure
) -> None:
    party = configure()
    sign_in(party)
    provider.rotate("second")
    assert sign_in(party).identity.subject == SUBJECT
    assert provider.asked("/jwks") == 2


def test_oidcc_client_test_signing_key_rotation_just_before_signing(
    sign_in: SignIn, provider: HostileProvider, configure: Configure
) -> None:
    party = configure()
    sign_in(party)
    provider.before_signing = lambda: provider.rotate("third")
    assert sign_in(party).identity.subject == SUBJECT


def test_new_key_under_the_old_name(sign_in: SignIn, provider: HostileProvider, configure: Configure) -> None:
    """The kid is known and the signature does not hold: asked for again once, and only then refused."""
    party = configure()
    sign_in(party)
    provider.signing_key = type(provider.signing_key).import_key(
        rsa_key("replacement").as_dict(private=True) | {"kid": "first"}
    )
    provider.published = [provider.signing_key]
    assert sign_in(party).identity.subject == SUBJECT


@pytest.mark.parametrize("fault", [Fault.UNKNOWN_KID, Fault.TAMPERED_SIGNATURE])
def test_asking_again_for_keys_is_limited(
    sign_in: SignIn, provider: HostileProvider, configure: Configure, clock: Clock, fault: Fault
) -> None:
    party = configure()
    provider.faults = {fault}
    for _ in range(3):
        refused(Reason.ID_TOKEN_INVALID, sign_in, party)
    assert provider.asked("/jwks") == 2
    clock.advance(seconds=30)
    refused(Reason.ID_TOKEN_INVALID, sign_in, party)
    assert provider.asked("/jwks") == 3


def test_keys_that_another_thread_fetched_are_used(
    directory: Directory, provider: HostileProvider, clock: Clock
) -> None:
    old = directory.keys()
    provider.rotate("second")
    newer = directory.newer_keys(old)
    assert newer is not old
    assert directory.newer_keys(old) is newer  # although asking again is not due
    assert newer is not None
    assert directory.newer_keys(newer) is None
    clock.advance(seconds=timedelta(seconds=30).total_seconds())
    assert directory.newer_keys(newer) is not None


@pytest.mark.parametrize(
    "entry",
    [
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "n": 7},
        {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": 5},
        "text",
        None,
        rsa_key("first").as_dict(private=False) | {"use": "enc"},
        short_rsa_key(),
    ],
)
def test_keys_that_cannot_be_used_are_left_out(entry: Any) -> None:
    good = ec_key("good").as_dict(private=False)
    assert [key.kid for key in read_keys({"keys": [entry, good]}).keys] == ["good"]
    faulty(FaultKind.GARBAGE, read_keys, {"keys": [entry]})


def test_a_key_is_used_for_its_own_algorithm_only() -> None:
    keys = read_keys({"keys": [rsa_key("r").as_dict(private=False) | {"alg": "RS512"}, ec_key("e").as_dict()]})
    assert keys.choose("RS256", "r") is None
    assert keys.choose("ES256", "r") is None
    assert keys.choose("ES256", "e") is not None


@pytest.mark.parametrize("keys", [None, {}, "text"])
def test_key_set_without_a_list(keys: object) -> None:
    faulty(FaultKind.GARBAGE, read_keys, {"keys": keys})
