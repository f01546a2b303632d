"""Every operation of the API: a tuple to read, from which routes and OpenAPI document are made."""

from commands.list_property import ListProperty
from commands.record_vehicle_facts import RecordVehicleFacts
from commands.registry import BY_TAG
from ledger.events import Answer
from projections.enforcement import CheckAnswer
from services.identity.tokens import TokenRole
from web import (
    access,
    asking,
    commanding,
    contacts,
    disputes,
    enforcement,
    evidence,
    handhelds,
    lookups,
    parkkihubi,
    reading,
    signing_in,
    standards,
    standing,
)
from web.access import Roles
from web.history import OPERATIONS as HISTORY
from web.history import history
from web.operations import Header, Operation, Site

COUNCIL = "/api/v1/{council}"
HOUSEHOLD = COUNCIL + "/households/{household}"

KEY = Header(
    name="Idempotency-Key",
    about="1 to 200 visible ASCII characters. The same key and body get the first answer again.",
    required=True,
)
BEHALF = Header(name="X-On-Behalf-Of", about="Staff only: the resident acted for, by id.")
CHANNEL = Header(
    name="X-Channel",
    about="How the request came: website (the default), app; staff: phone, text, post, counter.",
)
APPROVER = Header(
    name="X-Approver",
    about="A correction takes two people: the second one's own token, as in Authorization."
    " The approver of the body is theirs, or left out.",
)
DEVICE = Header(name="X-Device", about="The officer's device, kept with the look-up.")
CHECK_KEY = Header(
    name="Idempotency-Key",
    about="1 to 200 visible ASCII characters. The same key and body get the first answer again.",
)


def only(*roles: TokenRole) -> Roles:
    return frozenset(roles)


def _household_command(tag: str) -> Operation:
    return Operation(
        method="POST",
        path=f"{HOUSEHOLD}/commands/{tag}",
        name=tag,
        about=f"Send the command {tag} to a household.",
        roles=lambda site: access.may_send(tag, site.sandbox),
        act=commanding.send,
        body=BY_TAG[tag],
        answer=Answer,
        headers=(KEY, BEHALF, CHANNEL, *((APPROVER,) if tag == "correct_cover" else ())),
        problems=("no-idempotency-key", "busy", "refused"),
    )


def _sendable(tag: str) -> bool:
    return bool(access.may_send(tag, sandbox=True))


_RESIDENT: Roles = frozenset({"resident"})


def _readers(site: Site) -> Roles:
    return access.READERS


def _staff(site: Site) -> Roles:
    return access.STAFF


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="POST",
        path=f"{COUNCIL}/enforcement/checks",
        name="check",
        about="Is this vehicle covered here, now? The answer is kept as it was shown.",
        roles=lambda site: access.CHECKERS,
        act=enforcement.check,
        body=asking.CheckRequest,
        answer=CheckAnswer,
        headers=(DEVICE, CHECK_KEY),
        problems=("refused", "too-many"),
        on_checks=True,
        unavailable=enforcement.UNKNOWN,
        soon=enforcement.check_soon,
    ),
    Operation(
        method="POST",
        path=f"{COUNCIL}/enforcement/checks/batch",
        name="check_batch",
        about="A street of marks, or a camera's: one answer each, all kept in one commit.",
        roles=lambda site: access.CHECKERS,
        act=enforcement.check_batch,
        body=asking.BatchRequest,
        answer=asking.CheckedMarks,
        headers=(DEVICE, CHECK_KEY),
        problems=("refused", "too-many"),
        on_checks=True,
        unavailable=enforcement.UNKNOWN,
        soon=enforcement.check_batch_soon,
    ),
    Operation(
        method="POST",
        path=f"{COUNCIL}/enforcement/lookups/search",
        name="lookups",
        about="What officers were answered of a mark, to the byte, and from which snapshot."
        " A mark is in the body, never in an address.",
        roles=lambda site: access.TIME_TRAVELLERS,
        act=lookups.of_mark,
        body=asking.LookupSearch,
        answer=asking.LookupsSeen,
        problems=("refused",),
    ),
    Operation(
        method="GET",
        path=f"{COUNCIL}/enforcement/lookups/officers",
        name="officers_lookups",
        about="How many marks each officer looked up in each hour, and which hours stand out.",
        roles=lambda site: only("auditor"),
        act=lookups.of_officers,
        query=asking.OfficersAsked,
        answer=asking.OfficersSeen,
    ),
    *disputes.OPERATIONS,
    *standing.OPERATIONS,
    *handhelds.OPERATIONS,
    *evidence.OPERATIONS,
    *standards.OPERATIONS,
    *parkkihubi.OPERATIONS,
    *HISTORY,
    Operation(
        method="GET",
        path=HOUSEHOLD,
        name="household",
        about="A household as it is now: people, applications, holdings, balances, visitors.",
        roles=_readers,
        act=reading.household,
        answer=asking.HouseholdSeen,
    ),
    Operation(
        method="GET",
        path=f"{HOUSEHOLD}/history",
        name="history",
        about="What was recorded of a household, oldest first.",
        roles=_readers,
        act=history,
        query=asking.HistoryPage,
        answer=asking.HistorySeen,
    ),
    Operation(
        method="GET",
        path=f"{HOUSEHOLD}/allowances",
        name="allowances",
        about="How much of each allowance is used, and when units come back.",
        roles=_readers,
        act=reading.allowances_of,
        query=asking.AllowanceDay,
        answer=asking.AllowancesSeen,
    ),
    Operation(
        method="GET",
        path=f"{HOUSEHOLD}/sessions",
        name="sessions",
        about="Booked visits, latest start first. The list follows the ledger a moment later.",
        roles=_readers,
        act=reading.sessions_of,
        query=asking.SessionPage,
        answer=asking.SessionsSeen,
    ),
    *(_household_command(tag) for tag in BY_TAG if _sendable(tag)),
    Operation(
        method="POST",
        path=f"{COUNCIL}/properties",
        name="list_property",
        about="List a property, or record anew what the council knows of it.",
        roles=_staff,
        act=commanding.list_property,
        body=ListProperty,
        answer=Answer,
        headers=(KEY, CHANNEL),
        problems=("no-idempotency-key", "busy", "refused"),
    ),
    Operation(
        method="GET",
        path=f"{COUNCIL}/properties/{{property_ref}}",
        name="property",
        about="The household of a property.",
        roles=lambda site: only("staff", "auditor"),
        act=commanding.find_property,
        answer=asking.PropertyFound,
    ),
    Operation(
        method="POST",
        path=f"{COUNCIL}/vehicles/facts",
        name="record_vehicle_facts",
        about="Record what is known of a vehicle: masses, length, seats, class.",
        roles=_staff,
        act=commanding.record_vehicle_facts,
        body=RecordVehicleFacts,
        answer=Answer,
        headers=(KEY, CHANNEL),
        problems=("no-idempotency-key", "busy", "refused"),
    ),
    Operation(
        method="POST",
        path=f"{COUNCIL}/texts",
        name="receive_text",
        about="A text from the gateway. One that is refused gets no reply.",
        roles=lambda site: access.TEXTERS,
        act=commanding.receive_text,
        body=asking.TextIn,
        answer=Answer,
        headers=(KEY,),
        problems=("no-idempotency-key", "busy", "refused"),
    ),
    Operation(
        method="POST",
        path=f"{COUNCIL}/registrations",
        name="register",
        about="A person registers for a property, by the public form.",
        roles=None,
        act=commanding.register,
        body=asking.Registration,
        answer=asking.Registered,
        headers=(KEY,),
        problems=("no-idempotency-key", "busy", "refused"),
    ),
    Operation(
        method="POST",
        path=f"{COUNCIL}/sign-in/pins",
        name="send_pin",
        about="Ask for a one-time PIN. The answer is the same for every address.",
        roles=None,
        act=signing_in.send_pin,
        body=asking.PinRequest,
        answer=asking.Accepted,
        status=202,
    ),
    Operation(
        method="POST",
        path=f"{COUNCIL}/sign-in/sessions",
        name="sign_in",
        about="Sign in with the PIN, and get a resident's token.",
        roles=None,
        act=signing_in.sign_in,
        body=asking.SignIn,
        answer=asking.SignedInAs,
        problems=("not-signed-in", "too-many"),
    ),
    Operation(
        method="POST",
        path=f"{HOUSEHOLD}/email",
        name="ask_for_email",
        about="Ask to be reached at another e-mail address: a PIN goes to it, if it can be one.",
        roles=lambda site: _RESIDENT,
        act=contacts.ask,
        body=contacts.EmailAsked,
        answer=asking.Accepted,
        status=202,
        problems=("too-many",),
    ),
    Operation(
        method="POST",
        path=f"{HOUSEHOLD}/email/shown",
        name="show_email",
        about="Send the PIN back: the address is the resident's from now on, and the old one told.",
        roles=lambda site: _RESIDENT,
        act=contacts.confirm,
        body=contacts.EmailShown,
        answer=Answer,
        headers=(KEY,),
        problems=("no-idempotency-key", "busy", "refused", "too-many"),
    ),
)
