"""A resident signs in: an e-mail address or a mobile number, and the PIN that is sent to it.

The pages say the same whether or not there is an account.

Source: HAN-009; OWASP ASVS 6.3.1, 6.3.8.
"""

from math import ceil
from urllib.parse import quote

from ledger.rules import telephone
from services.identity import pins
from services.identity.limits import TooMany
from services.identity.messages import FileOutbox
from services.identity.pins import Address, NotSignedIn
from services.identity.requesters import PINS_AN_HOUR, Requester
from web.pages.forms import mistake
from web.pages.framework import Link, Redirect, View, Visit, get, post, roles
from web.pages.staff_sign_in import within

LENGTHS = (pins.DIGITS, pins.DIGITS_AFTER_GUESSES)
_NO_ADDRESS = "Enter an email address or a mobile number, like name@example.com or 07700 900123"
SENT = "If you have an account with that address, a PIN is on its way to it."


def asked(visit: Visit) -> View:
    """The form that asks for a PIN. `to` is where they wanted to go."""
    wanted = visit.form.get("to") or visit.query.get("to", "")
    return View(template="resident/sign-in.html", values={"to": within(wanted)})


def sent(visit: Visit) -> Redirect:
    """Send a PIN, where there is an account."""
    typed = visit.form.get("address")
    address = read_address(typed)
    if address is None:
        raise mistake("address", _NO_ADDRESS)
    send(visit, address, "address")
    to = within(visit.form.get("to"))
    return Redirect(
        to=f"/sign-in/pin?to={quote(to)}" if to else "/sign-in/pin",
        notice=SENT,
        kind="important",
        kept=typed,
    )


def send(visit: Visit, address: Address, field: str) -> None:
    """Send a PIN to an address, if it is an account's. Raises Mistakes."""
    if visit.site.messages is None:
        raise mistake("", "PINs cannot be sent just now. The parking team can help you instead.")
    try:
        pins.send_pin(visit.council, address, visit.site.messages, requester(visit))
    except TooMany as error:
        raise mistake(
            field,
            f"You can ask for {PINS_AN_HOUR} PINs in an hour, and have had them. Use the last one"
            f" that came, or ask again {soon(error)}",
        ) from error


def pin_asked(visit: Visit) -> View:
    """The form that takes the PIN."""
    kept = visit.notice.kept if visit.notice else ""
    outbox = visit.site.messages
    in_file = visit.site.sandbox and isinstance(outbox, FileOutbox)
    return View(
        template="resident/sign-in-pin.html",
        values={
            "address": visit.form.get("address") or kept,
            "to": within(visit.form.get("to") or visit.query.get("to", "")),
            "reference": requester(visit).reference,
            "outbox": str(outbox.path) if in_file and isinstance(outbox, FileOutbox) else "",
        },
        back="/sign-in",
    )


def signed_in(visit: Visit) -> Redirect:
    """Take the PIN, and begin a session."""
    address = read_address(visit.form.get("address"))
    if address is None:
        raise mistake("address", _NO_ADDRESS)
    pin = visit.form.needed("pin", "Enter the PIN that was sent to you").replace(" ", "")
    if not (len(pin) in LENGTHS and pin.isascii() and pin.isdigit()):
        raise mistake("pin", "The PIN is 6 digits, like 012345, or 12 where your message has 12")
    try:
        secret = pins.begin_resident_session(visit.council, address, pin, requester(visit))
    except NotSignedIn as error:
        raise mistake(
            "pin",
            "That is not the last PIN that you asked for from this browser, or it is older than 10"
            f" minutes, or was used. Its message names request {requester(visit).reference}. Check"
            " it, or ask for a new one",
        ) from error
    except TooMany as error:
        raise mistake("pin", f"That was tried too often. Try again {soon(error)}") from error
    return Redirect(to=within(visit.form.get("to")), session=secret)


def requester(visit: Visit) -> Requester:
    """Whoever asks from this browser: the PIN is good in it alone."""
    return Requester(place=visit.place, own=visit.browser)


def read_address(typed: str) -> Address | None:
    """An e-mail address or a number that can be texted; None for what is neither."""
    if "@" in typed:
        whose, _, where = typed.rpartition("@")
        good = whose and "." in where.strip(".") and " " not in typed and len(typed) <= 254
        return Address(email=typed) if good else None
    return Address(mobile=typed) if telephone.e164(typed) else None


def soon(error: TooMany) -> str:
    """`in 12 minutes`."""
    minutes = max(1, ceil(error.again_in.total_seconds() / 60))
    return "in a minute" if minutes == 1 else f"in {minutes} minutes"


PAGES = (
    get("/sign-in", None, asked),
    post("/sign-in", None, sent, again=asked),
    get("/sign-in/pin", None, pin_asked),
    post("/sign-in/pin", None, signed_in, again=pin_asked),
)

LINKS = (
    Link(
        text="Sign in",
        path="/sign-in",
        roles=roles(),
        hint="With your email address or mobile number, and a PIN that we send to it.",
    ),
)
