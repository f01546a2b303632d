"""Who may do what: one table for commands, one set of roles for each other address.

A resident's token reaches one household only; any other, there or not, is the same 404. What a new
command's row does not say is the staff's alone.

Source: design sections 4 and 7; reference/promises.md (OWASP ASVS 8.2.2, 8.2.3).
"""

from collections.abc import Set
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ledger.refusals import NotFound
from ledger.store.pool import Connection
from services.identity.tokens import TokenRole, find_token
from web.problems import Wrong

Roles = frozenset[TokenRole]

CHECKERS: Roles = frozenset({"officer", "staff", "auditor"})
TIME_TRAVELLERS: Roles = frozenset({"staff", "auditor"})
READERS: Roles = frozenset({"staff", "auditor", "resident"})
STAFF: Roles = frozenset({"staff"})
APPROVERS: Roles = frozenset({"staff", "approver"})
TEXTERS: Roles = frozenset({"gateway", "staff"})
_RESIDENTS: Roles = frozenset({"resident", "staff"})
_NOBODY: Roles = frozenset()

MAY_SEND: dict[str, Roles] = {
    "apply_for_permit": _RESIDENTS,
    "upload_proof": _RESIDENTS,
    "reuse_proof": _RESIDENTS,
    "cancel_application": _RESIDENTS,
    "book_voucher": _RESIDENTS,
    "amend_booking": _RESIDENTS,
    "cancel_booking": _RESIDENTS,
    "add_vehicle": _RESIDENTS,
    "remove_vehicle": _RESIDENTS,
    "switch_vehicle": _RESIDENTS,
    "save_visitor": _RESIDENTS,
    "change_visitor": _RESIDENTS,
    "forget_visitor": _RESIDENTS,
    # Residents show first that the address is theirs: they have an address of their own for it.
    "change_email": STAFF,
    "link_mobile": _RESIDENTS,
    "use_card": _RESIDENTS,
    "begin_stay": _RESIDENTS,
    "end_stay": _RESIDENTS | {"officer"},
    "refund_holding": _RESIDENTS,
    "observe_permit": frozenset({"officer", "staff"}),
    "grant_allowance": frozenset({"approver", "staff"}),
    "override_eligibility": frozenset({"approver", "staff"}),
    "register_resident": STAFF,
    "enrol_resident": STAFF,
    "check_occupancy": STAFF,
    "decide_application": STAFF,
    # What the payment provider said is not the payer's to say; a sandbox lets residents say it.
    "pay_for_applications": STAFF,
    "move_out": _RESIDENTS,
    "surrender_holding": STAFF,
    "replace_permit": STAFF,
    "correct_cover": STAFF,
    "take_misuse_step": STAFF,
    # These have addresses of their own: their stream follows from what they name.
    "list_property": _NOBODY,
    "record_vehicle_facts": _NOBODY,
    "receive_text": _NOBODY,
    "send_pin": _NOBODY,
    "note_notice": _NOBODY,
    "cancel_notice": _NOBODY,
    "open_case": _NOBODY,
    "record_evidence": _NOBODY,
    "decide_case": _NOBODY,
    "record_appeal": _NOBODY,
    "decide_appeal": _NOBODY,
    "close_case": _NOBODY,
    "declare_outage": _NOBODY,
    "correct_outage": _NOBODY,
    "withdraw_outage": _NOBODY,
    # The worker's alone.
    "lapse": _NOBODY,
}
_SCHEMES = frozenset({"bearer", "apikey"})
"""`ApiKey` is what clients of parkkihubi say."""
IN_A_SANDBOX: dict[str, Roles] = {"pay_for_applications": _RESIDENTS}


def may_send(command: str, sandbox: bool) -> Roles:
    """The roles that may send a command, by its tag; staff alone where the table says nothing."""
    if sandbox and command in IN_A_SANDBOX:
        return IN_A_SANDBOX[command]
    return MAY_SEND.get(command, STAFF)


class Caller(Struct, frozen=True, kw_only=True):
    """Whose token it is. `household_id` and `resident_id` are empty but for residents.

    `own_household`: where a member of staff lives, and may not act.
    """

    role: TokenRole
    name: str
    token_id: str
    household_id: str = ""
    resident_id: str = ""
    own_household: str = ""


def caller_of(
    connection: Connection, schema: str, authorization: str | None, at: datetime | None
) -> Caller:
    """The caller whose token the header `Authorization` holds; `at` None is now.

    Raises Wrong `not-signed-in`.
    """
    scheme, _, secret = (authorization or "").partition(" ")
    if scheme.lower() not in _SCHEMES or not secret:
        raise Wrong("not-signed-in", "Send a token: Authorization: Bearer ...")
    return caller_with(connection, schema, secret.strip(), at)


def caller_with(connection: Connection, schema: str, secret: str, at: datetime | None) -> Caller:
    """As caller_of, for the secret itself."""
    token = find_token(connection, schema, secret, at) if secret.isascii() else None
    if token is None:
        raise Wrong("not-signed-in", "The token is unknown, has expired or was revoked.")
    return Caller(
        role=token.role,
        name=token.name,
        token_id=token.token_id,
        household_id=token.household_id or "",
        resident_id=token.resident_id,
        own_household=token.own_household or "",
    )


def refuse_roles_but(roles: Set[TokenRole], caller: Caller) -> None:
    """Raises Wrong `not-allowed` for a caller of any other role."""
    if caller.role not in roles:
        named = ", ".join(sorted(roles)) or "nobody"
        raise Wrong("not-allowed", f"This is for: {named}.")


def household_of(caller: Caller, asked: str) -> UUID:
    """The stream of the household asked for. Raises NotFound for what cannot be the caller's."""
    try:
        stream = UUID(asked)
    except ValueError as error:
        raise NotFound("household") from error
    if str(stream) != asked or (caller.role == "resident" and caller.household_id != asked):
        raise NotFound("household")
    return stream
