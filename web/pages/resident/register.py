"""A newcomer registers: where they live, how to reach them, and, where the scheme asks, the proof.

Whoever has an account already is sent a PIN for it, and is told the same as a newcomer. Where the
property is not known, or the number is not that of the property, nothing else is looked at.

Source: STV-001, STV-002, HAN-001 to 012.
"""

from datetime import date, timedelta

from commands.handling import Sender
from commands.register_resident import RegisterResident, is_of_this_property
from ledger.events import Actor
from ledger.refusals import Refusal, Refused
from ledger.rules import telephone
from services.identity import limits, pins
from services.identity.limits import TooMany
from services.identity.pins import Address
from web.pages.forms import Mistake, Mistakes, mistake
from web.pages.framework import Link, Redirect, View, Visit, get, post, roles
from web.pages.resident import signing_in

REGISTERED_AN_HOUR = 20
"""From one place."""
NAME_MAX = 100
_BAD_EMAIL = "Enter an email address in the right form, like name@example.com"
_NOT_VERIFIED = Refusal(
    "eligibility.not_verified",
    "the Council Tax account number is not the one of this property. Check both numbers",
)


def asked(visit: Visit) -> View:
    """The form."""
    return View(
        template="resident/register.html",
        values={
            "asks_account": _asks_account(visit),
            "asks_birth": _asks_birth(visit),
            "property_ref": visit.query.get("property", ""),
        },
    )


def _asks_account(visit: Visit) -> bool:
    return visit.scheme.proof.per == "registration"


def _asks_birth(visit: Visit) -> bool:
    """Only where a reduced price goes by age."""
    return any(each.min_age for each in visit.scheme.concessions)


def registered(visit: Visit) -> Redirect:
    """Open the account, and send a PIN to sign in with."""
    form = visit.form
    born_on = _whole(visit)
    _count(visit)
    council = visit.council
    stream = council.ledger.household_id(form.get("property_ref"))
    household = council.ledger.household(stream)
    if _asks_account(visit):
        if not is_of_this_property(form.get("council_tax_account"), household):
            raise Refused([_NOT_VERIFIED])
    elif household.property is None:
        raise mistake(
            "property_ref", "We do not know a property with this number. Check it, and try again"
        )
    email, mobile = form.get("email"), form.get("mobile")
    # A number that is somebody's already is left out: to say so would tell whose it is.
    if email and mobile and pins.has_account(council, Address(mobile=mobile)):
        mobile = ""
    address = Address(email=email) if email else Address(mobile=mobile)
    if not pins.has_account(council, address):
        command = RegisterResident(
            council_tax_account=form.get("council_tax_account"),
            name=form.get("name"),
            email=email,
            mobile=mobile,
            born_on=born_on,
        )
        council.handle(stream, command, Sender(by=Actor("resident"), key=f"public/page/{form.key}"))
    signing_in.send(visit, address, "email" if email else "mobile")
    said = f"You have an account. A PIN to sign in with is on its way to {email or mobile}."
    return Redirect(to="/sign-in/pin", notice=said, kept=email or mobile)


def _whole(visit: Visit) -> date | None:
    """The date of birth, where one is asked for. Raises Mistakes with everything to mend."""
    form, wrong = visit.form, []
    asked_for = {"property_ref": "Enter the number of your property"}
    if _asks_account(visit):
        asked_for["council_tax_account"] = "Enter your Council Tax account number"
    asked_for["name"] = "Enter your name"
    for field, text in asked_for.items():
        if not form.get(field):
            wrong.append(Mistake(field=field, text=text))
        elif len(form.get(field)) > NAME_MAX:
            text = f"This must be {NAME_MAX} characters or fewer"
            wrong.append(Mistake(field=field, text=text))
    email, mobile = form.get("email"), form.get("mobile")
    if not (email or mobile):
        text = "Enter an email address or a mobile number: the PINs to sign in go there"
        wrong.append(Mistake(field="email", text=text))
    if email and ("@" not in email or signing_in.read_address(email) is None):
        wrong.append(Mistake(field="email", text=_BAD_EMAIL))
    if mobile and telephone.e164(mobile) is None:
        text = "Enter a mobile number that can be texted, like 07700 900123"
        wrong.append(Mistake(field="mobile", text=text))
    born_on = None
    if _asks_birth(visit) and any(form.get(f"born-{each}") for each in ("day", "month", "year")):
        try:
            born_on = form.day("born", "Your date of birth")
        except Mistakes as error:
            wrong += error.mistakes
        else:
            if born_on > visit.today:
                text = "Your date of birth must be in the past"
                wrong.append(Mistake(field="born-day", text=text))
    if wrong:
        raise Mistakes(*wrong)
    return born_on


def _count(visit: Visit) -> None:
    try:
        with visit.council.pool.connection() as connection:
            limits.count(
                connection,
                visit.council.schema,
                "register",
                visit.place,
                visit.now,
                timedelta(hours=1),
                REGISTERED_AN_HOUR,
            )
    except TooMany as error:
        text = f"This was tried many times from where you are. Try again {signing_in.soon(error)}"
        raise mistake("", text) from error


PAGES = (
    get("/register", None, asked),
    post(
        "/register",
        None,
        registered,
        again=asked,
        fields={
            "eligibility.not_verified": "council_tax_account",
            "message": "mobile",
        },
    ),
)

LINKS = (
    Link(
        text="Register",
        path="/register",
        roles=roles(),
        hint="Once, for everybody who lives in a controlled parking zone.",
    ),
)
