"""Every route of the API x every role x {own, sibling, other council, absent, guessed}.

No request reads or writes another council's or household's data (promises.md P16). The routes are
the running application's: a new one is in the matrix by being there, and fails until it has a rule.
"""

import re
from collections import Counter
from contextlib import contextmanager
from itertools import count
from uuid import uuid4

import pytest
from psycopg.pq import Trace

from tests.trust import bodies, reach
from tests.trust.people import COUNCIL, NOTICE, OTHER, ROLES
from web.api import OPERATIONS
from web.operations import Site

_keys = count(1)
WORDS = {"zone": "OT", "number": NOTICE, "outage": "o-1", "property_ref": "nowhere"}
SITE = Site(councils={}, messages=None, sandbox=False, secure_cookies=False)
OF_HOUSEHOLDS = [each for each in OPERATIONS if "{household}" in each.path]
OF_RESIDENTS = [each for each in OF_HOUSEHOLDS if "resident" in each.roles(SITE)]
NO_HOUSEHOLD = "There is no such household here."
LEFT_OUT = frozenset({"zone_stream"})
"""It streams for a second at least: tests/web/test_handhelds.py asks for it."""


def address(operation, council=COUNCIL, **named):
    """The address, with something at each place of it. A part without a word fails here."""
    parts = {"council": council, **WORDS, **named}
    path = re.sub(r"{(\w+)}", lambda part: parts[part[1]], operation.path)
    needed = bodies.smallest(operation.query) if operation.query else {}
    asked = "&".join(f"{name}={value}" for name, value in needed.items())
    return f"{path}?{asked}" if asked else path


def ask(people, operation, token, body=None, council=COUNCIL, **named):
    headers = {"idempotency-key": f"matrix-{next(_keys)}", "content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}".encode("latin-1")
    named.setdefault("household", people.own.id)
    path = address(operation, council, **named)
    if operation.method == "GET":
        return people.served.client.get(path, headers=headers)
    if body is None:
        body = bodies.smallest(operation.body) if operation.body else {}
    return people.served.client.post(path, json=body, headers=headers)


def told(answer):
    """An answer as its bytes and headers, but for the id of the request."""
    own = answer.headers["x-request-id"]
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, headers, answer.text.replace(own, "-")


def refusal(answer):
    return answer.status_code, answer.json()["type"]


def of_roles(operation):
    return operation.roles(SITE) if operation.roles else None


def test_every_route_has_a_rule(served):
    assert reach.nobodys(served.app) == []


def test_no_operation_lets_in_more_than_its_rule():
    for operation in OPERATIONS:
        rule, roles = reach.of_operation(operation), of_roles(operation)
        assert rule is not None, operation.path
        assert (roles is None) == rule.public, operation.path
        assert (roles or frozenset()) <= rule.most, operation.path
        if operation.name in reach.NOT_A_RESIDENTS:
            assert "resident" not in (roles or ()), operation.path


def test_a_resident_reaches_addresses_of_their_household_and_no_other():
    for operation in OPERATIONS:
        roles = of_roles(operation) or frozenset()
        assert "resident" not in roles or "/households/{household}" in operation.path


def test_each_role_is_let_in_or_refused_as_its_operation_says(people):
    for operation in OPERATIONS:
        roles = of_roles(operation)
        for role in ROLES:
            if operation.name in LEFT_OUT and role in (roles or ()):
                continue
            # Nobody's household: what is allowed must change nothing of what other tests look at.
            answer = ask(people, operation, people.tokens[role], household=str(uuid4()))
            what = (operation.name, role, answer.status_code, answer.text[:300])
            assert answer.status_code < 500, what
            if roles is None or role in roles:
                assert answer.status_code not in (401, 403), what
            else:
                assert refusal(answer) == (403, "/problems/not-allowed"), what


def test_nobody_is_let_in_without_a_token_that_is_good_here(people):
    """No token, one that is none, one of another council, and one under another scheme."""
    for operation in OPERATIONS:
        if operation.roles is None:
            continue
        for secret in ("", "plt_guessed", "\xff", people.tokens_elsewhere["staff"]):
            answer = ask(people, operation, secret)
            what = (operation.name, secret[:12], answer.status_code)
            assert refusal(answer) == (401, "/problems/not-signed-in"), what
            assert answer.headers["www-authenticate"] == "Bearer", what


def test_every_role_of_another_council_is_nobody_here(people):
    for operation in OPERATIONS:
        for role in of_roles(operation) or ():
            answer = ask(people, operation, people.tokens_elsewhere[role])
            assert answer.status_code == 401, (operation.name, role)


def test_a_council_that_there_is_not_is_told_before_any_token_is_looked_at(people):
    for operation in OPERATIONS:
        for council in ("atlantis", "STEVENAGE", "stevenage;drop", "pg_catalog", "public"):
            answer = ask(people, operation, people.tokens["staff"], council=council)
            what = (operation.name, council, answer.text)
            assert refusal(answer) == (404, "/problems/not-found"), what


def guesses(people):
    """Ids that are not one's own, in every spelling."""
    own, theirs = people.own.id, people.sibling.id
    return (
        theirs,
        theirs.upper(),
        own.upper(),
        own.replace("-", ""),
        f"{{{own}}}",
        f"urn:uuid:{own}",
        own + "%00",
        own + "%20",
        f"{own}%2F..%2F{theirs}",
        "..%2F" + theirs,
        "%2e%2e",
        "0",
        "1" * 400,
        "null",
        "%F0%9F%92%A9",
        "%ff%fe",
        "'%20or%20'1'='1",
        people.elsewhere.id,
    )


@pytest.mark.parametrize("operation", OF_RESIDENTS, ids=lambda each: each.name)
def test_another_household_is_the_same_bytes_as_none(people, operation):
    mine = ask(people, operation, people.tokens["resident"])
    absent = ask(people, operation, people.tokens["resident"], household=str(uuid4()))
    before = people.version(people.sibling)

    assert mine.status_code not in (401, 403), mine.text
    assert mine.status_code != 404 or mine.json()["detail"] != NO_HOUSEHOLD
    assert refusal(absent) == (404, "/problems/not-found")
    for guess in guesses(people):
        answer = ask(people, operation, people.tokens["resident"], household=guess)
        if answer.status_code == 404 and answer.json()["detail"] != NO_HOUSEHOLD:
            # With a slash in it, it is another address, and nothing is there.
            assert "%2" in guess or "%00" in guess, guess
            continue
        assert told(answer) == told(absent), guess
    assert people.version(people.sibling) == before


@contextmanager
def statements(people, folder):
    """How many statements are sent meanwhile, on every connection of both pools, by libpq's own
    account.
    """
    found, file = Counter(), folder / uuid4().hex
    pools = [(pool, pool.max_size) for pool in (people.own.council.pool, people.own.council.checks)]
    held = [(pool, pool.getconn()) for pool, size in pools for _ in range(size)]
    with file.open("wb") as traced:
        for pool, connection in held:
            connection.pgconn.trace(traced.fileno())
            connection.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
            pool.putconn(connection)
        yield found
        for pool, connection in [(pool, pool.getconn()) for pool, _ in held]:
            connection.pgconn.untrace()
            pool.putconn(connection)
    for line in file.read_text().splitlines():
        sender, _, kind, *_ = line.split("\t")
        if sender == "F" and kind in ("Query", "Execute"):
            found[kind] += 1


def test_another_household_costs_what_none_costs(people, tmp_path):
    """The same statements are run: there is no other time to be measured by a guesser."""
    token = people.tokens["resident"]
    for operation in OF_RESIDENTS:
        costs = []
        for household in (people.sibling.id, str(uuid4()), "no-such-id"):
            with statements(people, tmp_path) as found:
                ask(people, operation, token, household=household)
            costs.append(found)
        assert costs[0].total() > 0
        assert costs[0] == costs[1] == costs[2], operation.name


@pytest.mark.parametrize("operation", OF_HOUSEHOLDS, ids=lambda each: each.name)
def test_a_household_of_another_council_is_the_same_bytes_as_none(people, operation):
    for role in of_roles(operation):
        token = people.tokens[role]
        absent = ask(people, operation, token, household=str(uuid4()))
        theirs = ask(people, operation, token, household=people.elsewhere.id)
        assert told(theirs) == told(absent), role
        assert absent.status_code == 404, (role, absent.text)


def test_a_notice_of_another_council_is_not_there(people):
    staff_elsewhere = people.tokens_elsewhere["staff"]
    for operation in OPERATIONS:
        if "{number}" not in operation.path:
            continue
        body = bodies.smallest(operation.body) if operation.body else None
        theirs, absent = (
            ask(people, operation, staff_elsewhere, body, council=OTHER, number=number)
            for number in (NOTICE, "PCNABSENT1")
        )
        assert told(theirs) == told(absent), operation.name
        assert absent.status_code == 404, (operation.name, absent.text)


def test_an_id_of_the_sibling_in_a_body_is_the_same_bytes_as_none(people):
    """Each text of each command that a resident may send is tried with each id of the sibling's."""
    before = people.version(people.sibling)
    tried = 0
    for operation in OF_RESIDENTS:
        if operation.body is None:
            continue
        for field in bodies.fields_of(operation.body):
            answers = {}
            absent = bodies.with_text(operation.body, field, uuid4().hex[:20])
            for name, each in (("absent", absent), *_with_ids(people, operation, field)):
                if each is None:
                    continue
                answer = ask(people, operation, people.tokens["resident"], each)
                assert answer.status_code in (200, 400, 404, 422), (operation.name, each)
                if answer.status_code != 200:
                    answers[name] = told(answer)
                    tried += 1
            assert len(set(map(repr, answers.values()))) <= 1, (operation.name, field, answers)
    assert people.version(people.sibling) == before
    assert tried > 100, tried


def _with_ids(people, operation, field):
    for each in people.sibling_ids:
        yield each, bodies.with_text(operation.body, field, each)


def test_nothing_of_the_sibling_is_in_any_answer_to_a_resident(people):
    for operation in OF_RESIDENTS:
        answer = ask(people, operation, people.tokens["resident"])
        for canary in people.canaries:
            assert canary not in answer.text, (operation.name, canary)


def test_every_other_method_is_turned_away(people):
    taken = {}
    for operation in OPERATIONS:
        taken.setdefault(operation.path, set()).add(operation.method)
    for operation in OPERATIONS:
        path = address(operation, household=people.own.id)
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - taken[operation.path]:
            answer = people.served.client.request(method, path)
            assert answer.status_code == 405, (operation.name, method, answer.status_code)
            assert set(answer.headers["allow"].split(", ")) >= taken[operation.path]


def test_another_content_type_is_turned_away_by_every_operation(people):
    for operation in OPERATIONS:
        if operation.body is None:
            continue
        role = next(iter(sorted(of_roles(operation) or {"staff"})))
        headers = {
            "authorization": f"Bearer {people.tokens[role]}",
            "idempotency-key": "typed",
            "content-type": "text/plain",
        }
        path = address(operation, household=people.own.id)
        answer = people.served.client.post(path, content=b"{}", headers=headers)
        assert refusal(answer) == (415, "/problems/not-json"), operation.name
