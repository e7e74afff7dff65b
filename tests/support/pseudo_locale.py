"""A language that nobody speaks: every word accented, so that a plain word on a page never met gettext.

Words come from the source by `babel.cfg`, as a translator's would. What may stay plain is data, and the tests name it.
"""

import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from flask import Flask

ROOT = Path(__file__).resolve().parent.parent.parent
# A language with dates written as in English, so that its months need no list here.
LOCALE = "en_AU"
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "lazy_ngettext": (1, 2), "lazy_pgettext": ((1, "c"), 2)}
# fmt: off
ACCENTED = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "ÅƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçđéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž",
)
# fmt: on
PLACEHOLDER = re.compile(r"(%\(\w+\)[sd]|%%|&\w+;|<[^>]*>)")
PLAIN_WORD = re.compile(r"[A-Za-z]{2,}")
# What is read out or shown besides the text itself. Other attributes are the machine's.
WORDY = frozenset(
    {"aria-label", "aria-description", "aria-valuetext", "aria-roledescription", "alt", "placeholder", "title"}
)
MACHINE_DATA = frozenset(
    {"data-passkey", "data-options", "data-count", "data-warn-in", "data-end-in", "data-ended", "data-conditional"}
)
UNSEEN = frozenset({"script", "style", "template"})
MONTHS = "January February March April May June July August September October November December UTC"


def pseudo(text: str) -> str:
    """The text in the language: accented and bracketed, its placeholders as they are."""
    parts = PLACEHOLDER.split(text)
    return "⟦" + "".join(part if index % 2 else part.translate(ACCENTED) for index, part in enumerate(parts)) + "⟧"


@cache
def catalogue() -> bytes:
    """The language's compiled catalogue, with every word that the source marks."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    made = Catalog(locale=LOCALE)
    for _, _, message, _, context in extract_from_dir(ROOT, methods, options, KEYWORDS, directory_filter=_is_source):
        words = tuple(map(pseudo, message)) if isinstance(message, tuple) else pseudo(message)
        made.add(message, words, context=context)
    compiled = BytesIO()
    write_mo(compiled, made)
    return compiled.getvalue()


def _is_source(folder: str | Path) -> bool:
    return Path(folder).name not in {"node_modules", "tests", "instance", "tools", "static"} and not Path(
        folder
    ).name.startswith((".", "_"))


def speak(app: Flask, folder: Path) -> None:
    """Let the app answer in the language from now on."""
    file = folder / LOCALE / "LC_MESSAGES" / "messages.mo"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(catalogue())
    babel = app.extensions["babel"]
    babel.translation_directories, babel.default_locale = [str(folder)], LOCALE


def plain_words(html: str, data: tuple[str, ...] = ()) -> list[str]:
    """The texts of a page or fragment that hold plain words, once `data` (regular expressions) is taken out."""
    root = html5lib.parse(html, namespaceHTMLElements=False)
    return [text for text in _texts(root) if is_plain(text, data)]


def is_plain(text: str, data: tuple[str, ...] = ()) -> bool:
    """Whether a text holds a word that is neither of the language nor data."""
    for pattern in (*data, *MONTHS.split(), r"\d\d:\d\d"):
        text = re.sub(rf"(?<![A-Za-z]){pattern}(?![A-Za-z])", "", text)
    return PLAIN_WORD.search(text) is not None


def _texts(element: Element) -> Iterator[str]:
    if not isinstance(element.tag, str) or element.tag in UNSEEN:
        return
    for name, value in element.attrib.items():
        if name in WORDY or (name.startswith("data-") and name not in MACHINE_DATA):
            yield value
    if element.tag == "input" and element.get("type") in {"submit", "button", "reset"}:
        yield element.get("value", "")
    yield element.text or ""
    for child in element:
        yield from _texts(child)
        yield child.tail or ""
