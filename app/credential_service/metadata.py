"""The discovery document (OpenID Connect Discovery 1.0 §3): one for all clients, everything that any profile offers."""

from typing import Any

from app.credential_service.client_authentication import ALGORITHMS
from app.credential_service.clients import AUTH_METHODS, GRANT_TYPE, RESPONSE_TYPE
from app.credential_service.flows.authorize import PROMPTS
from app.credential_service.profiles import ACR_VALUES, ASSURANCE, CLAIMS, DEFAULT_ACR, SCOPES
from app.credential_service.signing_keys import ALGORITHM
from app.credential_service.store.tokens import CHALLENGE_METHOD

IDME_SCOPES = (f"{ASSURANCE}loa/1", f"{ASSURANCE}ial/1", f"{ASSURANCE}aal/2", DEFAULT_ACR)
IDME_CLAIMS = (
    "uuid", "emails_confirmed", "fname", "lname", "multifactor", "credential_aal", "credential_aal_highest",
    "credential_ial", "credential_ial_highest", "level_of_assurance",
)  # fmt: skip
TOKEN_CLAIMS = ("iss", "sub", "aud", "exp", "iat", "jti", "auth_time", "nonce", "acr", "aal", "amr", "at_hash")


def document(issuer: str) -> dict[str, Any]:
    """What a relying party has to know to use the provider at `issuer`."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "end_session_endpoint": f"{issuer}/end-session",
        "scopes_supported": [*SCOPES, *IDME_SCOPES],
        "response_types_supported": [RESPONSE_TYPE],
        "response_modes_supported": ["query"],
        "grant_types_supported": [GRANT_TYPE],
        "acr_values_supported": list(ACR_VALUES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "userinfo_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
        "display_values_supported": ["page"],
        "claim_types_supported": ["normal"],
        "claims_supported": [*TOKEN_CLAIMS, *CLAIMS, *IDME_CLAIMS],
        "ui_locales_supported": ["en"],
        "prompt_values_supported": list(PROMPTS),
        "code_challenge_methods_supported": [CHALLENGE_METHOD],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
    }
