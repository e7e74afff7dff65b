"""The base of all forms: WTForms over the request, with our words for its own refusals and trimmed text.

Tokens against forgery and idempotency keys are not fields of a form: the form macro writes them and the guard layer
and the flows read them, so no form can forget them.
"""

from typing import Any, Self

from flask import request
from flask_babel import gettext, lazy_gettext, ngettext
from wtforms import Form as WtForm

REQUEST_KEY = "request_key"
LONGEST_REQUEST_KEY = 64
# WTForms' own refusals that a form of ours can show. They stand in no file of ours, so translators meet them here.
FOREIGN_WORDS = (lazy_gettext("Not a valid choice."),)


class _Translations:
    """Hands WTForms' own messages to Flask-Babel."""

    def gettext(self, text: str) -> str:
        return str(gettext(text))

    def ngettext(self, one: str, many: str, number: int) -> str:
        return str(ngettext(one, many, number))


class Form(WtForm):
    """A form of ours."""

    class Meta:
        """WTForms' settings."""

        def get_translations(self, form: WtForm) -> _Translations:
            """Words come from Flask-Babel."""
            return _Translations()

        def bind_field(self, form: WtForm, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Text is trimmed, passwords are not."""
            if unbound_field.field_class.__name__ != "PasswordField":
                options.setdefault("filters", (trim,))
            return unbound_field.bind(form=form, **options)

    @classmethod
    def of_request(cls, **defaults: Any) -> Self:
        """The form with what was posted, or with `defaults` on a GET."""
        return cls(request.form if request.method == "POST" else None, **defaults)

    def refuse(self, field: str, message: str) -> None:
        """Put an error on a field after the form itself was in order."""
        self[field].errors = [*self[field].errors, message]


def trim(value: Any) -> Any:
    """Text without the blanks around it; anything else as it is."""
    return value.strip() if isinstance(value, str) else value


def posted_request_key() -> str:
    """The idempotency key of the posted form; empty where there is none."""
    return request.form.get(REQUEST_KEY, "")[:LONGEST_REQUEST_KEY]
