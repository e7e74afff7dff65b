"""Sign-in: the first step, a passkey alone, and signing out."""

from flask import Response
from flask_babel import gettext

from app.authenticators.throttle import Disabled, Wait
from app.credential_service import session
from app.credential_service.asking import means
from app.credential_service.blueprints import journey
from app.credential_service.blueprints.kept import interaction_id, login_hint
from app.credential_service.blueprints.problems import passkey_words, wait_words
from app.credential_service.blueprints.sign_in import blueprint, pages
from app.credential_service.blueprints.sign_in.forms import SecondStepForm, SignInForm
from app.credential_service.context import service
from app.credential_service.flows import passkey_alone, second_step
from app.credential_service.flows import sign_in as first_step
from app.credential_service.flows.answers import Answer, Check
from app.credential_service.flows.finish_sign_in import SignedIn, resume
from app.credential_service.flows.sign_ins import chosen
from app.web.browser import browser
from app.web.forms import posted_request_key
from app.web.guard import PUBLIC, guarded
from app.web.redirects import see_other
from app.web.waiting import ROOM, floor_ms


@blueprint.get("/sign-in")
@guarded(PUBLIC)
def sign_in() -> Response:
    """Ask for address and password; who is signed in and came for nothing else sees the account."""
    if interaction_id() is None and session.current() is not None:
        return see_other("/account")
    return pages.show_sign_in(SignInForm(email=login_hint()))


@blueprint.post("/sign-in")
@guarded(PUBLIC)
def give_password() -> Response:
    """Check them and go on to the second step; a failure is answered no sooner than the floor."""
    form = SignInForm.of_request()
    if not form.validate():
        return pages.show_sign_in(form, 422)
    with ROOM.place() as place:
        answer = first_step.give_password(
            means(), browser().key, form.email.data or "", form.password.data or "", posted_request_key()
        )
        if answer is Check.WRONG:
            # Not who has to wait: that is decided before anybody is looked up, and would fill the room for everybody.
            place.hold(floor_ms(service().settings.failure_floor_ms, None))
    if answer is not Check.RIGHT:
        form.refuse("password", _refusal(answer))
        return pages.show_sign_in(form, 422)
    return _begin_second_step()


def _refusal(answer: Answer) -> str:
    if isinstance(answer, Wait):
        return wait_words(answer)
    if isinstance(answer, Disabled):
        return gettext("There were too many wrong passwords. Sign in with a passkey, or ask for help")
    return gettext("The e-mail address and password do not match. Check both and try again")


def _begin_second_step() -> Response:
    """The page of the way that was used last; a code by text or call is on its way already."""
    asking, row = means(), pages.attempt()
    way = chosen(asking.session, row.account_id or "", None) if row is not None else None
    if way is not None and way.kind == "phone":
        # Not sent when one went out a moment ago: the page then has the button.
        second_step.send(asking, browser().key, way, second_step.channel_of(way), posted_request_key())
    return pages.show_way(way)


@blueprint.post("/sign-in/passkey/begin")
@guarded(PUBLIC)
def begin_passkey() -> Response:
    """Ask for a passkey that says who it is."""
    passkey_alone.ask(means(), browser().key, posted_request_key())
    return pages.show_passkey_alone()


@blueprint.get("/sign-in/passkey")
@guarded(pages.PASSKEY)
def passkey() -> Response:
    """The same page again."""
    return pages.show_passkey_alone()


@blueprint.post("/sign-in/passkey")
@guarded(pages.PASSKEY)
def take_passkey() -> Response:
    """Check the passkey and sign in."""
    form, asking, key = SecondStepForm.of_request(), means(), browser().key
    answer = form.credential.data or ""
    renewed = session.renewal(asking.proof(posted_request_key(), answer))
    with ROOM.place() as place:
        result = passkey_alone.take(asking, key, answer, renewed) if pages.attempt() else resume(asking, renewed)
        if result is Check.WRONG:
            place.hold(floor_ms(service().settings.failure_floor_ms, None))
    if isinstance(result, SignedIn):
        session.adopt(renewed, result.session)
        return journey.proceed(interaction_id())
    form.problem(passkey_words(result or Check.GONE))
    return pages.show_passkey_alone(form, 422)
