"""Who may reach what, said once more and by itself: by the beginning of an address.

The program has its roles at each operation and page. Here is what they may be at most, so that a
route that lets somebody else in, or that nobody has thought about, is found. The first rule that
an address begins with is the one that holds.

Source: reference/promises.md P16; OWASP ASVS 8.2.1, 8.2.2, 8.4.1.
"""

import re
from collections.abc import Iterator

from litestar import Litestar
from msgspec import Struct

from services.identity.tokens import TokenRole
from web.access import Roles
from web.api import OPERATIONS
from web.operations import Operation
from web.pages import registry
from web.pages.framework import Page
from web.pages.static import FILES

API = "/api/v1/{council}"


def of(*roles: TokenRole) -> Roles:
    return frozenset(roles)


CHECKERS = of("officer", "staff", "auditor")
DESK = of("staff", "dispute", "auditor")
OFFICE = of("staff", "auditor", "dispute", "editor", "approver")


class Rule(Struct, frozen=True):
    """`most`: the roles that may be let in. `public`: whoever comes may be."""

    prefix: str
    most: Roles
    public: bool = False


NOBODY_SIGNED_IN = of()
OF_THE_API = (
    Rule(API + "/enforcement/keys", of(), public=True),
    Rule(API + "/enforcement/lookups/officers", of("auditor")),
    Rule(API + "/enforcement/lookups", of("staff", "auditor")),
    Rule(API + "/enforcement/", CHECKERS),
    Rule(API + "/parkkihubi/", CHECKERS),
    Rule(API + "/notices/commands/note_notice", of("staff", "dispute", "officer", "gateway")),
    Rule(API + "/notices", DESK),
    Rule(API + "/cases", DESK),
    Rule(API + "/outages", DESK),
    Rule(API + "/evidence", DESK),
    Rule(API + "/standards/", of("staff", "auditor")),
    Rule(API + "/exceptions", of("auditor")),
    Rule(API + "/households/{household}/commands/observe_permit", of("officer", "staff")),
    Rule(API + "/households/{household}/commands/end_stay", of("officer", "staff", "resident")),
    Rule(API + "/households/{household}/commands/grant_allowance", of("approver", "staff")),
    Rule(API + "/households/{household}/commands/override_eligibility", of("approver", "staff")),
    Rule(API + "/households/{household}/commands/", of("staff", "resident")),
    Rule(API + "/households/{household}/as-at", of("staff", "auditor", "dispute")),
    Rule(API + "/households/{household}/history/export", of("staff", "auditor")),
    Rule(API + "/households/{household}", of("staff", "auditor", "resident")),
    Rule(API + "/properties", of("staff", "auditor")),
    Rule(API + "/vehicles/", of("staff")),
    Rule(API + "/texts", of("gateway", "staff")),
    Rule(API + "/registrations", of(), public=True),
    Rule(API + "/sign-in/", of(), public=True),
)
NOT_A_RESIDENTS = (
    "register_resident",
    "enrol_resident",
    "check_occupancy",
    "decide_application",
    "change_email",
    "pay_for_applications",
    "surrender_holding",
    "replace_permit",
    "correct_cover",
    "take_misuse_step",
    "grant_allowance",
    "override_eligibility",
    "observe_permit",
)
"""Commands to a household that no resident may send, whatever the table of the program says."""

OF_THE_PAGES = (
    Rule("/staff/sign-in", of(), public=True),
    Rule("/staff/enrol", of(), public=True),
    Rule("/staff", OFFICE),
    Rule("/desk", OFFICE),
    Rule("/disputes", DESK),
    Rule("/cases", DESK),
    Rule("/notices", DESK),
    Rule("/outages", DESK),
    Rule("/audit", of("auditor")),
    Rule("/schemes/what-if", of("editor", "staff")),
    # The disputes desk reads the terms that a notice is answered under.
    Rule("/schemes", of("editor", "staff", "auditor", "dispute")),
    Rule("/scheme", of("editor", "staff", "auditor")),
    Rule("/officer", of("officer")),
    Rule("/privacy", of(), public=True),
    Rule("/accessibility", of(), public=True),
    Rule("/contact", of(), public=True),
    Rule("/register", of(), public=True),
    Rule("/sign-in", of(), public=True),
    Rule("/sign-out", of(), public=True),
    # The provider's side of a sandbox: its reference is 128 bits of chance, and without a sandbox
    # there is nothing here.
    Rule("/sandbox/payments", of(), public=True),
    # Whatever else there is is a resident's own, and nobody else's.
    Rule("/", of("resident")),
)
FRONT = Rule("", of(), public=True)
"""The council's first page, which is no beginning of any other."""

PUBLIC_WORDS = frozenset({"product", "zone"})
"""Parts of a resident's addresses that are the scheme's words and name nobody's thing."""

PLAIN = frozenset({"/", "/health", "/openapi.json", "/{council}/look.css"})
OFFICERS = re.compile(r"/{council}/officer(/(sign-in|sign-out|manifest\.webmanifest))?")
STATIC = re.compile(r"/static/(" + "|".join(map(re.escape, FILES)) + r"|officer\.css|icon[\w.-]+)")


def of_operation(operation: Operation) -> Rule | None:
    """The rule of an operation; None where nobody has thought of its address."""
    return next((each for each in OF_THE_API if operation.path.startswith(each.prefix)), None)


def of_page(page: Page) -> Rule:
    """The rule of a page: a resident's own, where no other holds."""
    if page.path == "":
        return FRONT
    return next(each for each in OF_THE_PAGES if _begins(page.path, each.prefix))


def _begins(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix.rstrip("/") + "/")


def routed(app: Litestar) -> Iterator[tuple[str, str]]:
    """(method, path) of everything that the running application answers to, OPTIONS aside."""
    for route in app.routes:
        path = re.sub(r":str}", "}", getattr(route, "path_format", route.path))
        for handler in getattr(route, "route_handlers", []):
            yield from ((method, path) for method in handler.http_methods if method != "OPTIONS")


def nobodys(app: Litestar) -> list[tuple[str, str]]:
    """Routes that are no operation, no page and none of the few that are known by name."""
    known = {(each.method, each.path) for each in OPERATIONS if of_operation(each)}
    known |= {(each.method, "/{council}" + each.path) for each in registry.PAGES}
    return [
        (method, path)
        for method, path in routed(app)
        if (method, path) not in known
        and not (method == "GET" and (path in PLAIN or STATIC.fullmatch(path)))
        and not OFFICERS.fullmatch(path)
    ]
