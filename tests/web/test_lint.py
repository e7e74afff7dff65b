"""Each rule of the lint lets the right thing through and names the wrong one."""

import pytest

from tests.support.html import RULES, lint

GOOD = """<!doctype html><html lang="en"><head><title>Sign in \u2013 QAAMS</title></head><body>
<a href="#main">Skip</a><main id="main"><h1>Sign in</h1><h2>Part</h2>{}</main></body></html>"""
FORM = '<form action="/a" method="post"><input type="hidden" name="csrf_token" value="t">\
<input type="hidden" name="request_key" value="k">{}</form>'


def in_form(inner: str) -> str:
    return FORM.format(inner)


ADMITTED = [
    in_form('<label for="e">E-mail</label><input id="e" type="email" autocomplete="email">'),
    in_form("<label>Name <input></label>"),
    in_form(
        '<input aria-label="Code" autocomplete="one-time-code" aria-invalid="true" aria-describedby="x"><p id="x">E</p>'
    ),
    in_form('<button type="submit" class="primary">Send</button><button type="submit">Other</button>'),
    '<fieldset><legend>How?</legend><input type="radio" id="r"><label for="r">So</label></fieldset>',
    '<form action="/find" method="get"><input aria-label="Find" autocomplete="username webauthn"></form>',
    '<form action="/a" method="get" hx-get="/a"><button type="submit">Go</button></form>',
    '<a href="/b" hx-get="/b">Next</a><script src="/a.js"></script><img src="/a" alt="">',
    '<table><caption>C</caption><tr><th scope="col">H</th></tr></table>',
]

REFUSED = [
    ("<p><div></div></p>", "nest and escape"),
    ("<h1>Again</h1>", "one <h1>"),
    ("<h4>Deep</h4>", "instead of <h4>"),
    ("<h3></h3>", "words into <h3>"),
    ("<input>", "<label for="),
    ('<label for="z"></label><input id="z">', "<label for="),
    ("<textarea></textarea>", "<label for="),
    ('<a href="/x"></a>', "it has no name"),
    ("<a>Here</a>", "href on <a>"),
    ("<button>Go</button>", 'type="submit" or'),
    ('<input type="radio" aria-label="r">', "inside a <fieldset>"),
    ("<fieldset><p>x</p></fieldset>", "<legend>"),
    ('<p id="a"></p><p id="a"></p>', "another id"),
    ('<p id=""></p>', "another id"),
    ('<p aria-describedby="gone">x</p>', 'id="gone"'),
    ('<label for="gone">x</label>', 'id="gone"'),
    ('<a href="#gone">x</a>', 'id="gone"'),
    ('<input aria-label="x" aria-invalid="true">', "aria-describedby with"),
    ('<form method="get"></form>', "an action"),
    ('<form action="/a"></form>', 'method="post"'),
    ('<form action="/a" method="post"><input type="hidden" name="request_key" value="k"></form>', "no csrf_token"),
    ('<form action="/a" method="post"><input type="hidden" name="csrf_token" value="k"></form>', "no request_key"),
    ('<input aria-label="x" autocomplete="e-mail">', "autocomplete token"),
    ('<input aria-label="x" autocomplete="email tel">', "autocomplete token"),
    ("<style>p{}</style>", "style.css"),
    ('<p style="color:red">x</p>', "style.css"),
    ("<script>1</script>", "inline <script>"),
    ('<p onclick="x()">x</p>', "instead of onclick"),
    ('<p hx-on:click="x()">x</p>', "instead of hx-on:click"),
    ('<a href=" javascript:x()">x</a>', "instead of a script"),
    ('<p hx-get="/x">x</p>', "without scripts"),
    (FORM.format("").replace("<form", '<form hx-post="/other"'), "without scripts"),
    (
        in_form('<button type="submit" class="primary">A</button><button type="submit" class="primary">B</button>'),
        "one primary",
    ),
    ('<button type="button" class="primary">A</button>', "as a submit button"),
    ("<table><tr><td>1</td></tr></table>", "<caption>"),
    ("<table><caption>C</caption><tr><th>1</th></tr></table>", 'scope="col"'),
    ('<img src="/x">', 'alt="'),
]


@pytest.mark.parametrize("body", ["<p>Words</p>", *ADMITTED])
def test_right_pages_pass(body: str) -> None:
    assert lint(GOOD.format(body)) == []


@pytest.mark.parametrize(("body", "words"), REFUSED)
def test_wrong_pages_are_told_what_to_write(body: str, words: str) -> None:
    assert [message for message in lint(GOOD.format(body)) if words in message]


@pytest.mark.parametrize(
    ("whole", "words"),
    [
        (GOOD.replace(' lang="en"', ""), "<html lang="),
        (GOOD.replace("<title>Sign in \u2013 QAAMS</title>", ""), "one <title>"),
        (GOOD.replace("Sign in \u2013 QAAMS", ""), "into <title>"),
        (GOOD.replace("<h1>Sign in</h1>", ""), "one <h1>"),
        (GOOD.replace("<h1>Sign in</h1>", ""), "<h1> for 'Part'"),
        (GOOD.replace("<!doctype html>", ""), "expected-doctype"),
    ],
)
def test_wrong_documents_are_told_what_to_write(whole: str, words: str) -> None:
    assert [message for message in lint(whole.format("")) if words in message]


def test_a_fragment_may_lack_what_its_page_has() -> None:
    assert lint('<h2>Part</h2><a href="#main">Up</a>', fragment=True) == []
    assert lint("<title>Next</title><h1>Next</h1>", fragment=True) == []


def test_a_fragment_is_linted_all_the_same() -> None:
    assert lint("<h1>A</h1><h1>B</h1><p><div></div></p>", fragment=True)


def test_every_rule_refuses_something() -> None:
    """A rule that no wrong example sets off would pass for ever."""
    from tests.support.html import Document, html5lib

    wrong = [GOOD.format(body) for body, _ in REFUSED] + ["<p>bare</p>"]
    documents = [Document(html5lib.HTMLParser(namespaceHTMLElements=False).parse(page), False) for page in wrong]
    silent = [rule.__name__ for rule in RULES if not any(list(rule(document)) for document in documents)]
    assert silent == []
