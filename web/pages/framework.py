"""What a page is made of: its address, who may see it, and a function from a visit to an answer.

The routes are made from these by `web.pages.serving`; what is registered is in
`web.pages.registry`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Literal, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from ledger.calendar import local_date
from ledger.refusals import NotFound
from ledger.scheme.schema import Scheme
from services.council import Council
from services.identity.sessions import Session
from services.identity.tokens import TokenRole
from web.access import Caller, Roles, household_of
from web.operations import Site
from web.pages.forms import BYTES_MAX, Form, Mistake

Kind = Literal["success", "important"]


class Notice(Struct, frozen=True, kw_only=True):
    """What the page that follows an act says once, at its top.

    `kept` is not said: a text that the next page needs, and that no address should hold.
    """

    text: str
    kind: Kind = "success"
    kept: str = ""


class Visit(Struct, frozen=True, kw_only=True):
    """One request for a page of one council, read and allowed.

    `form` is what was posted, and empty for a page that is only looked at. `mistakes` are what was
    wrong with it, when the form is shown again. `place` is where the request came from, `browser`
    a number that this browser alone has.
    """

    site: Site
    council: Council
    now: datetime
    route: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    form: Form
    csrf: str
    place: str
    browser: str = ""
    caller: Caller | None = None
    session: Session | None = None
    notice: Notice | None = None
    mistakes: tuple[Mistake, ...] = ()

    @property
    def by(self) -> Caller:
        """Who is asking; only for pages that name roles."""
        assert self.caller is not None, "a page without roles has no caller"
        return self.caller

    @property
    def scheme(self) -> Scheme:
        """The edition in force now."""
        return self.council.scheme_at(self.now)

    @property
    def tz(self) -> ZoneInfo:
        return self.scheme.tz

    @property
    def today(self) -> date:
        """The local date."""
        return local_date(self.now, self.tz)

    @property
    def household(self) -> UUID:
        """The household the page is about: the resident's own, else `{household}` of its address.

        Raises NotFound, also for a resident whose address names another.
        """
        asked = self.params.get("household") or self.by.household_id
        if not asked:
            raise NotFound("household")
        return household_of(self.by, asked)

    def at(self, path: str) -> str:
        """The whole path of a page of this council: `at("/bookings")`."""
        return f"/{self.council.id}{path}"


class View(Struct, frozen=True, kw_only=True):
    """A page to show: a file of `web/templates/pages`, and what it is given.

    `back` is the path, within the council, that the link above the page leads to.
    """

    template: str
    values: dict[str, Any] = {}
    status: int = 200
    back: str = ""


class Redirect(Struct, frozen=True, kw_only=True):
    """Where to go after an act (303). `to` is a path within the council.

    `session`: the secret of a session that has begun; "" signs out; None changes nothing. `kept`
    goes to the next page with the notice.
    """

    to: str
    notice: str = ""
    kind: Kind = "success"
    kept: str = ""
    session: str | None = None


class Download(Struct, frozen=True, kw_only=True):
    """A file to keep. Its name is ours, never a visitor's. Parts are sent as they are made."""

    content: bytes | Iterator[bytes]
    media_type: str
    file_name: str


class Whole(Struct, frozen=True, kw_only=True):
    """A page that was made elsewhere, whole by itself: `styles` is the text of its style element,
    and nothing else of it is let do anything.
    """

    content: str
    styles: str


class Inline(Struct, frozen=True, kw_only=True):
    """A file that somebody sent, shown by itself: it can run nothing and reach nothing."""

    content: bytes
    media_type: str


Answer = View | Redirect | Download | Whole | Inline
Handler = Callable[[Visit], Answer]


class Page(Struct, frozen=True, kw_only=True):
    """`path` is within the council, in OpenAPI's spelling. `roles` None: whoever comes.

    `again` shows the form of a POST once more, with its mistakes. `fields` says which field a
    refusal is shown at: by its code, or by its topic. `bytes_max` is for a form with a file.
    """

    method: Literal["GET", "POST"]
    path: str
    roles: Roles | None
    handler: Handler
    again: Handler | None = None
    fields: Mapping[str, str] = {}
    bytes_max: int = BYTES_MAX

    @property
    def name(self) -> str:
        module = self.handler.__module__.removeprefix("web.pages.").replace(".", "_")
        return f"page_{module}_{self.handler.__name__}_{self.method.lower()}"


def get(path: str, roles: Roles | None, handler: Handler) -> Page:
    """A page that is looked at."""
    return Page(method="GET", path=path, roles=roles, handler=handler)


def post(
    path: str,
    roles: Roles | None,
    handler: Handler,
    *,
    again: Handler | None,
    fields: Mapping[str, str] | None = None,
    bytes_max: int = BYTES_MAX,
) -> Page:
    """A form that is sent. `again` None: what is refused is told on a page of its own."""
    return Page(
        method="POST",
        path=path,
        roles=roles,
        handler=handler,
        again=again,
        fields=fields or {},
        bytes_max=bytes_max,
    )


class Link(Struct, frozen=True, kw_only=True):
    """A way to a page, in the navigation and on the start page of those roles.

    No roles: for those who are not signed in. `hint` is a sentence on the start page; `bar` False
    keeps it out of the navigation.
    """

    text: str
    path: str
    roles: Roles
    hint: str = ""
    bar: bool = True


def roles(*named: TokenRole) -> Roles:
    """A set of roles, each spelled as the type knows it."""
    return frozenset(named)


RESIDENT = roles("resident")
STAFF = roles("staff")
DISPUTE = roles("dispute", "staff")
AUDITOR = roles("auditor")
EDITOR = roles("editor", "staff")
EVERYONE: Roles = cast(
    Roles, frozenset({"resident", "staff", "officer", "auditor", "approver", "dispute", "editor"})
)
