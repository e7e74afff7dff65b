"""Passkeys and security keys (WebAuthn Level 3): what the browser is asked, and whether its answer holds.

A thin layer over py_webauthn that says precisely what is wrong. Keeping a challenge, using it once, and the table of
credentials are the caller's; the registered origin and RP ID come from the public URL alone.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_attestation_object,
    parse_authenticator_data,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AuthenticatorData,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.authenticators import webauthn_answer
from app.authenticators.webauthn_answer import CeremonyFailed, CeremonyProblem, failing_as, refuse

__all__ = [
    "Authenticated", "Ceremony", "CeremonyFailed", "CeremonyProblem", "Claim", "Descriptor", "Known", "Need",
    "Registered", "RelyingParty", "User", "authentication", "read_claim", "registration", "verify_authentication",
    "verify_registration",
]  # fmt: skip

CHALLENGE_BYTES: Final = 32
TIMEOUT_MILLISECONDS: Final = 600_000
"""Ten minutes, the most that WebAuthn §15.1 recommends: nobody is hurried."""

_LONGEST_PUBLIC_KEY: Final = 2048
_ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]


class Need(Enum):
    """How much a property (a resident key, user verification) matters when the browser is asked."""

    REQUIRED = "required"
    PREFERRED = "preferred"
    DISCOURAGED = "discouraged"


@dataclass(frozen=True)
class RelyingParty:
    """Us: the RP ID (a host name), the one origin that answers come from, and the name that the browser shows."""

    id: str
    origin: str
    name: str


@dataclass(frozen=True)
class User:
    """Whose credential is made: an opaque handle of at most 64 random bytes, and two names that a browser shows."""

    handle: bytes
    name: str
    display_name: str


@dataclass(frozen=True)
class Descriptor:
    """A credential as the browser is told of it."""

    credential_id: bytes
    transports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ceremony:
    """What to put into the page, as JSON, and the challenge to keep until the answer comes."""

    options: str
    challenge: bytes


@dataclass(frozen=True)
class Registered:
    """A new credential. `user_verified` False makes it a single factor (SP 800-63B-4 App. B)."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: str
    transports: tuple[str, ...]
    backup_eligible: bool
    backed_up: bool
    user_verified: bool


@dataclass(frozen=True)
class Known:
    """A stored credential, for checking an answer. `user_handle` is that of the account it belongs to."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    backup_eligible: bool
    user_handle: bytes


@dataclass(frozen=True)
class Authenticated:
    """A proven use of a credential; `sign_count` and `backed_up` are to be stored.

    `sign_count_regressed`: the counter did not grow, so that a copy of the key may be in use (WebAuthn §7.2 step 22
    leaves what to do to the policy). Keys that are synced between devices count 0 for ever and never regress.
    """

    credential_id: bytes
    sign_count: int
    sign_count_regressed: bool
    backup_eligible: bool
    backed_up: bool
    user_verified: bool


@dataclass(frozen=True)
class Claim:
    """Whose credential an answer says it is, before anything is proven: good for finding the row, for nothing else."""

    credential_id: bytes
    user_handle: bytes | None


def registration(
    party: RelyingParty,
    user: User,
    *,
    exclude: Sequence[Descriptor] = (),
    resident_key: Need = Need.PREFERRED,
    user_verification: Need = Need.REQUIRED,
) -> Ceremony:
    """Ask for a new credential; `exclude` are those the account has. No attestation is asked for."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=user.handle,
        user_name=user.name,
        user_display_name=user.display_name,
        challenge=challenge,
        timeout=TIMEOUT_MILLISECONDS,
        exclude_credentials=_descriptors(exclude),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement(resident_key.value),
            user_verification=UserVerificationRequirement(user_verification.value),
        ),
        supported_pub_key_algs=_ALGORITHMS,
    )
    return Ceremony(options_to_json(options), challenge)


def verify_registration(
    answer: str, *, party: RelyingParty, challenge: bytes, require_user_verification: bool = True
) -> Registered:
    """Check the answer to `registration` (WebAuthn §7.1). CeremonyFailed when anything is wrong with it.

    That the credential id is not yet known is for the caller to check (§7.1 step 26).
    """
    read = webauthn_answer.read(answer)
    webauthn_answer.check_client_data(read, ceremony="webauthn.create", challenge=challenge, origin=party.origin)
    with failing_as(CeremonyProblem.MALFORMED):
        data = parse_attestation_object(read.part("attestationObject")).auth_data
        transports = parse_registration_credential_json(answer).response.transports or []
    webauthn_answer.check_authenticator_data(data, rp_id=party.id, require_user_verification=require_user_verification)
    _check_new_key(data)
    with failing_as(CeremonyProblem.NOT_PROVEN):
        verified = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=require_user_verification,
            supported_pub_key_algs=_ALGORITHMS,
        )
    refuse(CeremonyProblem.WRONG_CREDENTIAL, when=verified.credential_id != read.credential_id)
    return Registered(
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        aaguid=verified.aaguid,
        transports=tuple(sorted({transport.value for transport in transports})),
        backup_eligible=data.flags.be,
        backed_up=data.flags.bs,
        user_verified=data.flags.uv,
    )


def _check_new_key(data: AuthenticatorData) -> None:
    """Without an attestation nothing else looks at the key, and one that cannot verify would lock its owner out."""
    attested = data.attested_credential_data
    if attested is None:
        raise CeremonyFailed(CeremonyProblem.MALFORMED)
    refuse(CeremonyProblem.UNSUPPORTED_KEY, when=len(attested.credential_public_key) > _LONGEST_PUBLIC_KEY)
    with failing_as(CeremonyProblem.UNSUPPORTED_KEY):
        key = decode_credential_public_key(attested.credential_public_key)
        refuse(CeremonyProblem.UNSUPPORTED_KEY, when=key.alg not in _ALGORITHMS)
        decoded_public_key_to_cryptography(key)


def authentication(
    party: RelyingParty, *, allow: Sequence[Descriptor] = (), user_verification: Need = Need.REQUIRED
) -> Ceremony:
    """Ask for a use of a credential: one of `allow`, or when that is empty any discoverable one of ours."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=TIMEOUT_MILLISECONDS,
        allow_credentials=_descriptors(allow),
        user_verification=UserVerificationRequirement(user_verification.value),
    )
    return Ceremony(options_to_json(options), challenge)


def _descriptors(credentials: Sequence[Descriptor]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=credential.credential_id, transports=[AuthenticatorTransport(name) for name in credential.transports]
        )
        for credential in credentials
    ]


def read_claim(answer: str) -> Claim:
    """The credential and account that an answer names, to look them up. CeremonyFailed when it cannot be read."""
    read = webauthn_answer.read(answer)
    return Claim(read.credential_id, read.user_handle)


def verify_authentication(
    answer: str, *, party: RelyingParty, challenge: bytes, known: Known, require_user_verification: bool = True
) -> Authenticated:
    """Check the answer to `authentication` against a stored credential (WebAuthn §7.2). CeremonyFailed when wrong.

    A user handle is compared when there is one; old security keys send none. Where no account was known beforehand
    the caller must have found `known` by the credential id of `read_claim`.
    """
    read = webauthn_answer.read(answer)
    refuse(CeremonyProblem.WRONG_CREDENTIAL, when=read.credential_id != known.credential_id)
    refuse(CeremonyProblem.WRONG_USER, when=read.user_handle not in (None, known.user_handle))
    webauthn_answer.check_client_data(read, ceremony="webauthn.get", challenge=challenge, origin=party.origin)
    with failing_as(CeremonyProblem.MALFORMED):
        data = parse_authenticator_data(read.part("authenticatorData"))
    webauthn_answer.check_authenticator_data(data, rp_id=party.id, require_user_verification=require_user_verification)
    refuse(CeremonyProblem.BACKUP_FLAGS, when=data.flags.be != known.backup_eligible)
    with failing_as(CeremonyProblem.NOT_PROVEN):
        verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=known.public_key,
            # The library refuses a counter that did not grow; we report it, so it is told of none.
            credential_current_sign_count=0,
            require_user_verification=require_user_verification,
        )
    return Authenticated(
        credential_id=known.credential_id,
        sign_count=data.sign_count,
        sign_count_regressed=max(data.sign_count, known.sign_count) > 0 and data.sign_count <= known.sign_count,
        backup_eligible=data.flags.be,
        backed_up=data.flags.bs,
        user_verified=data.flags.uv,
    )
