"""WebAuthn ceremonies against a software authenticator: what is admitted, and the reason for each refusal."""

import base64
import json
from collections.abc import Callable
from typing import Any

import cbor2
import pytest

from app.authenticators import webauthn
from app.authenticators.webauthn import (
    CeremonyFailed,
    CeremonyProblem,
    Descriptor,
    Known,
    Need,
    Registered,
    RelyingParty,
    User,
)
from tests.support.software_authenticator import AT, BE, BS, UP, UV, SoftwareAuthenticator, decode, encode

PARTY = RelyingParty("portal.example", "https://portal.example", "QAAMS")
USER = User(b"\x07" * 32, "demo-ro", "Demo Officer")


@pytest.fixture
def device() -> SoftwareAuthenticator:
    return SoftwareAuthenticator(PARTY.origin)


def register(device: SoftwareAuthenticator, **options: Any) -> Registered:
    ceremony = webauthn.registration(PARTY, USER)
    answer = device.create(ceremony.options)
    return webauthn.verify_registration(answer, party=PARTY, challenge=ceremony.challenge, **options)


def known(registered: Registered, **changes: Any) -> Known:
    fields: dict[str, Any] = {
        "credential_id": registered.credential_id,
        "public_key": registered.public_key,
        "sign_count": registered.sign_count,
        "backup_eligible": registered.backup_eligible,
        "user_handle": USER.handle,
    }
    return Known(**(fields | changes))


def authenticate(device: SoftwareAuthenticator, stored: Known, **options: Any) -> webauthn.Authenticated:
    ceremony = webauthn.authentication(PARTY)
    answer = device.get(ceremony.options)
    return webauthn.verify_authentication(answer, party=PARTY, challenge=ceremony.challenge, known=stored, **options)


def refusal(attempt: Callable[[], object]) -> CeremonyProblem:
    with pytest.raises(CeremonyFailed) as caught:
        attempt()
    return caught.value.problem


def test_a_key_is_registered_and_used(device: SoftwareAuthenticator) -> None:
    registered = register(device)
    assert registered == Registered(
        credential_id=device.keys[0].credential_id,
        public_key=device.keys[0].cose,
        sign_count=1,
        aaguid="50f7c0de-50f7-c0de-50f7-c0de50f7c0de",
        transports=("usb",),
        backup_eligible=False,
        backed_up=False,
        user_verified=True,
    )
    used = authenticate(device, known(registered))
    assert (used.credential_id, used.sign_count, used.sign_count_regressed) == (registered.credential_id, 2, False)
    assert used.user_verified


def test_a_synced_passkey_never_counts_and_never_regresses() -> None:
    device = SoftwareAuthenticator(
        PARTY.origin, flags=UP | UV | BE | BS, counts=False, transports=("internal", "hybrid")
    )
    registered = register(device)
    assert (registered.backup_eligible, registered.backed_up) == (True, True)
    assert registered.transports == ("hybrid", "internal")
    device.flags = UP | UV | BE
    used = authenticate(device, known(registered))
    assert (used.sign_count, used.sign_count_regressed, used.backup_eligible, used.backed_up) == (0, False, True, False)


@pytest.mark.parametrize(("stored", "regressed"), [(1, False), (2, True), (3, True), (2**32 - 1, True)])
def test_a_counter_that_did_not_grow_is_reported(
    device: SoftwareAuthenticator, stored: int, *, regressed: bool
) -> None:
    used = authenticate(device, known(register(device), sign_count=stored))
    assert (used.sign_count, used.sign_count_regressed) == (2, regressed)


def test_the_registration_options() -> None:
    ceremony = webauthn.registration(PARTY, USER, exclude=[Descriptor(b"old", ("usb", "nfc"))])
    options = json.loads(ceremony.options)
    assert options["rp"] == {"id": "portal.example", "name": "QAAMS"}
    assert decode(options["user"]["id"]) == USER.handle
    assert decode(options["challenge"]) == ceremony.challenge
    assert len(ceremony.challenge) == 32
    assert options["authenticatorSelection"]["residentKey"] == "preferred"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    assert [kind["alg"] for kind in options["pubKeyCredParams"]] == [-7, -8, -257]
    assert options["excludeCredentials"] == [{"id": encode(b"old"), "type": "public-key", "transports": ["usb", "nfc"]}]


def test_needs_are_arguments() -> None:
    ceremony = webauthn.registration(PARTY, USER, resident_key=Need.REQUIRED, user_verification=Need.PREFERRED)
    selection = json.loads(ceremony.options)["authenticatorSelection"]
    assert (selection["residentKey"], selection["requireResidentKey"]) == ("required", True)
    assert selection["userVerification"] == "preferred"


def test_the_authentication_options_name_credentials_or_leave_the_choice() -> None:
    discoverable = json.loads(webauthn.authentication(PARTY).options)
    assert not discoverable.get("allowCredentials")
    assert (discoverable["rpId"], discoverable["userVerification"]) == ("portal.example", "required")
    named = webauthn.authentication(PARTY, allow=[Descriptor(b"key", ())], user_verification=Need.PREFERRED)
    assert [item["id"] for item in json.loads(named.options)["allowCredentials"]] == [encode(b"key")]


def test_challenges_differ() -> None:
    assert webauthn.authentication(PARTY).challenge != webauthn.authentication(PARTY).challenge


BROKEN_DEVICES = [
    pytest.param({"client_data": {"origin": "https://portal.example.evil"}}, CeremonyProblem.WRONG_ORIGIN, id="origin"),
    pytest.param({"client_data": {"origin": "http://portal.example"}}, CeremonyProblem.WRONG_ORIGIN, id="scheme"),
    pytest.param({"client_data": {"origin": None}}, CeremonyProblem.WRONG_ORIGIN, id="no origin"),
    pytest.param({"client_data": {"crossOrigin": True}}, CeremonyProblem.CROSS_ORIGIN, id="framed"),
    pytest.param({"client_data": {"crossOrigin": "false"}}, CeremonyProblem.CROSS_ORIGIN, id="framed text"),
    pytest.param({"client_data": {"challenge": encode(b"x" * 32)}}, CeremonyProblem.WRONG_CHALLENGE, id="challenge"),
    pytest.param({"client_data": {"challenge": ""}}, CeremonyProblem.WRONG_CHALLENGE, id="no challenge"),
    pytest.param({"client_data": {"challenge": None}}, CeremonyProblem.MALFORMED, id="null challenge"),
    pytest.param({"client_data": {"type": "payment.get"}}, CeremonyProblem.WRONG_TYPE, id="type"),
    pytest.param({"rp_id": "evil.example"}, CeremonyProblem.WRONG_RP_ID, id="rp id"),
    pytest.param({"flags": UV}, CeremonyProblem.USER_NOT_PRESENT, id="absent"),
    pytest.param({"flags": UP}, CeremonyProblem.USER_NOT_VERIFIED, id="unverified"),
    pytest.param({"flags": UP | UV | BS}, CeremonyProblem.BACKUP_FLAGS, id="backed up but not eligible"),
]


@pytest.mark.parametrize(("fault", "problem"), BROKEN_DEVICES)
def test_registration_names_what_is_wrong(
    device: SoftwareAuthenticator, fault: dict[str, Any], problem: CeremonyProblem
) -> None:
    vars(device).update(fault)
    assert refusal(lambda: register(device)) is problem


@pytest.mark.parametrize(("fault", "problem"), BROKEN_DEVICES)
def test_authentication_names_what_is_wrong(
    device: SoftwareAuthenticator, fault: dict[str, Any], problem: CeremonyProblem
) -> None:
    stored = known(register(device))
    vars(device).update(fault)
    assert refusal(lambda: authenticate(device, stored)) is problem


def test_without_user_verification_it_is_told_when_that_is_allowed(device: SoftwareAuthenticator) -> None:
    device.flags = UP
    registered = register(device, require_user_verification=False)
    assert not registered.user_verified
    assert not authenticate(device, known(registered), require_user_verification=False).user_verified


def test_an_answer_is_good_for_its_own_challenge_only(device: SoftwareAuthenticator) -> None:
    stored = known(register(device))
    first = webauthn.authentication(PARTY)
    answer = device.get(first.options)
    second = webauthn.authentication(PARTY)
    webauthn.verify_authentication(answer, party=PARTY, challenge=first.challenge, known=stored)
    assert (
        refusal(lambda: webauthn.verify_authentication(answer, party=PARTY, challenge=second.challenge, known=stored))
        is CeremonyProblem.WRONG_CHALLENGE
    )


def test_a_registration_is_no_authentication(device: SoftwareAuthenticator) -> None:
    stored = known(register(device))
    ceremony = webauthn.registration(PARTY, USER)
    answer = device.create(ceremony.options)
    stored = known(register(device), credential_id=device.keys[-2].credential_id)
    assert (
        refusal(lambda: webauthn.verify_authentication(answer, party=PARTY, challenge=ceremony.challenge, known=stored))
        is CeremonyProblem.WRONG_TYPE
    )


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"credential_id": b"another"}, CeremonyProblem.WRONG_CREDENTIAL),
        ({"user_handle": b"another"}, CeremonyProblem.WRONG_USER),
        ({"backup_eligible": True}, CeremonyProblem.BACKUP_FLAGS),
        ({"public_key": b""}, CeremonyProblem.NOT_PROVEN),
        ({"public_key": b"garbage"}, CeremonyProblem.NOT_PROVEN),
    ],
)
def test_a_stored_credential_must_fit(
    device: SoftwareAuthenticator, changes: dict[str, Any], problem: CeremonyProblem
) -> None:
    stored = known(register(device), **changes)
    assert refusal(lambda: authenticate(device, stored)) is problem


def test_another_keys_signature_proves_nothing(device: SoftwareAuthenticator) -> None:
    mine, theirs = register(device), register(SoftwareAuthenticator(PARTY.origin))
    stored = known(mine, public_key=theirs.public_key)
    assert refusal(lambda: authenticate(device, stored)) is CeremonyProblem.NOT_PROVEN


def test_the_claim_names_credential_and_account(device: SoftwareAuthenticator) -> None:
    registered = register(device)
    claim = webauthn.read_claim(device.get(webauthn.authentication(PARTY).options))
    assert (claim.credential_id, claim.user_handle) == (registered.credential_id, USER.handle)


def changed(answer: str, **parts: Any) -> str:
    fields = json.loads(answer)
    fields["response"].update(parts)
    return json.dumps(fields)


MALFORMED = [
    "",
    "{",
    "null",
    "[]",
    "7",
    '"text"',
    "{}",
    '{"rawId": "AA", "response": null}',
    '{"rawId": "AA", "response": []}',
    '{"rawId": "AA", "response": {}}',
    '{"rawId": 7, "response": {"clientDataJSON": 7}}',
    '{"rawId": "é", "response": {"clientDataJSON": "é"}}',
    '{"rawId": "", "response": {"clientDataJSON": "e30"}}',
    '{"rawId": "AA", "response": {"clientDataJSON": "W10"}}',
    '{"rawId": "AA", "response": {"clientDataJSON": "_w"}}',
    "[" * 30_000,
    "9" * 30_000,
    "\ud800",
]


@pytest.mark.parametrize("answer", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_answers(device: SoftwareAuthenticator, answer: str) -> None:
    stored = known(register(device), credential_id=b"\x00")
    malformed = CeremonyProblem.MALFORMED
    assert refusal(lambda: webauthn.read_claim(answer)) is malformed
    assert refusal(lambda: webauthn.verify_registration(answer, party=PARTY, challenge=b"x")) is malformed
    assert (
        refusal(lambda: webauthn.verify_authentication(answer, party=PARTY, challenge=b"x", known=stored)) is malformed
    )


def test_huge_answers_are_not_even_read(device: SoftwareAuthenticator) -> None:
    answer = changed(device.create(webauthn.registration(PARTY, USER).options), filler="x" * 40_000)
    assert refusal(lambda: webauthn.read_claim(answer)) is CeremonyProblem.TOO_LARGE
    long_id = json.dumps({"rawId": encode(b"x" * 1024), "response": {"clientDataJSON": encode(b"{}")}})
    assert refusal(lambda: webauthn.read_claim(long_id)) is CeremonyProblem.MALFORMED


def attestation(device: SoftwareAuthenticator, challenge_options: str, change: Callable[[dict[str, Any]], None]) -> str:
    answer = device.create(challenge_options)
    packed = cbor2.loads(decode(json.loads(answer)["response"]["attestationObject"]))
    change(packed)
    return changed(answer, attestationObject=encode(cbor2.dumps(packed)))


def with_key(cose: bytes) -> Callable[[dict[str, Any]], None]:
    def change(packed: dict[str, Any]) -> None:
        head = packed["authData"][: 37 + 16 + 2 + 32]
        packed["authData"] = head + cose

    return change


POINT_OFF_THE_CURVE = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: b"\x01" * 32, -3: b"\x02" * 32})
HUGE_RSA = cbor2.dumps({1: 3, 3: -257, -1: b"\xff" * 4096, -2: b"\x01\x00\x01"})


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (with_key(POINT_OFF_THE_CURVE), CeremonyProblem.UNSUPPORTED_KEY),
        (with_key(HUGE_RSA), CeremonyProblem.UNSUPPORTED_KEY),
        (with_key(cbor2.dumps({1: 2, 3: -47, -1: 8, -2: b"x" * 32, -3: b"y" * 32})), CeremonyProblem.UNSUPPORTED_KEY),
        (with_key(cbor2.dumps(4)), CeremonyProblem.UNSUPPORTED_KEY),
        (with_key(cbor2.dumps({})), CeremonyProblem.UNSUPPORTED_KEY),
        (with_key(b""), CeremonyProblem.MALFORMED),
        (with_key(b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff"), CeremonyProblem.MALFORMED),
        (lambda packed: packed.update(authData=packed["authData"] + b"more"), CeremonyProblem.MALFORMED),
        (lambda packed: packed.update(authData=b"short"), CeremonyProblem.MALFORMED),
        (lambda packed: packed.update(authData="text"), CeremonyProblem.MALFORMED),
        (lambda packed: packed.pop("authData"), CeremonyProblem.MALFORMED),
        (lambda packed: packed.update(fmt="unheard-of"), CeremonyProblem.NOT_PROVEN),
        (lambda packed: packed.update(attStmt={"sig": b"x"}), CeremonyProblem.NOT_PROVEN),
        (lambda packed: packed.update(fmt="packed", attStmt={"alg": -7, "sig": b"x"}), CeremonyProblem.NOT_PROVEN),
    ],
)
def test_hostile_attestation_objects(
    device: SoftwareAuthenticator, change: Callable[[dict[str, Any]], None], problem: CeremonyProblem
) -> None:
    ceremony = webauthn.registration(PARTY, USER)
    answer = attestation(device, ceremony.options, change)
    assert refusal(lambda: webauthn.verify_registration(answer, party=PARTY, challenge=ceremony.challenge)) is problem


def test_a_registration_without_a_key_is_malformed(device: SoftwareAuthenticator) -> None:
    ceremony = webauthn.registration(PARTY, USER)

    def cut(packed: dict[str, Any]) -> None:
        data = bytearray(packed["authData"][:37])
        data[32] &= ~AT
        packed["authData"] = bytes(data)

    answer = attestation(device, ceremony.options, cut)
    attempt = refusal(lambda: webauthn.verify_registration(answer, party=PARTY, challenge=ceremony.challenge))
    assert attempt is CeremonyProblem.MALFORMED


def test_a_registration_under_another_id_is_refused(device: SoftwareAuthenticator) -> None:
    ceremony = webauthn.registration(PARTY, USER)
    answer = json.loads(device.create(ceremony.options)) | {"id": encode(b"another"), "rawId": encode(b"another")}
    attempt = refusal(
        lambda: webauthn.verify_registration(json.dumps(answer), party=PARTY, challenge=ceremony.challenge)
    )
    assert attempt is CeremonyProblem.WRONG_CREDENTIAL


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ({"signature": "AAAA"}, CeremonyProblem.NOT_PROVEN),
        ({"signature": ""}, CeremonyProblem.NOT_PROVEN),
        ({"signature": None}, CeremonyProblem.NOT_PROVEN),
        ({"authenticatorData": "AAAA"}, CeremonyProblem.MALFORMED),
        ({"authenticatorData": None}, CeremonyProblem.MALFORMED),
        ({"userHandle": "AAAA"}, CeremonyProblem.WRONG_USER),
        ({"userHandle": 7}, CeremonyProblem.MALFORMED),
        ({"userHandle": {}}, CeremonyProblem.MALFORMED),
    ],
)
def test_hostile_assertions(device: SoftwareAuthenticator, parts: dict[str, Any], problem: CeremonyProblem) -> None:
    stored = known(register(device))
    ceremony = webauthn.authentication(PARTY)
    answer = changed(device.get(ceremony.options), **parts)
    attempt = refusal(
        lambda: webauthn.verify_authentication(answer, party=PARTY, challenge=ceremony.challenge, known=stored)
    )
    assert attempt is problem


def test_an_old_key_that_sends_no_handle_is_admitted(device: SoftwareAuthenticator) -> None:
    stored = known(register(device))
    ceremony = webauthn.authentication(PARTY)
    answer = changed(device.get(ceremony.options), userHandle=None)
    webauthn.verify_authentication(answer, party=PARTY, challenge=ceremony.challenge, known=stored)


def test_a_refusals_text_is_its_reason_alone(device: SoftwareAuthenticator) -> None:
    device.client_data = {"origin": "https://secret.example"}
    with pytest.raises(CeremonyFailed) as caught:
        register(device)
    assert str(caught.value) == "wrong_origin"
    assert base64.b64encode(USER.handle).decode() not in str(caught.value)
