"""Everything that can go wrong between us and a provider: one exception for the line, one for the sign-in.

The words a person reads live in templates; details here are fixed phrases of ours, never a value that was received,
so that they can be logged: no code, token, address or name passes through them.
"""

from enum import StrEnum


class FaultKind(StrEnum):
    """What went wrong on the line to the provider."""

    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    SLOW = "slow"
    UNSAFE_ADDRESS = "unsafe_address"
    REDIRECTED = "redirected"
    TOO_LARGE = "too_large"
    GARBAGE = "garbage"
    REFUSED = "refused"


class ProviderFault(Exception):
    """The provider could not be asked, or its answer could not be read."""

    def __init__(self, kind: FaultKind, detail: str) -> None:
        super().__init__(kind, detail)
        self.kind = kind
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


class Reason(StrEnum):
    """Why a sign-in ended; fine enough to give each its own public code."""

    PROVIDER_UNREACHABLE = "provider_unreachable"
    PROVIDER_SLOW = "provider_slow"
    PROVIDER_GARBAGE = "provider_garbage"
    PROVIDER_ERROR = "provider_error"
    DISCOVERY_MISMATCH = "discovery_mismatch"
    CALLBACK_INVALID = "callback_invalid"
    STATE_MISMATCH = "state_mismatch"
    ISSUER_MISMATCH = "issuer_mismatch"
    DECLINED = "declined"
    LOGIN_REQUIRED = "login_required"
    TEMPORARILY_UNAVAILABLE = "temporarily_unavailable"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a reason, not a secret
    ID_TOKEN_INVALID = "id_token_invalid"  # noqa: S105
    NONCE = "nonce"
    EXPIRED_TOKEN = "expired_token"  # noqa: S105
    CLOCK_SKEW = "clock_skew"
    USERINFO_INVALID = "userinfo_invalid"
    USERINFO_MISMATCH = "userinfo_mismatch"
    ASSURANCE_NOT_MET = "assurance_not_met"


class SignInFault(Exception):
    """The sign-in cannot go on. `reason` chooses the page and the public code, `detail` is for the log."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"

    @classmethod
    def of(cls, fault: ProviderFault) -> "SignInFault":
        """The sign-in's view of a fault on the line."""
        return cls(_REASON_OF_KIND[fault.kind], fault.detail)


_REASON_OF_KIND = {
    FaultKind.UNREACHABLE: Reason.PROVIDER_UNREACHABLE,
    FaultKind.CERTIFICATE: Reason.PROVIDER_UNREACHABLE,
    FaultKind.SLOW: Reason.PROVIDER_SLOW,
    FaultKind.UNSAFE_ADDRESS: Reason.PROVIDER_GARBAGE,
    FaultKind.REDIRECTED: Reason.PROVIDER_GARBAGE,
    FaultKind.TOO_LARGE: Reason.PROVIDER_GARBAGE,
    FaultKind.GARBAGE: Reason.PROVIDER_GARBAGE,
    FaultKind.REFUSED: Reason.PROVIDER_ERROR,
}
