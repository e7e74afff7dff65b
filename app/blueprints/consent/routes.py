"""Read what will be shared, agree or decline; and read a receipt later."""

from flask import Response, abort, make_response, render_template

from app import clock
from app.access.guards import ARRIVING, HOME, SIGNED_IN
from app.access.portal import portal
from app.access.rows import rows
from app.access.session import current
from app.access.stages import current_arrival
from app.blueprints.consent import blueprint
from app.blueprints.consent.forms import ConsentForm, posted_arrival
from app.blueprints.consent.presenters import ConsentPage, consent_page, notice
from app.domain.errors import Refused
from app.flows.identity.agree_to_email import Agreed, agree, decline
from app.flows.identity.return_from_provider import Browser
from app.models.queries.receipts import Receipt, find_receipt
from app.web.browser import browser, key_of, new_token
from app.web.forms import posted_request_key
from app.web.guard import guarded
from app.web.htmx import page
from app.web.redirects import see_other


@blueprint.get("/consent/email")
@guarded(ARRIVING)
def email() -> Response:
    """What will be shared, with whom, why and for how long."""
    return _show(_consent_page())


def _consent_page() -> ConsentPage:
    arrival = current_arrival()
    return consent_page(portal(), arrival) if arrival is not None else abort(404)


def _show(shown: ConsentPage, form: ConsentForm | None = None) -> Response:
    if shown.finished:
        return see_other(HOME)
    form = form or ConsentForm()
    form.offer(shown.emails)
    return page("consent/email.html", 422 if form.errors else 200, form=form, shown=shown)


@blueprint.post("/consent/email")
@guarded(ARRIVING)
def agree_to_email() -> Response:
    """Agree: the account, the receipt and the session begin together."""
    shown, form, token = _consent_page(), ConsentForm.of_request(), new_token()
    form.offer(shown.emails)
    position = 0 if shown.finished else form.chosen()
    if position is None:
        return _show(shown, form)
    outcome = agree(
        rows(),
        portal().keyring,
        Browser(browser().key, key_of(token)),
        Agreed(posted_arrival(), position, posted_request_key()),
        notice,
        clock.now(),
    )
    if outcome.refusal is not None:
        raise Refused(outcome.refusal)
    browser().adopt(token)
    return see_other(HOME)


@blueprint.get("/consent/email/decline")
@guarded(ARRIVING)
def declining() -> Response:
    """What follows from declining, before it is done."""
    shown = _consent_page()
    return see_other(HOME) if shown.finished else page("consent/decline.html", shown=shown)


@blueprint.post("/consent/email/decline")
@guarded(ARRIVING)
def decline_email() -> Response:
    """Decline: nothing is kept. Who has agreed already is past this page."""
    shown = _consent_page()
    if shown.finished:
        return see_other(HOME)
    decline(rows(), browser().key, clock.now())
    return page("consent/declined.html", shown=shown)


@blueprint.get("/consent/receipts/<receipt_id>")
@guarded(SIGNED_IN)
def receipt(receipt_id: str) -> Response:
    """A receipt, to read."""
    found = _own_receipt(receipt_id)
    return page("consent/receipt.html", receipt=found, shared_by=_shared_by(found), signed_in=True)


@blueprint.get("/consent/receipts/<receipt_id>.txt")
@guarded(SIGNED_IN)
def receipt_file(receipt_id: str) -> Response:
    """A receipt, to keep."""
    found = _own_receipt(receipt_id)
    text = render_template("consent/receipt.txt", receipt=found, shared_by=_shared_by(found))
    response = make_response(text)
    response.mimetype = "text/plain"
    response.headers["Content-Disposition"] = f'attachment; filename="qaams-consent-{receipt_id[:8]}.txt"'
    return response


def _own_receipt(receipt_id: str) -> Receipt:
    row = current()
    found = find_receipt(rows(), receipt_id, row.account_id) if row is not None else None
    return found if found is not None else abort(404)


def _shared_by(receipt: Receipt) -> str:
    party = portal().parties.get(receipt.provider)
    return party.config.label if party is not None else receipt.provider
