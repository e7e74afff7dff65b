"""What a flow says of something a person typed or a device answered."""

from enum import Enum

from app.authenticators.one_time_code import CodeCheck
from app.authenticators.throttle import Disabled, Wait


class Check(Enum):
    """RIGHT, or why not. Only WRONG is a failure to count; GONE means that what was answered is over."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"
    UNREADABLE = "unreadable"
    TAKEN = "taken"
    GONE = "gone"


Answer = Check | Wait | Disabled

OF_CODES = {
    CodeCheck.ACCEPTED: Check.RIGHT,
    CodeCheck.WRONG: Check.WRONG,
    CodeCheck.EXPIRED: Check.EXPIRED,
    CodeCheck.NOT_A_CODE: Check.UNREADABLE,
}
