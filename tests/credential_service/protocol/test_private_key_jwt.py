"""Clients that sign an assertion (RFC 7523, OIDC Core §9): what holds, what does not, and that each is good once."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from werkzeug.test import TestResponse

from app import clock
from app.credential_service.client_authentication import ASSERTION_TYPE
from app.credential_service.client_keys import ClientKeys
from app.credential_service.settings import ClientSettings
from tests.support.credential_factories import ISSUER, RETURN, RelyingParty, add_account, credential_app, sign_in

RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
STRANGER = RSAKey.generate_key(2048, {"kid": "rsa"})
SIGNING = ClientSettings(
    client_id="signing-rp",
    token_endpoint_auth_method="private_key_jwt",
    jwks={"keys": [RSA.as_dict(private=False), EC.as_dict(private=False), {"kty": "future"}, "nonsense"]},
    redirect_uris=(RETURN,),
)


@pytest.fixture
def rp(tmp_path: Path) -> RelyingParty:
    op = credential_app(tmp_path, SIGNING)
    party = RelyingParty(op, op.test_client(), settings=SIGNING)
    sign_in(op, party.browser, add_account(op))
    return party


def claims(**changed: Any) -> dict[str, Any]:
    now = int(clock.now().timestamp())
    values = {
        "iss": "signing-rp",
        "sub": "signing-rp",
        "aud": f"{ISSUER}/token",
        "jti": str(uuid4()),
        "iat": now,
        "exp": now + 60,
        **changed,
    }
    return {name: value for name, value in values.items() if value is not None}


def signed(values: dict[str, Any], key: RSAKey | ECKey = RSA, alg: str = "RS256", kid: str | None = None) -> str:
    return jwt.encode({"alg": alg, "kid": kid or key.kid}, values, key, [alg])


def post(rp: RelyingParty, assertion: str, **fields: str) -> TestResponse:
    form = rp.token_form(rp.code(), client_assertion=assertion, client_assertion_type=ASSERTION_TYPE)
    return rp.app.test_client().post("/token", data={**form, **fields})


def refused(response: TestResponse) -> bool:
    return (response.status_code, response.get_json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("audience", [f"{ISSUER}/token", ISSUER, ["https://other.example", ISSUER]])
def test_an_assertion_for_us_is_good(rp: RelyingParty, audience: object) -> None:
    assert post(rp, signed(claims(aud=audience))).status_code == 200


def test_es256_is_good(rp: RelyingParty) -> None:
    assert post(rp, signed(claims(), EC, "ES256")).status_code == 200


def test_a_client_id_beside_it_has_to_be_the_same(rp: RelyingParty) -> None:
    assert post(rp, signed(claims()), client_id="signing-rp").status_code == 200
    assert refused(post(rp, signed(claims()), client_id="strict-rp"))


def test_it_is_good_once(rp: RelyingParty) -> None:
    assertion = signed(claims())
    assert post(rp, assertion).status_code == 200
    assert refused(post(rp, assertion))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "strict-rp"},
        {"iss": None},
        {"sub": None},
        {"sub": 7},
        {"sub": "nobody"},
        {"sub": "strict-rp", "iss": "strict-rp"},
        {"aud": None},
        {"aud": "https://other.example"},
        {"aud": {"a": 1}},
        {"aud": f"{ISSUER}/"},
        {"jti": None},
        {"jti": 5},
        {"jti": ""},
        {"exp": None},
        {"exp": 1},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 10**30},
        {"exp": int(clock.now().timestamp()) + 86_400},
        {"iat": int(clock.now().timestamp()) + 600},
        {"iat": 1},
        {"iat": "now"},
        {"nbf": int(clock.now().timestamp()) + 600},
    ],
)
def test_claims_that_do_not_hold(rp: RelyingParty, changed: dict[str, Any]) -> None:
    assert refused(post(rp, signed(claims(**changed))))


@pytest.mark.parametrize("assertion", ["", "x", "a.b.c", "..", "\u00e4.\u00e4.\u00e4", "e30.e30.e30", "W10.W10.W10"])
def test_nonsense_is_refused(rp: RelyingParty, assertion: str) -> None:
    assert refused(post(rp, assertion))


def test_a_strange_key_is_refused(rp: RelyingParty) -> None:
    assert refused(post(rp, signed(claims(), STRANGER)))


def test_an_unknown_kid_is_refused(rp: RelyingParty) -> None:
    assert refused(post(rp, signed(claims(), kid="other")))


@pytest.mark.parametrize("alg", ["PS256", "RS512"])
def test_other_algorithms_are_refused(rp: RelyingParty, alg: str) -> None:
    assert refused(post(rp, signed(claims(), alg=alg)))


def test_another_assertion_type_is_refused(rp: RelyingParty) -> None:
    assert refused(post(rp, signed(claims()), client_assertion_type="urn:other"))


def test_a_client_that_signs_cannot_come_without(rp: RelyingParty) -> None:
    form = rp.token_form(rp.code(), client_id="signing-rp")
    assert refused(rp.app.test_client().post("/token", data=form))


class Fetch:
    """Stands for the network: answers with a document, or with nothing, and counts."""

    def __init__(self, *documents: bytes | None) -> None:
        self.documents, self.asked = list(documents), 0

    def __call__(self, uri: str) -> bytes | None:
        self.asked += 1
        return self.documents.pop(0) if len(self.documents) > 1 else self.documents[0]


def key_set(*keys: RSAKey | ECKey) -> bytes:
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()


REMOTE = ClientSettings(client_id="remote", jwks_uri="https://rp.example/jwks")


def test_fetched_keys_are_remembered() -> None:
    fetch = Fetch(key_set(RSA))
    keys = ClientKeys(fetch, lambda: 0.0)
    assert [key.kid for key in keys.of(REMOTE, "rsa").keys] == ["rsa"]
    keys.of(REMOTE, "rsa")
    assert fetch.asked == 1


def test_an_unknown_kid_fetches_again_but_not_again_and_again() -> None:
    moments, fetch = [0.0], Fetch(key_set(RSA), key_set(RSA, EC))
    keys = ClientKeys(fetch, lambda: moments[0])
    keys.of(REMOTE, "ec")
    keys.of(REMOTE, "ec")
    assert fetch.asked == 1
    moments[0] = 20.0
    assert len(keys.of(REMOTE, "ec").keys) == 2
    assert fetch.asked == 2


def test_old_keys_are_fetched_again_and_kept_when_nobody_answers() -> None:
    moments, fetch = [0.0], Fetch(key_set(RSA), None)
    keys = ClientKeys(fetch, lambda: moments[0])
    keys.of(REMOTE, "rsa")
    moments[0] = 301.0
    assert [key.kid for key in keys.of(REMOTE, "rsa").keys] == ["rsa"]
    assert fetch.asked == 2


@pytest.mark.parametrize("document", [None, b"", b"garbage", b"[]", b'{"keys": 1}', b'{"keys": [1, {"kty": "RSA"}]}'])
def test_what_is_no_key_set_holds_no_keys(document: bytes | None) -> None:
    assert not ClientKeys(Fetch(document), lambda: 0.0).of(REMOTE, None).keys
