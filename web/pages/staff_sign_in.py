"""Members of staff sign in: a name, a password and a code; and before that, once, they enrol."""

from services.identity import sessions, staff
from services.identity.limits import TooMany
from services.identity.staff import PASSWORD_MIN, NotEnrolled, NotLetIn
from web.pages.forms import Mistake, Mistakes, mistake
from web.pages.framework import Link, Redirect, View, Visit, get, post, roles

_WRONG = "The name, the password and the code do not go together"
_TOO_MANY = "That was tried too often. Wait a quarter of an hour, and try again."


def asked(visit: Visit) -> View:
    """The form to sign in with. `to` is where they wanted to go."""
    wanted = visit.form.get("to") or visit.query.get("to", "")
    return View(template="staff-sign-in.html", values={"to": within(wanted)})


def signed_in(visit: Visit) -> Redirect:
    """Begin a session, with a secret of its own."""
    form = visit.form
    empty = [
        Mistake(field=field, text=text)
        for field, text in (
            ("name", "Enter your name"),
            ("password", "Enter your password"),
            ("code", "Enter the six digits that your app shows"),
        )
        if not form.get(field)
    ]
    if empty:
        raise Mistakes(*empty)
    council = visit.council
    with council.pool.connection() as connection:
        try:
            account = staff.sign_in(
                connection,
                council.schema,
                name=form.get("name"),
                password=form.get("password"),
                code=form.get("code"),
                place=visit.place,
                at=visit.now,
            )
        except NotLetIn as error:
            raise mistake("", _WRONG) from error
        except TooMany as error:
            raise mistake("", _TOO_MANY) from error
        secret = sessions.begin_session(
            connection, council.schema, role=account.role, name=account.name, at=visit.now
        )
    return Redirect(to=within(form.get("to")), session=secret)


def within(path: str) -> str:
    """A path of this council's pages, or its first page: never an address elsewhere."""
    safe = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if safe and path.isascii() and path.isprintable() else ""


def enrolling(visit: Visit) -> View:
    """The form with which a new member of staff chooses a password."""
    return View(template="enrol.html", values={"password_min": PASSWORD_MIN})


def enrolled(visit: Visit) -> Redirect:
    """Finish the account; signing in is the next step."""
    form = visit.form
    if form.get("password") != form.get("repeated"):
        raise mistake("repeated", "The two passwords are not the same")
    with visit.council.pool.connection() as connection:
        try:
            staff.enrol(
                connection,
                visit.council.schema,
                name=form.get("name").lower(),
                secret=form.get("secret"),
                password=form.get("password"),
                code=form.get("code"),
                at=visit.now,
            )
        except NotEnrolled as error:
            raise mistake(error.field, str(error)) from error
        except TooMany as error:
            raise mistake("", _TOO_MANY) from error
    said = "Your account is ready. Sign in with the next code that your app shows."
    return Redirect(to="/staff/sign-in", notice=said)


PAGES = (
    get("/staff/sign-in", None, asked),
    post("/staff/sign-in", None, signed_in, again=asked),
    get("/staff/enrol", None, enrolling),
    post("/staff/enrol", None, enrolled, again=enrolling),
)

LINKS = (
    Link(
        text="Staff sign-in",
        path="/staff/sign-in",
        roles=roles(),
        hint="For the council's own staff, officers and auditors.",
        bar=False,
    ),
)
