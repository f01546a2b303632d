"""The officer's check over HTTP. A mark is in the body, never in an address that is logged."""

from datetime import datetime

from ledger.refusals import Refusal, Refused
from projections.enforcement import CheckAnswer
from services.council import Council
from web.access import TIME_TRAVELLERS, Caller
from web.asking import CheckRequest
from web.operations import Call
from web.problems import Wrong

UNKNOWN = "Unknown: the ledger did not answer. Do not issue a notice on this."
DEVICE_MAX = 100


def check(call: Call) -> CheckAnswer:
    """Raises Refused with `vehicle.mark_invalid` or `eligibility.zone`; Wrong `not-allowed`."""
    request: CheckRequest = call.body
    given = [name for name in ("at", "known_at") if getattr(request, name) is not None]
    if given and call.by.role not in TIME_TRAVELLERS:
        raise Wrong(
            "not-allowed",
            f"Only staff and auditors may ask about another instant: {', '.join(given)}.",
        )
    device = device_of(call.headers.get("x-device", ""))
    return answered(call.council, call.by, request, device)


def answered(council: Council, caller: Caller, request: CheckRequest, device: str) -> CheckAnswer:
    """The answer, put on record under the caller's name."""
    refuse_unknown_zone(council, request.zone, request.at)
    return council.check(
        typed=request.mark,
        zone=request.zone,
        at=request.at,
        known_at=request.known_at,
        bay=request.bay,
        officer=caller.name,
        device=device,
    )


def refuse_unknown_zone(council: Council, zone: str, at: datetime | None) -> None:
    """A slip in the zone would read "no right": refused instead, where the zones are known."""
    scheme = council.editions.latest if at is None else council.scheme_at(at)
    if scheme.zones and scheme.zone(zone) is None:
        raise Refused([Refusal("eligibility.zone", "the scheme has no such zone")])


def device_of(text: str) -> str:
    """The header `X-Device`, for the look-up's record. Raises Wrong `invalid`."""
    if len(text) > DEVICE_MAX or not text.isprintable():
        raise Wrong(
            "invalid", f"X-Device has at most {DEVICE_MAX} visible characters.", "header.x_device"
        )
    return text
