"""Registration: the second step is chosen, set up and proved; the last of these makes the account."""

from collections.abc import Callable
from typing import cast

from flask import Response, request
from flask_babel import gettext

from app.authenticators.phone import PhoneNumber, PhoneProblem, parse
from app.authenticators.throttle import Wait
from app.credential_service import session
from app.credential_service.asking import means
from app.credential_service.blueprints.countries import country_code
from app.credential_service.blueprints.kept import go
from app.credential_service.blueprints.problems import code_words, passkey_words, phone_words, send_words
from app.credential_service.blueprints.register import blueprint, pages
from app.credential_service.blueprints.register.forms import ChannelForm, CodeForm, PasskeyForm, PhoneForm
from app.credential_service.flows import create_account, register_factor
from app.credential_service.flows.answers import Answer, Check
from app.credential_service.flows.create_account import Finished
from app.credential_service.flows.means import Means
from app.credential_service.flows.registrations import Stage
from app.credential_service.flows.sent_codes import PhoneChannel
from app.credential_service.flows.sessions import Renewal
from app.web.browser import browser
from app.web.forms import posted_request_key
from app.web.guard import guarded

SECOND_STEP = pages.at_stage(Stage.SECOND_STEP)
PHONE = "/register/second-step/phone"

Prove = Callable[[Means, str, str, Renewal], Answer | Finished]


@blueprint.get("/register/second-step")
@guarded(SECOND_STEP)
def second_step() -> Response:
    """Ask which second step."""
    return pages.show_second_step()


@blueprint.get(PHONE)
@guarded(SECOND_STEP)
def phone() -> Response:
    """Ask for the number."""
    channel = "voice" if request.args.get("channel") == "voice" else "sms"
    return pages.show_phone(PhoneForm(channel=channel))


@blueprint.post(PHONE)
@guarded(SECOND_STEP)
def give_number() -> Response:
    """Send a code to the number, or say what is wrong with it before anything is sent."""
    form = PhoneForm.of_request()
    number = _number(form) if form.validate() else None
    if number is None:
        return pages.show_phone(form, 422)
    channel = cast(PhoneChannel, form.channel.data)
    sent = register_factor.give_number(means(), browser().key, number, channel, posted_request_key())
    if isinstance(sent, Wait):
        form.refuse("number", send_words(sent))
        return pages.show_phone(form, 422)
    return pages.show_phone_code()


def _number(form: PhoneForm) -> PhoneNumber | None:
    typed, country = form.number.data or "", country_code(form.country.data or "")
    if country is None and not typed.startswith("+"):
        form.refuse("country", gettext("Enter the country of the number, or begin the number with + and its code"))
        return None
    number = parse(typed, country or "US")
    if isinstance(number, PhoneProblem):
        form.refuse("number", phone_words(number))
        return None
    if form.channel.data == "sms" and not number.can_text:
        form.refuse("channel", gettext("This number is a landline, which cannot get texts. Choose a phone call"))
        return None
    return number


@blueprint.get(f"{PHONE}/code")
@guarded(SECOND_STEP)
def phone_code() -> Response:
    """Ask for the code, and say how its sending went."""
    return pages.show_phone_code()


@blueprint.post(f"{PHONE}/send")
@guarded(SECOND_STEP)
def send_phone_code() -> Response:
    """Send a new code, by the channel of the button that was pressed."""
    form = ChannelForm.of_request()
    if not form.validate():
        return go(f"{PHONE}/code")
    channel = cast(PhoneChannel, form.channel.data)
    sent = register_factor.send_again(means(), browser().key, channel, posted_request_key())
    return pages.show_phone_code(not_sent=send_words(sent) if isinstance(sent, Wait) else None)


@blueprint.post(f"{PHONE}/code")
@guarded(SECOND_STEP)
def prove_phone() -> Response:
    """Check the code; the account is made."""
    form = CodeForm.of_request()
    result = _finish(register_factor.prove_phone, form.code.data or "")
    if isinstance(result, Response):
        return result
    form.refuse("code", code_words(result, "phone"))
    return pages.show_phone_code(form, 422)


@blueprint.get("/register/second-step/app")
@guarded(SECOND_STEP)
def app() -> Response:
    """Show the app's secret."""
    return pages.show_app()


@blueprint.post("/register/second-step/app")
@guarded(SECOND_STEP)
def prove_app() -> Response:
    """Check the app's code; the account is made."""
    form = CodeForm.of_request()
    result = _finish(register_factor.prove_app, form.code.data or "")
    if isinstance(result, Response):
        return result
    form.refuse("code", code_words(result, "app"))
    return pages.show_app(form, 422)


@blueprint.get("/register/second-step/passkey")
@guarded(SECOND_STEP)
def passkey() -> Response:
    """Offer to make a passkey."""
    return pages.show_passkey()


@blueprint.post("/register/second-step/passkey")
@guarded(SECOND_STEP)
def prove_passkey() -> Response:
    """Check the new passkey; the account is made."""
    form = PasskeyForm.of_request()
    result = _finish(register_factor.prove_passkey, form.credential.data or "")
    if isinstance(result, Response):
        return result
    form.problem(passkey_words(result))
    return pages.show_passkey(form, 422)


def _finish(prove: Prove, answer: str) -> Response | Answer:
    """The page of the recovery codes, or why there is no account yet."""
    asking, key = means(), browser().key
    renewed = session.renewal(asking.proof(posted_request_key(), answer))
    result: Answer | Finished | None = None
    if pages.current_stage() is Stage.SECOND_STEP:
        result = prove(asking, key, answer, renewed)
    if result is None or (result is Check.GONE and register_factor.ready(asking, key) is None):
        # It is finished: by a POST whose answer was lost, or by the same one a moment ago (a button pressed twice).
        result = create_account.resume(asking, renewed)
    if isinstance(result, Finished):
        session.adopt(renewed, result.session)
        return pages.show_codes(result)
    return pages.show_current() if result is None else result
