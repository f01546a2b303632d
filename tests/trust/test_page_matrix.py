"""Every page x every role x {own, sibling, other council, absent}; and what every form must have.

The pages are those of the registry and their routes the running application's: a new page is in
the matrix by being there. One that lets in more than the rule of its address does is found.

Source: reference/promises.md P16; OWASP ASVS 3.5.1, 4.1.4, 8.2.1, 8.2.2.
"""

import re
from html import unescape
from uuid import uuid4

import pytest

from tests.trust import reach
from tests.trust.people import COUNCIL, ROLES
from web.pages import forms, registry
from web.pages.forms import FIELDS_MAX

PAGES = registry.PAGES
PART = re.compile(r"{(\w+)}")
GUARDED = [each for each in PAGES if each.roles is not None]
OF_RESIDENTS = [each for each in GUARDED if "resident" in each.roles]
NAMING = [each for each in OF_RESIDENTS if set(PART.findall(each.path)) - reach.PUBLIC_WORDS]
PROOF = re.compile(r'(name="(?:proof|key)" value=")[^"]*')
FORM = {"content-type": "application/x-www-form-urlencoded"}
HTML = {"accept": "text/html"}


def address(page, **named):
    """The address, with something at each place of it that is nobody's."""
    return f"/{COUNCIL}" + PART.sub(lambda part: named.get(part[1], "0" * 20), page.path)


def ask(people, page, secret="", method="", path="", fields=None, **sent):
    """Ask for a page, with a session's cookie; a form's proof is the right one unless said."""
    client = people.served.client
    client.cookies.clear()
    browser = "b" * 24
    client.cookies.set("browser", browser)
    if secret:
        client.cookies.set(COUNCIL, secret)
    path, method = path or address(page), method or page.method
    if method != "POST":
        return client.request(method, path, headers=HTML, follow_redirects=False)
    proof = forms.proof(secret or browser, COUNCIL)
    data = {"proof": proof, "key": uuid4().hex, **(fields or {})}
    headers = {**HTML, **sent.pop("headers", {})}
    if not sent:
        sent = {"data": data}
    return client.post(path, headers=headers, follow_redirects=False, **sent)


def seen(answer, *named):
    """What a page says and sends, but for what differs from one showing to the next."""
    text = PROOF.sub(r"\1", unescape(answer.text))
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("x-request-id", "set-cookie", "content-length")
    }
    for each in named:
        text = text.replace(each, "-")
        headers = {name: value.replace(each, "-") for name, value in headers.items()}
    return answer.status_code, headers, text


def signing_in(answer):
    return answer.status_code == 303 and "/sign-in" in answer.headers["location"]


def test_no_page_lets_in_more_than_its_rule():
    for page in PAGES:
        rule = reach.of_page(page)
        assert (page.roles is None) == rule.public, (page.path, page.roles)
        assert (page.roles or frozenset()) <= rule.most, (page.path, page.roles)


def test_no_address_is_two_pages_and_none_hides_the_api():
    """`/api` is no council: nothing of a page may answer for the interface."""
    addresses = [(each.method, PART.sub("{}", each.path)) for each in PAGES]
    assert len(set(addresses)) == len(addresses)


def test_each_role_is_let_in_or_refused_as_its_page_says(people):
    for page in GUARDED:
        for role, secret in people.sessions.items():
            if not secret:
                continue
            answer = ask(people, page, secret)
            what = (page.method, page.path, role, answer.status_code)
            assert answer.status_code < 500, what
            if role in page.roles:
                assert answer.status_code != 403, what
                assert not signing_in(answer), what
            else:
                assert answer.status_code == 403, what
                assert "This is for" in answer.text, what


def test_nobody_sees_a_page_without_a_session_that_is_good_here(people):
    """No cookie, one that is none, one of another council, and an API token in its place."""
    for page in GUARDED:
        role = sorted(page.roles)[0]
        for secret in (
            "",
            "guessed-and-long-enough-to-be-one",
            people.sessions_elsewhere[role],
            people.tokens[role],
        ):
            answer = ask(people, page, secret)
            assert signing_in(answer), (page.method, page.path, secret[:8], answer.status_code)


def test_no_way_to_sign_in_is_sent_out_of_the_council(people):
    for page in GUARDED:
        if page.method == "GET":
            location = ask(people, page).headers["location"]
            assert location.startswith(f"/{COUNCIL}/"), location


def test_a_thing_of_the_sibling_is_the_same_page_as_none(people):
    """Each part of each address of a resident's is tried with each id of the sibling's."""
    before, tried = people.version(people.sibling), 0
    secret = people.sessions["resident"]
    for page in NAMING:
        parts = set(PART.findall(page.path)) - reach.PUBLIC_WORDS
        for part in parts:
            absent = uuid4().hex[:20]
            none = seen(ask(people, page, secret, path=address(page, **{part: absent})), absent)
            assert none[0] in (303, 404, 422), (page.path, none[0])
            for each in people.sibling_ids:
                answer = ask(people, page, secret, path=address(page, **{part: each}))
                assert seen(answer, each) == none, (page.method, page.path, part)
                tried += 1
    assert people.version(people.sibling) == before
    assert tried >= 20, tried


def test_a_thing_of_another_council_is_the_same_page_as_none(people):
    """Staff here, with the ids of a household there, and of a notice that only this one has."""
    tried = 0
    for page in GUARDED:
        role = sorted(page.roles)[0]
        for part in set(PART.findall(page.path)) - reach.PUBLIC_WORDS:
            absent = str(uuid4())
            none = seen(
                ask(people, page, people.sessions[role], path=address(page, **{part: absent})),
                absent,
            )
            for each in (people.elsewhere.id, people.elsewhere.resident):
                path = address(page, **{part: each})
                answer = ask(people, page, people.sessions[role], path=path)
                assert seen(answer, each) == none, (page.method, page.path, part)
                tried += 1
    assert tried >= 20, tried


def test_nothing_of_the_sibling_is_on_any_page_of_a_resident(people):
    secret = people.sessions["resident"]
    for page in PAGES:
        if page.roles is None or "resident" in page.roles:
            answer = ask(people, page, secret)
            for canary in people.canaries:
                assert canary not in answer.text, (page.method, page.path, canary)


@pytest.mark.parametrize(
    "forged",
    [
        {"fields": {"proof": ""}},
        {"fields": {"proof": "0" * 64}},
        {"fields": {"proof": "\u2603"}},
        {"headers": {"sec-fetch-site": "cross-site"}},
        {"headers": {"sec-fetch-site": "same-site"}},
    ],
    ids=["none", "another", "no text", "cross-site", "same-site"],
)
def test_a_form_that_did_not_come_from_our_page_is_turned_away(people, forged):
    for page in PAGES:
        if page.method == "POST":
            secret = people.sessions[sorted(page.roles)[0]] if page.roles else ""
            answer = ask(people, page, secret, **forged)
            assert answer.status_code == 403, (page.path, answer.status_code)


def test_the_proof_of_another_browser_or_council_is_none(people):
    for page in PAGES:
        if page.method != "POST":
            continue
        secret = people.sessions[sorted(page.roles)[0]] if page.roles else ""
        for proof in (
            forms.proof("c" * 24, COUNCIL),
            forms.proof(secret or "b" * 24, "gravesham"),
            forms.proof(people.sessions["staff"] + "x", COUNCIL),
        ):
            answer = ask(people, page, secret, fields={"proof": proof})
            assert answer.status_code == 403, (page.path, answer.status_code)


def test_a_form_of_another_kind_or_too_large_is_turned_away(people):
    for page in PAGES:
        if page.method != "POST":
            continue
        secret = people.sessions[sorted(page.roles)[0]] if page.roles else ""
        many = b"&".join(b"a%d=1" % n for n in range(FIELDS_MAX + 1))
        for content, kind, status in (
            (b'{"proof": "x"}', "application/json", 415),
            (b"proof=x", "text/plain", 415),
            (b"proof=x", "", 415),
            (b"\xff\xfe", FORM["content-type"], 400),
            (b"proof=%00", FORM["content-type"], 400),
            (b"proof=%ff", FORM["content-type"], 400),
            (many, FORM["content-type"], 400),
            (b"--x\r\n", "multipart/form-data; boundary=x", 400),
            (b"proof=" + b"x" * page.bytes_max, FORM["content-type"], 413),
        ):
            answer = ask(people, page, secret, content=content, headers={"content-type": kind})
            what = (page.path, content[:20], kind, answer.status_code)
            assert answer.status_code == status, what


def test_every_other_method_is_turned_away(people):
    taken = {}
    for page in PAGES:
        taken.setdefault(page.path, set()).add(page.method)
    for page in PAGES:
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - taken[page.path]:
            answer = ask(people, page, method=method)
            assert answer.status_code == 405, (page.path, method, answer.status_code)


def test_every_role_is_one_that_can_sign_in_or_has_no_page():
    reached = {role for page in GUARDED for role in page.roles}
    assert reached <= set(ROLES)
