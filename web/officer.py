"""The officer's page: a mark is typed, and the answer is told by words, shape and colour.

Server-rendered, and whole without JavaScript. The mark travels in the form's body, so that it is in
no address, no history and no log.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody
from msgspec import Struct, structs

from ledger.refusals import NotFound, Refused
from ledger.rules.covering import Bay
from ledger.scheme.schema import Scheme
from services.check_batch import TooManyLookups
from services.council import Council
from services.identity.sessions import end_session, find_session
from web import enforcement, forms, installable, problems
from web.access import CHECKERS, Caller, caller_with
from web.asking import CheckRequest
from web.operations import Asked, Site, council_of, set_instant
from web.pages.serving import caller_in, cookie_name
from web.problems import STATUSES, UNAVAILABLE, Wrong
from web.recent import Recent, recent
from web.words import Told, told, zone_name

HERE = Path(__file__).resolve().parent
SIGNED_IN_SECONDS = 12 * 3600
CSP = (
    "default-src 'none'; style-src 'self'; form-action 'self'; img-src 'self';"
    " manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DEVICE = "officer's page"
MARK_MAX, ZONE_MAX = 64, 32
_ERRORS = {
    "vehicle.mark_invalid": "That is no registration mark: 2 to 12 letters and digits.",
    "eligibility.zone": "Choose the zone you are in.",
}
_NO_COUNCIL = {
    "council": "",
    "path": "",
    "heading": "No such council",
    "says": "Check the address of this page.",
    "back": "",
}


class Page(Struct, frozen=True, kw_only=True):
    """One rendering: what the templates are given."""

    template: str
    status: int = 200
    values: dict[str, Any] = {}
    cookies: tuple[Cookie, ...] = ()


class Visit(Struct, frozen=True, kw_only=True):
    """A request for one council's page, with the cookies that came with it."""

    site: Site
    council: Council
    request: Asked

    @property
    def path(self) -> str:
        return f"/{self.council.id}/officer"

    @property
    def scheme(self) -> Scheme:
        return self.council.editions.latest

    @property
    def secret(self) -> str:
        """The token of whoever is signed in on this browser."""
        return self.request.cookies.get("officer", "")

    @property
    def session(self) -> str:
        """The secret of the session that an account's sign-in began on this browser."""
        return self.request.cookies.get(cookie_name(self.site, self.council.id), "")[:100]

    @property
    def cookie(self) -> str:
        """What the forms are bound to: token or session, or before it the browser's own number."""
        return self.secret or self.session or self.request.cookies.get("browser", "")

    def set_cookie(self, key: str, value: str, seconds: int) -> Cookie:
        return Cookie(
            key=key,
            value=value,
            path=self.path,
            max_age=seconds,
            httponly=True,
            samesite="strict",
            secure=self.site.secure_cookies,
        )

    def caller(self) -> Caller:
        """Who is signed in. Raises Wrong `not-signed-in` or `not-allowed`."""
        with self.council.checks.connection() as connection:
            if self.secret:
                at = set_instant(self.council)
                return _checker(caller_with(connection, self.council.schema, self.secret, at))
            now = self.council.now(connection)
            begun = find_session(connection, self.council.schema, self.session, now)
        if begun is None:
            raise Wrong("not-signed-in", "Sign in first.")
        return _checker(caller_in(begun))


Act = Callable[[Visit], Page]


def _checker(caller: Caller) -> Caller:
    if caller.role not in CHECKERS:
        raise Wrong("not-allowed", "This sign-in is not an officer's.")
    return caller


def routes(site: Site) -> list[HTTPRouteHandler]:
    """The page's routes."""

    # Not `sync_to_thread=True`: the framework loses it where one path has two methods.
    @get("/{council:str}/officer", name="officer_page")
    async def shown(request: Asked) -> Response[str]:
        return await sync_to_thread(
            rendered, site, request, lambda visit: blank(visit, visit.caller())
        )

    @post("/{council:str}/officer", name="officer_check", status_code=200)
    async def asked(request: Asked, body: RawBody) -> Response[str]:
        return await sync_to_thread(
            rendered,
            site,
            request,
            lambda visit: answered(visit, visit.caller(), _fields(visit, body)),
        )

    @post("/{council:str}/officer/sign-in", name="officer_in", status_code=200)
    async def signed_in(request: Asked, body: RawBody) -> Response[str]:
        return await sync_to_thread(
            rendered, site, request, lambda visit: sign_in(visit, _fields(visit, body))
        )

    @post("/{council:str}/officer/sign-out", name="officer_out", status_code=200)
    async def signed_out(request: Asked, body: RawBody) -> Response[str]:
        return await sync_to_thread(
            rendered, site, request, lambda visit: sign_out(visit, _fields(visit, body))
        )

    return [shown, asked, signed_in, signed_out, *installable.routes(site)]


def _fields(visit: Visit, body: bytes) -> dict[str, str]:
    fields = forms.read(visit.request, body)
    forms.refuse_forged(visit.request, fields, visit.cookie)
    return fields


def rendered(site: Site, request: Asked, act: Act) -> Response[str]:
    """The page that an act gives; what went wrong is told on a page as well."""
    try:
        council = council_of(site, str(request.path_params["council"]))
    except NotFound:
        return _response(Page(template="message.html", status=404, values=_NO_COUNCIL))
    visit = Visit(site=site, council=council, request=request)
    try:
        page = act(visit)
    except Wrong as wrong:
        page = _turned_away(visit, wrong)
    except TooManyLookups as error:
        page = _turned_away(visit, Wrong("too-many", problems.found(error).detail))
    except UNAVAILABLE:
        page = _unknown(visit)
    return _response(page)


def failed(request: Asked) -> Response[str]:
    """The page for a fault of ours: no answer, and never to be taken for one."""
    says = "Something went wrong on our side. Do not issue a notice on this."
    values = {
        "council": "",
        "path": "",
        "heading": "Unknown",
        "says": says,
        "back": f"/{request.path_params['council']}/officer",
    }
    return _response(Page(template="message.html", status=500, values=values))


def _turned_away(visit: Visit, wrong: Wrong) -> Page:
    if wrong.name == "not-signed-in":
        return sign_in_page(visit, wrong.detail if visit.secret else "")
    status, title = STATUSES[wrong.name]
    values = {**_common(visit), "heading": title, "says": wrong.detail, "back": visit.path}
    return Page(template="message.html", status=status, values=values)


def _unknown(visit: Visit) -> Page:
    """The ledger did not answer: that is not "not covered", and the page says so."""
    result = Told(
        tone="unknown",
        verdict="Unknown",
        mark="",
        zone="",
        sentences=["The ledger did not answer. Try again in a moment."],
        notice="Do not issue a notice on this.",
        plates=[],
        saved_plates=[],
        asked="",
    )
    return _page(visit, status=503, told=result)


def sign_in_page(visit: Visit, error: str = "") -> Page:
    """The ways to sign in. The form for a token is bound to a number of this browser's own."""
    browser = secrets.token_urlsafe(24)
    account = f"/{visit.council.id}/staff/sign-in?to=/officer"
    values = {
        **_common(visit),
        "error": error,
        "proof": forms.proof(visit.session or browser),
        "account": account,
    }
    cookies = (visit.set_cookie("browser", browser, 3600), visit.set_cookie("officer", "", 0))
    return Page(
        template="sign_in.html", status=401 if error else 200, values=values, cookies=cookies
    )


def sign_in(visit: Visit, fields: dict[str, str]) -> Page:
    """Take the token into a cookie, and show the form."""
    secret = fields.get("token", "").strip()
    with visit.council.checks.connection() as connection:
        at = set_instant(visit.council)
        try:
            _checker(caller_with(connection, visit.council.schema, secret, at))
        except Wrong as wrong:
            return sign_in_page(visit, wrong.detail)
        begun = str(int(visit.council.now(connection).timestamp()))
    page = _page(visit, cookie=secret)
    kept = visit.set_cookie("officer", secret, SIGNED_IN_SECONDS)
    since = visit.set_cookie("since", begun, SIGNED_IN_SECONDS)
    return structs.replace(page, cookies=(kept, since, visit.set_cookie("browser", "", 0)))


def sign_out(visit: Visit, fields: dict[str, str]) -> Page:
    """End the session; forget the token on this browser, which may be a shared one."""
    if visit.session:
        with visit.council.checks.connection() as connection:
            now = visit.council.now(connection)
            end_session(connection, visit.council.schema, visit.session, now)
    return sign_in_page(visit)


def blank(visit: Visit, caller: Caller) -> Page:
    """The form, with nothing asked yet but what was asked before."""
    return _page(visit, recent=_recent(visit, caller, None))


def _recent(visit: Visit, caller: Caller, but: int | None) -> list[Recent]:
    """The officer's checks since they signed in here; none where they cannot be read just now.

    What the cookie says is the browser's word: it widens nothing but a list of one's own.
    """
    try:
        with visit.council.checks.connection() as connection:
            now = visit.council.now(connection)
            since = now - timedelta(seconds=SIGNED_IN_SECONDS)
            said = visit.request.cookies.get("since", "")
            if said.isascii() and said.isdigit() and len(said) <= 10:
                since = max(since, datetime.fromtimestamp(int(said), UTC))
            return recent(visit.council, connection, caller.name, since, but)
    except UNAVAILABLE:
        return []


def answered(visit: Visit, caller: Caller, fields: dict[str, str]) -> Page:
    """The form again, with the answer above it."""
    mark, zone = fields.get("mark", "").strip(), fields.get("zone", "").strip()
    bay: Bay = "suspended" if fields.get("suspended") == "yes" else ""
    typed: dict[str, Any] = {
        "mark": mark[:MARK_MAX],
        "zone": zone[:ZONE_MAX],
        "suspended": bool(bay),
    }
    try:
        found = enforcement.answered(
            visit.council, caller, CheckRequest(mark=mark, zone=zone, bay=bay), DEVICE
        )
    except Refused as refused:
        errors = [_ERRORS.get(each.code, each.detail) for each in refused.refusals]
        return _page(visit, status=422, errors=errors, **typed)
    kept = visit.set_cookie("zone", found.zone, 30 * 24 * 3600)
    result = told(found, visit.council.scheme_at(found.at))
    before = _recent(visit, caller, found.receipt)
    page = _page(visit, told=result, recent=before, **{**typed, "mark": ""})
    return structs.replace(page, cookies=(kept,))


def _page(visit: Visit, *, status: int = 200, cookie: str = "", **values: Any) -> Page:
    shown = {
        **_common(visit),
        "proof": forms.proof(cookie or visit.cookie),
        "zones": [(zone.id, zone_name(visit.scheme, zone.id)) for zone in visit.scheme.zones],
        "zone": visit.request.cookies.get("zone", ""),
        "mark": "",
        "suspended": False,
        "told": None,
        "errors": [],
        "recent": [],
        **values,
    }
    return Page(template="officer.html", status=status, values=shown)


def _common(visit: Visit) -> dict[str, Any]:
    return {"council": visit.scheme.council, "path": visit.path}


def _response(page: Page) -> Response[str]:
    return Response(
        content=_templates().get_template(page.template).render(page.values),
        media_type="text/html",
        status_code=page.status,
        cookies=list(page.cookies),
        headers={"content-security-policy": CSP},
    )


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
