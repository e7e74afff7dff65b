"""The words for what was wrong with an answer; pages put them on the field."""

from flask_babel import gettext

from app.authenticators.passwords import LONGEST, SHORTEST, PasswordProblem
from app.authenticators.phone import PhoneProblem
from app.authenticators.throttle import Disabled, Wait
from app.credential_service.flows.answers import Answer, Check
from app.delivery.ports import Reason
from app.web.filters import clock_time


def wait_words(wait: Wait) -> str:
    """Too much was tried or sent."""
    return gettext("There were too many attempts. Wait until %(time)s, then try again", time=clock_time(wait.until))


def send_words(wait: Wait) -> str:
    """A code cannot be sent yet."""
    return gettext("A code was sent a moment ago. You can ask for another at %(time)s", time=seconds_time(wait))


def seconds_time(wait: Wait) -> str:
    """The time of day to the second, since the wait may be ten seconds."""
    return wait.until.strftime("%H:%M:%S UTC")


def code_words(answer: Answer, source: str) -> str:
    """A code was refused; `source` says where the person finds it: mail, phone, app or recovery."""
    if isinstance(answer, Wait):
        return wait_words(answer)
    if isinstance(answer, Disabled):
        return gettext("There were too many wrong answers, so this way does not work any more. Choose another way")
    words = {
        Check.WRONG: gettext("The code is not right. Check it and type it again"),
        Check.EXPIRED: gettext("The code is too old. Ask for a new one"),
        Check.UNREADABLE: _expected(source),
        Check.TAKEN: gettext("There is an account with your e-mail address by now. Sign in instead"),
        Check.GONE: gettext("There is no code to compare with. Ask for a new one"),
    }
    return words[answer]


def _expected(source: str) -> str:
    return {
        "mail": gettext("Enter the 6-digit code from the mail"),
        "phone": gettext("Enter the 6-digit code that we sent to your phone"),
        "app": gettext("Enter the 6-digit code that your authenticator app shows"),
        "recovery": gettext("Enter a recovery code: 16 letters and digits, such as AB12-CD34-EF56-GH78"),
    }[source]


def passkey_words(answer: Answer) -> str:
    """A passkey's answer was refused, or never came."""
    if answer is Check.UNREADABLE:
        return gettext("No passkey was used. A passkey needs JavaScript; without it, choose another way")
    if answer in (Check.WRONG, Check.EXPIRED, Check.GONE):
        return gettext("This passkey could not be used. Try again, or choose another way")
    return code_words(answer, "app")


def password_words(problem: PasswordProblem) -> str:
    """Why a new password is refused (SP 800-63B-4 §3.1.1.2 asks that it be said)."""
    return {
        PasswordProblem.TOO_SHORT: gettext("Use %(count)s characters or more", count=SHORTEST),
        PasswordProblem.TOO_LONG: gettext("Use %(count)s characters or fewer", count=LONGEST),
        PasswordProblem.OWN_WORD: gettext("Choose a password that is not part of your e-mail address"),
        PasswordProblem.SERVICE_WORD: gettext("Choose a password that is not the name of this service"),
        PasswordProblem.REPEATED: gettext("Choose a password that does not repeat the same few characters"),
        PasswordProblem.SEQUENCE: gettext("Choose a password that is not a row of the alphabet or the keyboard"),
        PasswordProblem.COMMON: gettext("This password is on the lists that attackers try first. Choose another one"),
    }[problem]


def phone_words(problem: PhoneProblem) -> str:
    """Why a telephone number is refused."""
    return {
        PhoneProblem.UNKNOWN_COUNTRY: gettext("We do not know this country code. Check the number"),
        PhoneProblem.NOT_A_NUMBER: gettext("Enter a phone number, such as +41 79 123 45 67"),
        PhoneProblem.TOO_SHORT: gettext("The number is too short. Enter all its digits"),
        PhoneProblem.TOO_LONG: gettext("The number is too long. Check its digits"),
        PhoneProblem.IMPOSSIBLE: gettext("There is no such number in this country. Check its digits"),
        PhoneProblem.EXTENSION: gettext("Enter a number without an extension: we cannot dial extensions"),
        PhoneProblem.PREMIUM_RATE: gettext("We do not call numbers that cost extra. Enter an ordinary number"),
        PhoneProblem.NOT_A_PERSONS: gettext("Enter the number of a phone that is yours, not of a service"),
    }[problem]


def delivery_words(reason: Reason) -> str:
    """Why the last code did not arrive, and what to do instead."""
    return {
        Reason.LANDLINE: gettext("This number is a landline and cannot get texts. Ask us to call it instead."),
        Reason.OPTED_OUT: gettext("This number has asked to get no texts. Ask us to call it instead."),
        Reason.VOICE_UNSUPPORTED: gettext("This number cannot be called. Ask us to send a text instead."),
        Reason.REGION_UNSUPPORTED: gettext("We cannot send codes to this country. Choose another way."),
        Reason.UNREACHABLE: gettext("This number cannot be reached. Check it, or choose another way."),
    }.get(reason, gettext("The code could not be delivered. Ask for a new one, or choose another way."))
