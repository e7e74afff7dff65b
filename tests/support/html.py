"""Reads a page as strictly as the standard allows and says what to write instead of what it finds.

`lint(html)` is for whole pages, `lint(html, fragment=True)` for what HTMX swaps in. Each rule is a function of the
parsed document; none knows what the page is about.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from xml.etree.ElementTree import Element

import html5lib

REFERENCES = ("aria-controls", "aria-describedby", "aria-details", "aria-errormessage", "aria-labelledby", "aria-owns")
UNLABELLED_TYPES = frozenset({"hidden", "submit", "button", "image", "reset"})
HX_REQUESTS = ("get", "post", "put", "patch", "delete")
# Parts of the layout that a fragment may point at although it does not bring them.
LAYOUT_IDS = frozenset({"main", "status"})
# fmt: off
AUTOCOMPLETE = frozenset({
    "name", "honorific-prefix", "given-name", "additional-name", "family-name", "honorific-suffix", "nickname",
    "username", "new-password", "current-password", "one-time-code", "organization-title", "organization",
    "street-address", "address-line1", "address-line2", "address-line3", "address-level1", "address-level2",
    "address-level3", "address-level4", "country", "country-name", "postal-code", "language", "bday", "bday-day",
    "bday-month", "bday-year", "sex", "url", "photo", "tel", "tel-country-code", "tel-national", "tel-area-code",
    "tel-local", "tel-extension", "email",
})
# fmt: on
AUTOCOMPLETE_PREFIXES = frozenset({"shipping", "billing", "home", "work", "mobile"})
HEADING = re.compile(r"h[1-6]")
UNSAFE_ADDRESS = re.compile(r"\s*(javascript|vbscript):", re.IGNORECASE)


@dataclass(frozen=True)
class Document:
    """A parsed page or fragment."""

    root: Element
    fragment: bool

    @cached_property
    def elements(self) -> list[Element]:
        """Every element, in the order of the page."""
        return [element for element in self.root.iter() if isinstance(element.tag, str)]

    @cached_property
    def parents(self) -> dict[Element, Element]:
        """Each element's parent."""
        return {child: parent for parent in self.elements for child in parent}

    @cached_property
    def ids(self) -> Counter[str]:
        """How often each id is used."""
        return Counter(element.get("id", "") for element in self.elements if "id" in element.attrib)

    def all(self, *tags: str) -> list[Element]:
        """The elements with one of these names."""
        return [element for element in self.elements if element.tag in tags]

    def inside(self, element: Element, tag: str) -> bool:
        """Whether an element stands in one with this name."""
        parent = self.parents.get(element)
        return parent is not None and (parent.tag == tag or self.inside(parent, tag))

    def has_id(self, name: str) -> bool:
        """Whether something on the page answers to an id."""
        return name in self.ids or (self.fragment and name in LAYOUT_IDS)


Rule = Callable[[Document], Iterator[str]]


def lint(html: str, *, fragment: bool = False) -> list[str]:
    """What is wrong with the page, one sentence each; an empty list when nothing is."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parseFragment(html, container="main") if fragment else parser.parse(html)
    found = [_parse_error(error) for error in parser.errors]
    document = Document(root, fragment)
    return found + [message for rule in RULES for message in rule(document)]


def _parse_error(error: tuple[tuple[int, int], str, dict[str, str]]) -> str:
    (line, column), code, details = error
    about = f" ({', '.join(map(str, details.values()))})" if details else ""
    return f"line {line}, column {column}: {code}{about}. Close, nest and escape as the HTML standard says."


def describe(element: Element) -> str:
    """An element as a person would point at it."""
    marks = "".join(f' {key}="{element.get(key)}"' for key in ("id", "name", "href", "action") if element.get(key))
    return f"<{element.tag}{marks}>"


def text_of(element: Element) -> str:
    """The words inside an element, with the alternatives of pictures."""
    words = [*element.itertext(), *(image.get("alt", "") for image in element.iter("img"))]
    return " ".join(" ".join(words).split())


def has_language(document: Document) -> Iterator[str]:
    """WCAG 3.1.1."""
    if not document.fragment and not document.root.get("lang"):
        yield 'Write <html lang="…"> with the language of the page.'


def has_title(document: Document) -> Iterator[str]:
    """WCAG 2.4.2. In a fragment the title is HTMX's to take over, and may be missing."""
    titles = [title for title in document.all("title") if not document.inside(title, "svg")]
    if len(titles) > 1 or (not titles and not document.fragment):
        yield f"Write one <title>; there are {len(titles)}."
    for title in titles:
        if not text_of(title):
            yield "Write the heading, the step and the service into <title>; it is empty."


def has_one_main_heading(document: Document) -> Iterator[str]:
    """One page, one heading."""
    count = len(document.all("h1"))
    if count > 1 or (count == 0 and not document.fragment):
        yield f"Write one <h1> a page; there are {count}."


def keeps_headings_in_order(document: Document) -> Iterator[str]:
    """No level is left out on the way down."""
    before = None if document.fragment else 0
    for heading in [element for element in document.elements if HEADING.fullmatch(element.tag)]:
        level = int(heading.tag[1])
        if before is not None and level > before + 1:
            yield f"Write <h{before + 1}> for '{text_of(heading)}' instead of <h{level}>: a level is left out."
        before = level
        if not text_of(heading):
            yield f"Write words into <{heading.tag}>; it is empty."


def labels_every_control(document: Document) -> Iterator[str]:
    """WCAG 1.3.1, 4.1.2."""
    labelled = {label.get("for") for label in document.all("label") if text_of(label)}
    for control in document.all("input", "select", "textarea", "progress", "meter"):
        if control.tag == "input" and control.get("type", "text") in UNLABELLED_TYPES:
            continue
        named = control.get("aria-label") or control.get("aria-labelledby")
        if not (named or control.get("id") in labelled or document.inside(control, "label")):
            yield f'Write <label for="{control.get("id", "…")}"> with words for {describe(control)}.'


def names_links_and_buttons(document: Document) -> Iterator[str]:
    """WCAG 2.4.4, 4.1.2. A button without a type submits by accident."""
    for element in document.all("a", "button", "summary"):
        if not (text_of(element) or element.get("aria-label") or element.get("aria-labelledby")):
            yield f"Write words into {describe(element)}; it has no name."
        if element.tag == "a" and not element.get("href"):
            yield f"Write an href on <a>{text_of(element)}</a>, or a <button>."
        if element.tag == "button" and element.get("type") not in ("submit", "button", "reset"):
            yield f'Write type="submit" or type="button" on <button>{text_of(element)}</button>.'


def groups_radio_buttons(document: Document) -> Iterator[str]:
    """Options are read with their question."""
    for element in document.all("input"):
        if element.get("type") == "radio" and not document.inside(element, "fieldset"):
            yield f"Write {describe(element)} inside a <fieldset> with a <legend>."
    for fieldset in document.all("fieldset"):
        legend = fieldset.find("legend")
        if legend is None or not text_of(legend):
            yield f"Write a <legend> with words first in {describe(fieldset)}."


def uses_ids_once(document: Document) -> Iterator[str]:
    """Labels and links find one element."""
    for name, count in document.ids.items():
        if count > 1 or not name or re.search(r"\s", name):
            yield f'Write another id than "{name}": it is empty, has blanks, or is used {count} times.'


def resolves_references(document: Document) -> Iterator[str]:
    """What points at an id points at something."""
    for element in document.elements:
        pointers = {name: element.get(name, "").split() for name in REFERENCES if name in element.attrib}
        for name, tags in (("for", ("label", "output")), ("list", ("input",)), ("form", ("button", "input"))):
            if element.tag in tags and name in element.attrib:
                pointers[name] = [element.get(name, "")]
        address = element.get("href", "")
        if element.tag == "a" and address.startswith("#"):
            pointers["href"] = [address[1:]]
        for name, targets in pointers.items():
            for target in [target for target in targets if not document.has_id(target)] or ([] if targets else [""]):
                yield f'Write an element with id="{target}", or take {name} off {describe(element)}.'


def describes_refused_controls(document: Document) -> Iterator[str]:
    """WCAG 3.3.1: a refused answer says why."""
    for element in document.elements:
        if element.get("aria-invalid") == "true" and not element.get("aria-describedby"):
            yield f"Write aria-describedby with the id of its error on {describe(element)}."


def completes_forms(document: Document) -> Iterator[str]:
    """Forms work without scripts, and unsafe ones carry their token and their key."""
    for form in document.all("form"):
        method = form.get("method", "").lower()
        if not form.get("action"):
            yield "Write an action on <form>: without scripts it must go somewhere."
        if method not in ("get", "post", "dialog"):
            yield f'Write method="post" or method="get" on {describe(form)}.'
        hidden = {
            field.get("name") for field in form.iter("input") if field.get("type") == "hidden" and field.get("value")
        }
        for name in ("csrf_token", "request_key"):
            if method == "post" and name not in hidden:
                yield f"Write {describe(form)} with the form macro: it has no {name}."


def knows_autocomplete_tokens(document: Document) -> Iterator[str]:
    """WCAG 1.3.5, and the HTML standard's list."""
    for element in document.all("input", "select", "textarea"):
        words = element.get("autocomplete", "off").lower().split()
        if words in (["off"], ["on"]):
            continue
        tokens = [word for word in words if word not in AUTOCOMPLETE_PREFIXES and word != "webauthn"]
        if len(tokens) != 1 or tokens[0] not in AUTOCOMPLETE:
            yield f'Write an autocomplete token of the standard instead of "{" ".join(words)}" on {describe(element)}.'


def keeps_scripts_and_styles_out(document: Document) -> Iterator[str]:
    """The content security policy refuses them, so they would be dead."""
    for element in document.elements:
        if element.tag == "style" or "style" in element.attrib:
            yield f"Write a class in style.css instead of a style on {describe(element)}."
        if element.tag == "script" and not element.get("src"):
            yield "Write a file under static/js instead of an inline <script>."
        for name, value in element.attrib.items():
            if name.startswith(("on", "hx-on", "data-hx-on")):
                yield f"Write a listener in static/js instead of {name} on {describe(element)}."
            if name in ("href", "action", "formaction", "src") and UNSAFE_ADDRESS.match(value):
                yield f"Write an address instead of a script in {name} of {describe(element)}."


def works_without_htmx(document: Document) -> Iterator[str]:
    """Each hx- request stands on a link or form that does the same."""
    for element in document.elements:
        for verb in HX_REQUESTS:
            path = element.get(f"hx-{verb}")
            if path is None:
                continue
            form = element.tag == "form" and element.get("action") == path and element.get("method") == verb
            link = verb == "get" and element.tag == "a" and element.get("href") == path
            field = document.inside(element, "form") and element.tag in ("input", "select", "textarea")
            if not (form or link or field):
                yield f"Write {describe(element)} as a form or link that goes to {path} without scripts."


def has_one_primary_button(document: Document) -> Iterator[str]:
    """One decision a page."""
    primary = [button for button in document.all("button") if "primary" in button.get("class", "").split()]
    if len(primary) > 1:
        yield f"Write one primary button; there are {len(primary)}. Make the others secondary."
    for button in primary:
        if button.get("type") != "submit":
            yield f"Write the primary button <button>{text_of(button)}</button> as a submit button."


def explains_tables_and_pictures(document: Document) -> Iterator[str]:
    """WCAG 1.1.1, 1.3.1."""
    for table in document.all("table"):
        if table.find("caption") is None:
            yield "Write a <caption> first in each <table>."
    for header in document.all("th"):
        if header.get("scope") not in ("col", "row", "colgroup", "rowgroup"):
            yield f'Write scope="col" or scope="row" on <th>{text_of(header)}</th>.'
    for image in document.all("img"):
        if "alt" not in image.attrib:
            yield f'Write alt="…" on {describe(image)}; alt="" when it only decorates.'


RULES: tuple[Rule, ...] = (
    has_language,
    has_title,
    has_one_main_heading,
    keeps_headings_in_order,
    labels_every_control,
    names_links_and_buttons,
    groups_radio_buttons,
    uses_ids_once,
    resolves_references,
    describes_refused_controls,
    completes_forms,
    knows_autocomplete_tokens,
    keeps_scripts_and_styles_out,
    works_without_htmx,
    has_one_primary_button,
    explains_tables_and_pictures,
)
