"""A resident is reached elsewhere, or moves out: what they say themselves of how to reach them.

A new e-mail address is shown to be theirs by a PIN that goes to it. A move ends at once what they
hold, and cannot be taken back: it is asked for once more before it is recorded.

Source: STV-001, HAN-009; RBW-007, RBW-065, X-055; OWASP ASVS 6.3.7.
"""

from commands.move_out import MoveOut
from services import contacts
from services.contacts import NotShown
from services.identity.limits import TooMany
from web.pages.forms import mistake
from web.pages.framework import RESIDENT, Redirect, View, Visit, get, post
from web.pages.resident import home_card
from web.pages.resident.own import own
from web.pages.resident.signing_in import read_address, soon
from web.pages.sending import send


def email_asked(visit: Visit) -> View:
    """The form for the new address."""
    values = {"resident": own(visit).resident}
    return View(template="resident/email.html", values=values, back="/details")


def email_sent(visit: Visit) -> Redirect:
    """Send a PIN to the new address."""
    mine, typed = own(visit), visit.form.get("email")
    address = read_address(typed)
    if address is None or not address.email:
        text = "Enter an email address in the right form, like name@example.com"
        raise mistake("email", text)
    if typed.lower() == mine.resident.email.lower():
        raise mistake("email", "This is your email address already. Enter another one")
    if visit.site.messages is None:
        raise mistake("", "PINs cannot be sent just now. The parking team can help you instead.")
    try:
        contacts.ask(
            visit.council, visit.household, mine.resident.resident_id, typed, visit.site.messages
        )
    except TooMany as error:
        text = f"You have asked {contacts.ASKED_AN_HOUR} times in an hour. Ask again {soon(error)}"
        raise mistake("email", text) from error
    return Redirect(to="/details/email/pin", notice=f"A PIN is on its way to {typed}.")


def email_pin_asked(visit: Visit) -> View:
    """The form for the PIN."""
    with visit.council.pool.connection() as connection:
        waits = contacts.waiting(connection, visit.council, visit.by.resident_id)
    return View(template="resident/email-pin.html", values={"waits": waits}, back="/details/email")


def email_shown(visit: Visit) -> Redirect:
    """Take the PIN: the address is theirs."""
    pin = visit.form.needed("pin", "Enter the PIN that was sent to you").replace(" ", "")
    key = f"resident/{visit.by.resident_id}/page/{visit.form.key}/"
    try:
        contacts.confirm(
            visit.council, visit.household, visit.by.resident_id, pin, key, visit.site.messages
        )
    except NotShown as error:
        text = (
            "That is not the last PIN that was sent to the new address, or it is older than 10"
            f" minutes, or was tried {contacts.TRIES} times. Check it, or ask for a new one"
        )
        raise mistake("pin", text) from error
    except TooMany as error:
        raise mistake("pin", f"That was tried too often. Try again {soon(error)}") from error
    return Redirect(
        to="/details", notice="Your email address is changed. Next time, sign in with the new one."
    )


def moving(visit: Visit) -> View:
    """What ends with a move, and whether they are sure."""
    mine = own(visit)
    alone = len(mine.household.living(visit.now)) == 1
    return View(
        template="resident/moving.html",
        values={"home": mine.home, "held": home_card.held(visit, mine), "alone": alone},
        back="/details",
    )


def moved(visit: Visit) -> Redirect:
    """Record that they moved out, now; with that they are signed out."""
    if visit.form.get("sure") != "yes":
        raise mistake("sure", "Say that you have moved out, or go back if you have not")
    send(visit, visit.household, MoveOut(resident=visit.by.resident_id))
    return Redirect(
        to="",
        session="",
        notice="You have moved out: your permits have ended, and you are signed out.",
    )


PAGES = (
    get("/details/email", RESIDENT, email_asked),
    post("/details/email", RESIDENT, email_sent, again=email_asked, fields={"message": "email"}),
    get("/details/email/pin", RESIDENT, email_pin_asked),
    post(
        "/details/email/pin",
        RESIDENT,
        email_shown,
        again=email_pin_asked,
        fields={"message": "pin"},
    ),
    get("/details/moving", RESIDENT, moving),
    post("/details/moving", RESIDENT, moved, again=moving),
)
