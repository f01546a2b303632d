"""Signing in over HTTP: ask for a PIN, send it back, get a resident's token.

A PIN is good for whoever asked for it: with the ticket that they chose, or from the same place.
"""

from contextlib import suppress

from services.identity import pins
from services.identity.limits import TooMany
from services.identity.pins import Address
from services.identity.requesters import Requester
from web.asking import Accepted, PinRequest, SignedInAs, SignIn
from web.operations import Call
from web.problems import Wrong


def send_pin(call: Call) -> Accepted:
    """Always accepted: whether there is such an account, or it asked too often, is not said."""
    address = _address(call.body)
    if call.site.messages is None:
        raise Wrong("unavailable", "This server has no way to send a PIN.")
    with suppress(TooMany):
        pins.send_pin(call.council, address, call.site.messages, _by(call))
    return Accepted()


def sign_in(call: Call) -> SignedInAs:
    """Raises NotSignedIn and TooMany."""
    request: SignIn = call.body
    signed_in = pins.sign_in(call.council, _address(request), request.pin, _by(call))
    return SignedInAs(
        token=signed_in.secret,
        household=signed_in.household_id,
        resident=signed_in.resident_id,
        expires_at=signed_in.expires_at,
    )


def _by(call: Call) -> Requester:
    return Requester(place=call.place, own=call.body.ticket)


def _address(request: PinRequest) -> Address:
    if bool(request.email) == bool(request.mobile):
        raise Wrong("invalid", "Send an e-mail address or a mobile number.", "body.invalid")
    return Address(email=request.email, mobile=request.mobile)
