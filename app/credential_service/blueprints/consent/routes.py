"""Read what would be shared; agree or decline."""

from flask import Response, request

from app import clock
from app.credential_service.blueprints import journey
from app.credential_service.blueprints.consent import blueprint
from app.credential_service.blueprints.consent.forms import ConsentForm
from app.credential_service.blueprints.consent.presenters import show
from app.credential_service.context import service
from app.credential_service.errors import INTERACTION_OVER
from app.credential_service.flows.consents import addresses
from app.credential_service.flows.grants import Choice, Waiting, answer
from app.credential_service.flows.interactions import AskConsent, next_step
from app.credential_service.flows.requests import RedirectedError
from app.credential_service.session import current
from app.credential_service.store.base import store
from app.domain.errors import BAD_REQUEST, Refused
from app.storage.unit_of_work import unit_of_work
from app.web.browser import browser
from app.web.forms import posted_request_key
from app.web.guard import Guard, guarded
from app.web.redirects import see_other

WAITING = Guard("waiting request", reason="opens only in the browser in which the request waits")


@blueprint.get("/consent")
@guarded(WAITING)
def consent() -> Response:
    """The page, or where the person has to be instead."""
    if not request.args.get("i"):
        raise Refused(INTERACTION_OVER)
    return journey.proceed(request.args["i"])


@blueprint.post("/consent")
@guarded(WAITING)
def answer_consent() -> Response:
    """The person's answer goes to the relying party; another origin, hence 303 and a plain form."""
    waiting, agreed, form = request.form.get("i", ""), _decision(), ConsentForm.of_request()
    found = current()
    form.offer(addresses(store.session(), found.account_id) if found is not None else [], None)
    email_id = form.chosen() if agreed and found is not None else None
    if form.errors:
        return _refuse(waiting, form)
    choice = Choice(agreed, email_id, posted_request_key())
    try:
        with unit_of_work(store.session()) as work:
            result = answer(service(), work, waiting, browser().key, found, choice, clock.now())
    except RedirectedError as refused:
        return see_other(refused.url(service().issuer))
    return journey.go_to_step(result) if isinstance(result, Waiting) else see_other(result)


def _decision() -> bool:
    decision = request.form.get("decision")
    if decision not in ("agree", "decline"):
        raise Refused(BAD_REQUEST)
    return decision == "agree"


def _refuse(waiting: str, form: ConsentForm) -> Response:
    step = next_step(store.session(), waiting, browser().key, current(), clock.now())
    if not isinstance(step, AskConsent):
        return journey.proceed(waiting)
    journey.allow_return(waiting)
    return show(waiting, step, form)
