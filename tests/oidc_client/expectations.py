"""The one assertion these tests share: that something ends with a named reason."""

from collections.abc import Callable
from typing import Any

import pytest

from app.oidc_client.faults import FaultKind, ProviderFault, Reason, SignInFault


def refused(reason: Reason, act: Callable[..., Any], *arguments: Any, **named: Any) -> SignInFault:
    """`act` ends the sign-in for `reason`."""
    with pytest.raises(SignInFault) as caught:
        act(*arguments, **named)
    assert caught.value.reason is reason
    return caught.value


def faulty(kind: FaultKind, act: Callable[..., Any], *arguments: Any, **named: Any) -> ProviderFault:
    """`act` fails on the line, in the way `kind` says."""
    with pytest.raises(ProviderFault) as caught:
        act(*arguments, **named)
    assert caught.value.kind is kind
    return caught.value
