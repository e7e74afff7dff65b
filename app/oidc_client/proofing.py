"""The rule that no request of ours ever asks a provider to prove who a person is (identity proofing).

Standard library only: the settings read it before anything else is loaded. What is sent lives in `request.py`.
"""

import re
from urllib.parse import unquote

# "ial/2", "IAL2", "loa:3", "classic_loa3", "loa/3_force"; the letter look-behind keeps "trial2" and "social1" out.
# Level 1 asks for no proofing. Login.gov's "ial/0" (the highest the person has reached) does ask for proofed data.
_LEVEL = re.compile(r"(?<![a-z])(?:ial|loa)[/:_=.-]?(\d+|substantial|high)", re.IGNORECASE)
_NO_PROOFING = "1"

# Words that stand for proofing wherever they appear: face comparison, and ID.me's and Login.gov's own policy names.
_WORDS = ("facial", "selfie", "liveness", "biometric_comparison", "proofing", "fortified_identity", "kba_replacement")

# A vector of trust (RFC 8485) such as "C2.P1": components of one letter and one digit or small letter.
_VECTOR = re.compile(r"[a-z][0-9a-z](?:[./][a-z][0-9a-z])*", re.IGNORECASE)
_PROOFED_COMPONENT = re.compile(r"p[1-9a-z]", re.IGNORECASE)


def asks_for_proofing(scope: str, acr_values: str) -> str | None:
    """The first value of `scope` or `acr_values` (both space-separated) that asks for identity proofing, or None.

    Proofing is IAL2 and above, LOA2 and above, `verified` as a whole word between separators, any facial match, and
    a vector of trust with a P component above P0. Authentication levels (`aal/2`, `auth-only`) are not proofing, and
    neither are claims about addresses (`email_verified`).
    """
    for value in (*scope.split(), *acr_values.split()):
        if _is_proofing(unquote(value)):
            return value
    return None


def _is_proofing(value: str) -> bool:
    lowered = value.lower()
    return (
        any(level != _NO_PROOFING for level in _LEVEL.findall(lowered))
        or any(word in lowered.replace("-", "_") for word in _WORDS)
        or any(part == "verified" or part.startswith("verified-") for part in re.split(r"[:/?&=,]", lowered))
        or _is_proofed_vector(lowered)
    )


def _is_proofed_vector(value: str) -> bool:
    for vector in re.split(r"[\[\]\",]+", value):  # also the JSON list form of the `vtr` parameter
        if _VECTOR.fullmatch(vector) and any(_PROOFED_COMPONENT.fullmatch(part) for part in re.split("[./]", vector)):
            return True
    return False
