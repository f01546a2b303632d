"""What a browser asks for each page: every address that the page can have in the bench's council.

The identifiers are those of the households that are asked about; an address that the council
cannot have (a deed of no such permit) is found by asking it once.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import product
from string import Formatter
from urllib.parse import quote, urlencode

from msgspec import Struct

from ledger.calendar import local_date
from ledger.household.state import Household
from scripts.benches.town import Home, Town
from services.identity import sessions, staff
from services.identity.tokens import TokenRole
from web.pages import forms, registry
from web.pages.counter.acting import DEEDS
from web.pages.framework import Page

PEOPLE = 6
"""Members of staff of each role: what one may look up in an hour is limited."""
CANDIDATES_MAX = 160
_STAFF: tuple[staff.StaffRole, ...] = ("staff", "dispute", "auditor", "editor", "approver")
_FORM = {"content-type": "application/x-www-form-urlencoded"}


class Request(Struct, frozen=True, kw_only=True):
    """One request as a browser sends it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


class Asking(Struct, frozen=True, kw_only=True):
    """A page by the name of its figure, and the requests that may be answered with it."""

    name: str
    requests: tuple[Request, ...]


def every(town: Town) -> Iterator[Asking]:
    """Every page that is looked at, and the forms whose answer is a page."""
    people = _People(town)
    for page in registry.PAGES:
        if page.method == "GET":
            for suffix, query in _queries(town, page):
                yield Asking(
                    name=_named(page) + suffix, requests=tuple(_gets(town, people, page, query))
                )
    # The start page is another one for whoever is signed in.
    secrets = people.residents.values()
    yield Asking(name="start.home.resident", requests=_begun(town, secrets))
    yield Asking(name="start.home.staff", requests=_begun(town, people.staff["staff"]))
    yield Asking(name="counter.finding.looked", requests=tuple(_finds(town, people)))
    yield Asking(name="disputes.asking.asked", requests=tuple(_disputed(town, people)))


def _begun(town: Town, secrets: Iterable[str]) -> tuple[Request, ...]:
    root = f"/{town.council.id}"
    return tuple(
        Request(method="GET", path=root, headers={"cookie": f"{town.council.id}={each}"})
        for each in secrets
    )


def smallest(town: Town) -> Asking:
    """The page with least on it, that asks the database for the time alone."""
    path = f"/{town.council.id}/contact"
    return Asking(name="constant", requests=(Request(method="GET", path=path, headers={}),))


def _named(page: Page) -> str:
    module = page.handler.__module__.removeprefix("web.pages.")
    return f"{module}.{page.handler.__name__}"


class _People:
    """Who is signed in: the resident of each home, and some staff of each role; and the homes."""

    def __init__(self, town: Town) -> None:
        council = town.council
        self.households = {home: council.ledger.household(home.household) for home in town.homes}
        self.residents: dict[Home, str] = {}
        self.staff: dict[TokenRole, list[str]] = {}
        with council.pool.connection() as connection:
            at = council.now(connection)
            for home in town.homes:
                self.residents[home] = sessions.begin_session(
                    connection, council.schema, role="resident", name=home.resident, at=at,
                    household_id=str(home.household), resident_id=home.resident,
                )  # fmt: skip
            for role in _STAFF:
                for n in range(PEOPLE):
                    name = f"{role}-{n}"
                    staff.add(connection, council.schema, name=name, role=role, at=at)
                    self.staff.setdefault(role, []).append(
                        sessions.begin_session(
                            connection, council.schema, role=role, name=name, at=at
                        )
                    )


def _gets(town: Town, people: _People, page: Page, query: Mapping[str, str]) -> Iterator[Request]:
    asked = f"?{urlencode(query)}" if query else ""
    made = 0
    for n, home in enumerate(town.homes):
        secret = _secret(people, page, home, n)
        headers = {"cookie": f"{town.council.id}={secret}"} if secret else {}
        for path in _paths(town, page, home, people.households[home]):
            made += 1
            if made > CANDIDATES_MAX:
                return
            yield Request(method="GET", path=f"/{town.council.id}{path}{asked}", headers=headers)


def _secret(people: _People, page: Page, home: Home, turn: int) -> str:
    if page.roles is None:
        return ""
    if "resident" in page.roles:
        return people.residents[home]
    # Those who act see more than those who only read.
    role = next(each for each in ("dispute", "staff", "auditor") if each in page.roles)
    return people.staff[role][turn % PEOPLE]


def _paths(town: Town, page: Page, home: Home, known: Household) -> Iterator[str]:
    named = [name for _, name, _, _ in Formatter().parse(page.path) if name]
    choices = [_choices(town, known, home, name) for name in named]
    for values in product(*choices):
        parts = dict(zip(named, (quote(each) for each in values), strict=True))
        yield page.path.format(**parts)


def _choices(town: Town, known: Household, home: Home, name: str) -> list[str]:
    """What may stand in the address in place of that name."""
    last = 3
    match name:
        case "household":
            return [str(home.household)]
        case "booking":
            return list(known.bookings)[-1:]
        case "visitor":
            return list(known.visitors)[:1]
        case "holding":
            return list(known.holdings)[-last:]
        case "product":
            return [each.id for each in town.council.editions.latest.products]
        case "application":
            return list(known.applications)[-last:]
        case "payment":
            return list(known.payments)[-1:]
        case "deed":
            return [each.slug for each in DEEDS]
        case "subject":
            return [
                *list(known.holdings)[-last:],
                *list(known.bookings)[-1:],
                *list(known.applications)[-last:],
                *list(known.documents)[-1:],
            ]
        case "number":
            return list(town.notices[:last])
        case "case":
            return _cases(town)
        case "outage":
            return [town.outage]
        case "proposal":
            return _proposals(town)
        case _:
            return []


def _cases(town: Town) -> list[str]:
    with town.council.pool.connection() as connection:
        rows = connection.execute(
            f"select c.case_id from {town.council.schema}.dispute_cases c"
            f" join {town.council.schema}.notices n using (notice_id) where n.number = any(%s)",
            (list(town.notices[:3]),),
        ).fetchall()
    return [str(row[0]) for row in rows]


def _proposals(town: Town) -> list[str]:
    with town.council.pool.connection() as connection:
        rows = connection.execute(
            f"select proposal_id from {town.council.schema}.proposals limit 3"
        ).fetchall()
    return [str(row[0]) for row in rows]


def _queries(town: Town, page: Page) -> list[tuple[str, dict[str, str]]]:
    """The questions that one address is asked, by what is added to the name of its figure."""
    match page.path:
        case "/audit/households/{household}/replay":
            return [(".first", {"version": "1"}), (".step", {"version": "40"}), (".last", {})]
        case "/audit/households/{household}/compare":
            return [("", {}), (".told", _three_times(town))]
        case "/visits":
            return [("", {}), (".searched", {"search": "AV64"})]
        case _:
            return [("", {})]


def _three_times(town: Town) -> dict[str, str]:
    today = local_date(datetime.now(UTC), town.council.editions.latest.tz)
    asked: dict[str, str] = {}
    for name, days in (("first", 30), ("second", 1), ("on", 30)):
        on = today - timedelta(days=days)
        parts = {"day": on.day, "month": on.month, "year": on.year}
        asked |= {f"{name}-{part}": str(value) for part, value in parts.items()}
        asked[f"{name}-time"] = "12:00:00"
    return asked


def _posted(town: Town, secret: str, path: str, fields: Mapping[str, str]) -> Request:
    proof = forms.proof(secret, town.council.id)
    return Request(
        method="POST",
        path=f"/{town.council.id}{path}",
        headers={"cookie": f"{town.council.id}={secret}", **_FORM},
        body=urlencode({"proof": proof, "key": "a-key-of-the-bench-0", **fields}).encode(),
    )


def _finds(town: Town, people: _People) -> Iterator[Request]:
    """By a street, which is many households; whoever finds one alone is led to it."""
    for n, typed in enumerate(("park street", "albert", "smith", "1 queen", "sam k", "mill")):
        yield _posted(town, people.staff["staff"][n], "/staff/households", {"typed": typed})


def _disputed(town: Town, people: _People) -> Iterator[Request]:
    scheme = town.council.editions.latest
    now = datetime.now(UTC) - timedelta(days=2)
    on = local_date(now, scheme.tz)
    when = {"at-day": on.day, "at-month": on.month, "at-year": on.year, "at-time": "14:00:00"}
    for n, mark in enumerate(town.marks[:12]):
        fields = {"mark": mark, "zone": scheme.zones[0].id} | {k: str(v) for k, v in when.items()}
        yield _posted(town, people.staff["dispute"][n % PEOPLE], "/disputes", fields)
