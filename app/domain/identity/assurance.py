"""How strong a session is, and what a session of that strength may open (SP 800-63B-4 §2).

An assurance is what was shown at sign-in, never what was hoped: a provider's counts only as its adapter read it.
"""

from enum import StrEnum


class Assurance(StrEnum):
    """Authentication assurance level of a session."""

    AAL1 = "aal1"
    AAL2 = "aal2"

    def meets(self, required: "Assurance") -> bool:
        """Whether a session of this strength may open what asks for `required`."""
        return _ORDER[self] >= _ORDER[required]


_ORDER = {Assurance.AAL1: 1, Assurance.AAL2: 2}


def from_provider(aal: int | None) -> Assurance:
    """The assurance of a sign-in through a provider that asserted `aal`; silence counts as one factor."""
    return Assurance.AAL2 if aal is not None and aal >= 2 else Assurance.AAL1
