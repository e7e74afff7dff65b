"""Sign-in: the second step, by any of the account's ways."""

from typing import cast

from flask import Response, request

from app.authenticators.throttle import Wait
from app.credential_service import session
from app.credential_service.asking import means
from app.credential_service.blueprints import journey
from app.credential_service.blueprints.kept import go, interaction_id
from app.credential_service.blueprints.problems import code_words, passkey_words, send_words
from app.credential_service.blueprints.sign_in import blueprint, pages
from app.credential_service.blueprints.sign_in.forms import RecoveryForm, SecondStepForm, SendForm
from app.credential_service.flows import second_step as flow
from app.credential_service.flows.answers import Answer, Check
from app.credential_service.flows.finish_sign_in import SignedIn, resume
from app.credential_service.flows.sent_codes import PhoneChannel
from app.credential_service.flows.sessions import Renewal
from app.credential_service.flows.sign_ins import RECOVERY, Way, chosen
from app.web.browser import browser
from app.web.forms import posted_request_key
from app.web.guard import guarded

SOURCES = {"phone": "phone", "totp": "app", RECOVERY: "recovery"}


@blueprint.get("/sign-in/second-step")
@guarded(pages.SECOND_STEP)
def second_step() -> Response:
    """The way that was asked for, or the one used last."""
    return pages.show_way(_way(request.args.get("way")) or _way(None))


def _way(way_id: str | None) -> Way | None:
    row = pages.attempt()
    return chosen(means().session, row.account_id or "", way_id) if row is not None else None


@blueprint.get("/sign-in/second-step/ways")
@guarded(pages.SECOND_STEP)
def ways() -> Response:
    """All ways."""
    return pages.show_ways()


@blueprint.post("/sign-in/second-step/send")
@guarded(pages.SECOND_STEP)
def send_code() -> Response:
    """Send a code to a telephone, by the channel of the button that was pressed."""
    form = SendForm.of_request()
    way = _way(form.way.data) if form.validate() else None
    if way is None or way.kind != "phone":
        return go("/sign-in/second-step")
    channel = cast(PhoneChannel, form.channel.data)
    sent = flow.send(means(), browser().key, way, channel, posted_request_key())
    return pages.show_way(way, not_sent=send_words(sent) if isinstance(sent, Wait) else None)


@blueprint.post("/sign-in/second-step")
@guarded(pages.SECOND_STEP)
def take_second_step() -> Response:
    """Check the answer; the session begins."""
    asking, posted = means(), SecondStepForm.of_request()
    answer = posted.credential.data or posted.code.data or ""
    renewed = session.renewal(asking.proof(posted_request_key(), answer))
    way = _way(posted.way.data)
    if way is None and pages.attempt() is not None:
        return pages.show_way(_way(None))
    result = flow.take(asking, browser().key, way, answer, renewed) if way is not None else Check.GONE
    if way is None or (result is Check.GONE and pages.attempt() is None):
        # It is finished: by a POST whose answer was lost, or by the same one a moment ago (a button pressed twice).
        again = resume(asking, renewed)
        return _signed_in(again, renewed) if again is not None else go("/sign-in")
    return _signed_in(result, renewed) if isinstance(result, SignedIn) else _refuse(way, result)


def _signed_in(result: SignedIn, renewed: Renewal) -> Response:
    session.adopt(renewed, result.session)
    return journey.proceed(interaction_id())


def _refuse(way: Way, answer: Answer) -> Response:
    form = RecoveryForm.of_request() if way.kind == RECOVERY else SecondStepForm.of_request()
    if way.kind == "passkey":
        form.problem(passkey_words(answer))
    else:
        form.refuse("code", code_words(answer, SOURCES[way.kind]))
    return pages.show_way(way, form, 422)
