"""Error pages: every refusal and every fault becomes a page with its public code and the request's id."""

import logging
import traceback
from collections.abc import Callable

from flask import Flask, Response, g
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from app.domain.errors import (
    BAD_REQUEST,
    BROKEN,
    FORBIDDEN,
    NOT_FOUND,
    TOO_LARGE,
    TOO_MANY,
    WRONG_METHOD,
    Refusal,
    Refused,
)
from app.web.htmx import page, wants_fragment

log = logging.getLogger(__name__)

BY_STATUS = {403: FORBIDDEN, 404: NOT_FOUND, 405: WRONG_METHOD, 413: TOO_LARGE, 429: TOO_MANY}

Listener = Callable[[Refusal], None]


def install(app: Flask, listener: Listener | None = None) -> None:
    """Answer refusals, HTTP errors and faults with pages; tell `listener` (the audit record) of each refusal."""

    def refused(error: Refused) -> Response:
        return refusal_page(error.refusal, error.retry_after)

    def http_error(error: HTTPException) -> Response:
        if error.code is not None and error.code < 400:
            return error.get_response()  # type: ignore[return-value]
        response = refusal_page(BY_STATUS.get(error.code or 500, BAD_REQUEST if (error.code or 500) < 500 else BROKEN))
        if error.code == 405 and (allow := error.get_response().headers.get("Allow")):
            response.headers["Allow"] = allow
        return response

    def broken(error: Exception) -> Response:
        # Where it happened goes to the log, and never the message: it may hold what the person sent.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("fault in request %s: %s\n%s", g.get("request_id"), type(error).__name__, where)
        return refusal_page(BROKEN)

    def tell(response: Response) -> Response:
        refusal: Refusal | None = g.get("refusal")
        if refusal is not None and listener is not None and not response.is_streamed:
            _tell(listener, refusal)
        return response

    app.register_error_handler(Refused, refused)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, broken)
    app.after_request(tell)


def _tell(listener: Listener, refusal: Refusal) -> None:
    # The answer never depends on whether the record could be written: the database itself may be what is broken.
    try:
        listener(refusal)
    except SQLAlchemyError:
        log.exception("a refusal could not be recorded in request %s", g.get("request_id"))


def refusal_page(refusal: Refusal, retry_after: int | None = None) -> Response:
    """The page of a refusal. Inside an HTMX request it replaces the whole document, never a panel.

    `retry_after`: seconds after which to try again, for the page and for the header of RFC 9110 §10.2.3.
    """
    g.refusal = refusal
    fragment = wants_fragment()
    g.whole_page = True
    response = page(
        f"errors/{refusal.name}.html", refusal.status, refusal=refusal, retry_after=retry_after, errors=False
    )
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    if fragment:
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response
