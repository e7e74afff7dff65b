"""Which refusal a person is shown for what went wrong with a provider."""

from app.domain.errors import (
    CALLBACK_UNREADABLE,
    CLOCKS_DIFFER,
    DECLINED_AT_PROVIDER,
    NOT_STRONG_ENOUGH,
    PROVIDER_NOT_BELIEVED,
    PROVIDER_REFUSED,
    PROVIDER_UNREACHABLE,
    Refusal,
)
from app.oidc_client.faults import Reason, SignInFault

_REFUSALS = {
    Reason.PROVIDER_UNREACHABLE: PROVIDER_UNREACHABLE,
    Reason.PROVIDER_SLOW: PROVIDER_UNREACHABLE,
    Reason.TEMPORARILY_UNAVAILABLE: PROVIDER_UNREACHABLE,
    Reason.PROVIDER_GARBAGE: PROVIDER_REFUSED,
    Reason.PROVIDER_ERROR: PROVIDER_REFUSED,
    Reason.TOKEN_REFUSED: PROVIDER_REFUSED,
    Reason.LOGIN_REQUIRED: PROVIDER_REFUSED,
    Reason.CALLBACK_INVALID: CALLBACK_UNREADABLE,
    Reason.DECLINED: DECLINED_AT_PROVIDER,
    Reason.CLOCK_SKEW: CLOCKS_DIFFER,
    # A token that is over the moment it comes is nearly always a clock that goes wrong.
    Reason.EXPIRED_TOKEN: CLOCKS_DIFFER,
    Reason.ASSURANCE_NOT_MET: NOT_STRONG_ENOUGH,
}


def refusal_of(fault: SignInFault) -> Refusal:
    """The refusal for a fault. What is not named (issuer, signature, nonce, subject, …) is: not believed."""
    return _REFUSALS.get(fault.reason, PROVIDER_NOT_BELIEVED)
