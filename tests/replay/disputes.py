"""Disputed notices for tests of the evidence pack: a town, officers' checks, and the question."""

from datetime import datetime

from commands.add_vehicle import AddVehicle
from commands.book_voucher import BookVoucher
from ledger.calendar import parse_local
from projections.enforcement import CheckAnswer
from replay.evidence.asked import Case
from replay.evidence.gathering import make
from replay.evidence.pack import Pack, Point
from tests.replay.town import ZONES, Town


def checked(town: Town, mark: str) -> CheckAnswer:
    """An officer's check, now, in the town's zone; kept, as every check is."""
    return town.council.check(
        typed=mark,
        zone=ZONES[town.council.id],
        at=None,
        known_at=None,
        bay="",
        officer="lee",
        device="handheld-7",
    )


def booked(town: Town, mark: str, start: str) -> str:
    return str(town.do(BookVoucher(vehicles=(mark,), start=start))["bookings"][0])


def with_permit(town: Town, *vehicles: str) -> Town:
    """A permit with a list of vehicles, the first of them active."""
    town.buy("visitors-permit", vehicles[:1])
    for vehicle in vehicles[1:]:
        town.do(AddVehicle(vehicle=vehicle))
    return town


def local(town: Town, written: str) -> datetime:
    return parse_local(written, town.council.editions.latest.tz)


def pack(
    town: Town,
    mark: str,
    at: str,
    *,
    pcn: str = "",
    zone: str = "",
    known: str = "",
    as_of: str = "",
    home: bool = False,
) -> Pack:
    """The pack of a case; `home`: it is the home household's."""
    case = Case(
        typed=mark,
        at=local(town, at),
        zone=zone or ZONES[town.council.id],
        pcn=pcn,
        known_at=local(town, known) if known else None,
        as_of=local(town, as_of) if as_of else None,
        household_id=str(town.home) if home else "",
    )
    return make(town.council, case)


def codes(points: tuple[Point, ...]) -> list[str]:
    return [point.code for point in points]
