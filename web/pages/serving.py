"""Pages become routes: who is asking, the form that was sent, the answer, and whatever went wrong.

A session's secret is in a cookie of the council's own, HttpOnly and SameSite=Lax, and `__Host-`
where the connection is secure. A browser without one has a number of its own, for the proof that a
form came from our page.
"""

import base64
import binascii
import re
import secrets
from hashlib import sha256
from hmac import compare_digest, new
from time import perf_counter
from typing import Any, cast
from urllib.parse import quote

import msgspec
from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler
from litestar.params import RawBody
from litestar.response import Stream
from msgspec import Struct, structs

from ledger.refusals import NotFound, Refused
from services.council import Council
from services.identity.sessions import GOOD_FOR, Session, end_session, find_session
from web.access import Caller, refuse_roles_but
from web.operations import Asked, Site, council_of, place_of
from web.pages import forms, looks, registry, rendering, static, wording
from web.pages.forms import Form, Mistake, Mistakes
from web.pages.framework import Answer, Download, Inline, Notice, Page, Redirect, View, Visit, Whole
from web.problems import STATUSES, UNAVAILABLE, Wrong, found

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {"content-security-policy": CSP}
# A browser shows an image with styles of its own, and a PDF in no sandbox at all.
_ALONE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; form-action 'none'"
_SHOWN = {
    "image/jpeg": f"{_ALONE}; img-src 'self'; sandbox",
    "image/png": f"{_ALONE}; img-src 'self'; sandbox",
    "application/pdf": f"{_ALONE}; object-src 'self'",
}
_NOTICE_MAX = 1_000


class Browser(Struct, frozen=True, kw_only=True):
    """What a request's cookies hold. `number` is the browser's own, `secret` its session's."""

    number: str
    secret: str
    notice: str

    @property
    def bound(self) -> str:
        """What forms and notices are bound to: the session, or before it the browser."""
        return self.secret or self.number


def routes(site: Site) -> list[HTTPRouteHandler]:
    """The routes of every page, and what they share."""
    return [*(_route(site, each) for each in registry.PAGES), *_shared(site), *static.routes()]


def _route(site: Site, page: Page) -> HTTPRouteHandler:
    path = "/{council:str}" + re.sub(r"{(\w+)}", r"{\1:str}", page.path)

    # Not `sync_to_thread=True`: the framework loses it where one path has two methods.
    async def looked_at(request: Asked) -> Response[Any]:
        return await sync_to_thread(_answered, site, page, request, b"")

    async def sent(request: Asked, body: RawBody) -> Response[Any]:
        return await sync_to_thread(_answered, site, page, request, body)

    if page.method == "GET":
        return get(path, name=page.name)(looked_at)
    return post(path, name=page.name, status_code=200, request_max_body_size=page.bytes_max)(sent)


def _answered(site: Site, page: Page, request: Asked, body: bytes) -> Response[Any]:
    """Council, then session, then form, then role: then the page."""
    cast(dict[str, Any], request.scope)["permit_started"] = perf_counter()
    try:
        council = council_of(site, str(request.path_params["council"]))
    except NotFound:
        return _bare("council.html", 404, {})
    browser = _browser(site, council, request)
    try:
        visit = _visit(site, council, request, page, browser)
    except UNAVAILABLE:
        return _bare("trouble.html", 503, _trouble("unavailable"))
    except Wrong as wrong:
        return _bare("trouble.html", STATUSES[wrong.name][0], _trouble(wrong.name, wrong.detail))
    shown, answer = _asked(page, visit, request, body, browser)
    return _response(shown, answer, browser)


def _asked(
    page: Page, visit: Visit, request: Asked, body: bytes, browser: Browser
) -> tuple[Visit, Answer]:
    """The answer, and the visit that it is shown for: with what was typed, and what is wrong."""
    try:
        if page.method == "POST":
            form = forms.read(request.headers.get("content-type", ""), body)
            from_site = request.headers.get("sec-fetch-site", "")
            visit = structs.replace(visit, form=form)
            forms.refuse_forged(form, browser.bound, visit.council.id, from_site)
        if page.roles is not None:
            if visit.caller is None:
                return visit, _to_sign_in(page, visit, request)
            refuse_roles_but(page.roles, visit.caller)
        return _handled(page, visit)
    except UNAVAILABLE:
        return visit, _trouble_view("unavailable")
    except NotFound as error:
        return visit, _trouble_view("not-found", rendering.not_found(error))
    except Wrong as wrong:
        return visit, _trouble_view(wrong.name, wrong.detail)
    except Exception as error:
        what = found(error)
        if what.name == "fault":
            raise
        return visit, _trouble_view(what.name, what.detail)


def _handled(page: Page, visit: Visit) -> tuple[Visit, Answer]:
    """The handler's answer; what is to be mended shows the form again."""
    try:
        return visit, page.handler(visit)
    except Mistakes as error:
        mistakes = error.mistakes
    except Refused as refused:
        mistakes = tuple(
            Mistake(
                field=page.fields.get(each.code)
                or page.fields.get(each.code.partition(".")[0], ""),
                text=wording.told(each, visit.scheme),
                code=each.code,
            )
            for each in refused.refusals
        )
    visit = structs.replace(visit, mistakes=mistakes)
    if page.again is None:
        return visit, View(template="refused.html", status=422)
    again = page.again(visit)
    return visit, structs.replace(again, status=422) if isinstance(again, View) else again


def _to_sign_in(page: Page, visit: Visit, request: Asked) -> Answer:
    assert page.roles is not None
    signing_in = "/sign-in" if "resident" in page.roles else "/staff/sign-in"
    if page.method == "GET":
        whole = request.url.path.removeprefix(f"/{visit.council.id}")
        return Redirect(to=f"{signing_in}?to={quote(whole)}")
    return Redirect(to=signing_in, notice="Sign in again: you were signed out.", kind="important")


def _visit(site: Site, council: Council, request: Asked, page: Page, browser: Browser) -> Visit:
    query = forms.query(list(request.query_params.multi_items()))
    with council.pool.connection() as connection:
        now = council.now(connection)
        session = None
        if browser.secret:
            session = find_session(connection, council.schema, browser.secret, now)
    return Visit(
        site=site,
        council=council,
        now=now,
        route=page.path,
        params={name: str(value) for name, value in request.path_params.items()},
        query=query,
        form=Form(),
        csrf=forms.proof(browser.bound, council.id),
        place=place_of(site, request),
        browser=browser.number,
        caller=None if session is None else caller_in(session),
        session=session,
        notice=_notice_in(browser),
    )


def caller_in(session: Session) -> Caller:
    """Whose session it is, as access knows callers."""
    return Caller(
        role=session.role,
        name=session.name,
        token_id=session.session_id,
        household_id=session.household_id,
        resident_id=session.resident_id,
        own_household=session.own_household,
    )


def _browser(site: Site, council: Council, request: Asked) -> Browser:
    number = request.cookies.get(cookie_name(site, "browser"), "")
    return Browser(
        number=number if 16 <= len(number) <= 64 else secrets.token_urlsafe(24),
        secret=request.cookies.get(cookie_name(site, council.id), "")[:100],
        notice=request.cookies.get(cookie_name(site, f"{council.id}-notice"), ""),
    )


def cookie_name(site: Site, name: str) -> str:
    """The name of a cookie; a council's id names its session's."""
    return f"__Host-{name}" if site.secure_cookies else name


def _cookie(site: Site, name: str, value: str, seconds: int | None) -> Cookie:
    return Cookie(
        key=cookie_name(site, name),
        value=value,
        path="/",
        max_age=seconds,
        httponly=True,
        samesite="lax",
        secure=site.secure_cookies,
    )


def _response(visit: Visit, answer: Answer, browser: Browser) -> Response[Any]:
    site, council = visit.site, visit.council
    cookies = [_cookie(site, "browser", browser.number, None)]
    match answer:
        case Download():
            named = f'attachment; filename="{answer.file_name}"'
            headers = {**_HEADERS, "content-disposition": named}
            # The framework names the characters of a text itself.
            kind = answer.media_type.partition(";")[0]
            if isinstance(answer.content, bytes):
                return Response(answer.content, media_type=kind, headers=headers)
            return Stream(answer.content, media_type=kind, headers=headers)
        case Whole():
            styles = base64.b64encode(sha256(answer.styles.encode()).digest()).decode()
            csp = f"default-src 'none'; style-src 'sha256-{styles}'; frame-ancestors 'none'"
            headers = {"content-security-policy": csp}
            return Response(content=answer.content, media_type="text/html", headers=headers)
        case Inline():
            return Response(
                content=answer.content,
                media_type=answer.media_type,
                headers={
                    "content-security-policy": _SHOWN[answer.media_type],
                    "content-disposition": "inline",
                    "x-content-type-options": "nosniff",
                },
            )
        case View():
            if browser.notice:
                cookies.append(_cookie(site, f"{council.id}-notice", "", 0))
            return Response(
                content=rendering.page(answer, visit, registry.LINKS),
                media_type="text/html",
                status_code=answer.status,
                cookies=cookies,
                headers=_HEADERS,
            )
    bound = browser.bound
    if answer.session is not None:
        bound = answer.session or browser.number
        seconds = int(GOOD_FOR.total_seconds()) if answer.session else 0
        cookies.append(_cookie(site, council.id, answer.session, seconds))
        if browser.secret and browser.secret != answer.session:
            # A new session, or none: in neither case is the old one good any longer.
            with council.pool.connection() as connection:
                end_session(connection, council.schema, browser.secret, visit.now)
    if answer.notice:
        notice = Notice(text=answer.notice[:_NOTICE_MAX], kind=answer.kind, kept=answer.kept)
        told = _notice_out(notice, bound)
        cookies.append(_cookie(site, f"{council.id}-notice", told, 300))
    return Response(
        content=b"",
        status_code=303,
        cookies=cookies,
        headers={**_HEADERS, "location": visit.at(answer.to)},
    )


def _notice_out(notice: Notice, bound: str) -> str:
    content = base64.urlsafe_b64encode(msgspec.json.encode(notice)).decode()
    return f"{content}.{_signed(content, bound)}"


def _notice_in(browser: Browser) -> Notice | None:
    """The notice of the cookie, where it is one that we wrote for this browser."""
    content, _, signature = browser.notice.partition(".")
    if not content or not compare_digest(
        signature.encode("utf-8", "replace"), _signed(content, browser.bound).encode()
    ):
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(content), type=Notice)
    except (binascii.Error, msgspec.DecodeError):
        return None


def _signed(content: str, bound: str) -> str:
    return new(bound.encode(), f"notice/{content}".encode(), sha256).hexdigest()


_SAID = {
    "not-found": ("Page not found", ""),
    "not-allowed": ("You cannot do that", ""),
    "busy": (
        "Somebody else was faster",
        "The household was being changed at that moment, and nothing was done. Try again.",
    ),
    "too-many": ("Too many tries", "Wait a quarter of an hour, and try again."),
    "too-large": ("That is too large", "The file or the form is larger than what is taken here."),
    "malformed": ("The form cannot be read", ""),
    "invalid": ("The address cannot be read", ""),
    "unavailable": (
        "Sorry, this does not work just now",
        "Nothing you entered was lost on our side, and nothing was done. Try again in a minute.",
    ),
    "fault": (
        "Sorry, something went wrong on our side",
        "It is noted. Look whether what you did is there before you do it again.",
    ),
}


def _trouble(name: str, detail: str = "") -> dict[str, Any]:
    heading, says = _SAID.get(name, ("That did not work", ""))
    return {"heading": heading, "says": says or detail}


def _trouble_view(name: str, detail: str = "") -> View:
    status = next((code for known, (code, _) in STATUSES.items() if known == name), 500)
    return View(template="trouble.html", status=status, values=_trouble(name, detail))


def failed(name: str = "fault") -> Response[str]:
    """The page for a fault of ours, and for an address or a form that no page takes."""
    status = next((code for known, (code, _) in STATUSES.items() if known == name), 500)
    return _bare("trouble.html", status, _trouble(name))


def _bare(template: str, status: int, values: dict[str, Any]) -> Response[str]:
    return Response(
        content=rendering.bare(template, values),
        media_type="text/html",
        status_code=status,
        headers=_HEADERS,
    )


def _shared(site: Site) -> list[HTTPRouteHandler]:
    @get("/", name="page_index", sync_to_thread=False)
    def index() -> Response[str]:
        named = [(each.id, each.editions.latest.council) for each in site.councils.values()]
        named.sort(key=lambda each: each[1])
        return _bare("councils.html", 200, {"councils": named})

    @get("/{council:str}/look.css", name="page_look", sync_to_thread=False)
    def look(request: Asked) -> Response[bytes]:
        council = council_of(site, str(request.path_params["council"]))
        content = looks.css(looks.look_of(council.id, council.editions.latest.council))
        return Response(
            content=content,
            media_type="text/css",
            headers={"cache-control": "public, max-age=3600"},
        )

    return [index, look]
