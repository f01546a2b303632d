"""A permit with a list of vehicles, one of them active: what its tests share."""

from ledger.events import Cover, CoverKind
from tests.given import Given, Happening, bought, cover, given

PERMIT = "visitors-permit"
BOUGHT = "2026-11-20 09:00"
OVER = "2027-11-20 00:00"


def permit(*vehicles: str, past: tuple[Happening, ...] = (), **values: object) -> Given:
    """A permit called `lot` bought for these vehicles at BOUGHT; values of its `vehicles` table."""
    return given(
        bought(PERMIT, at=BOUGHT, vehicles=vehicles),
        *past,
        scheme="gravesham",
        values={f"products.{PERMIT}.vehicles.{name}": value for name, value in values.items()},
    )


def covering(
    cover_id: str, kind: CoverKind, mark: str, begins: str, ends: str = OVER, holding: str = "lot"
) -> Cover:
    return cover(
        cover_id,
        mark,
        kind=kind,
        holding=holding,
        product=PERMIT,
        zone="H01",
        begins=begins,
        ends=ends,
    )
