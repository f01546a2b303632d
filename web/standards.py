"""Standards out over HTTP: what a council has, in APDS's shapes or the National Parking Platform's.

Pages go on from a position, not by counting: a ledger grows while it is read.
"""

from typing import Annotated

from msgspec import Meta

from replay.standards import exporting
from replay.standards.apds import AssignedRight, ObservationElement, RightSpecification
from replay.standards.exporting import Page
from web.access import Roles
from web.asking import Asking
from web.operations import Call, Operation, Site

APDS = "/api/v1/{council}/standards/apds"
NPP = "/api/v1/{council}/standards/npp"


class ExportPage(Asking, frozen=True, kw_only=True):
    """`after` is the `next` of the page before; 0 begins."""

    after: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    page_size: Annotated[int, Meta(ge=1, le=500)] = 100


def apds_rights(call: Call) -> Page[AssignedRight]:
    return exporting.rights(call.council, "apds", call.query.after, call.query.page_size)


def apds_specifications(call: Call) -> Page[RightSpecification]:
    return exporting.every_specification(call.council, "apds")


def apds_observations(call: Call) -> Page[ObservationElement]:
    return exporting.observations(call.council, call.query.after, call.query.page_size)


def npp_rights(call: Call) -> Page[AssignedRight]:
    return exporting.rights(call.council, "npp", call.query.after, call.query.page_size)


def npp_specifications(call: Call) -> Page[RightSpecification]:
    return exporting.every_specification(call.council, "npp")


def _readers(site: Site) -> Roles:
    return frozenset({"staff", "auditor"})


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        method="GET",
        path=f"{APDS}/rights/assigned",
        name="apds_rights",
        about="Holdings as APDS AssignedRight, in the order in which they were issued.",
        roles=_readers,
        act=apds_rights,
        query=ExportPage,
        answer=Page[AssignedRight],
    ),
    Operation(
        method="GET",
        path=f"{APDS}/rights/specs",
        name="apds_specifications",
        about="Products by zone as APDS RightSpecification, for every edition of the scheme.",
        roles=_readers,
        act=apds_specifications,
        answer=Page[RightSpecification],
    ),
    Operation(
        method="GET",
        path=f"{APDS}/observations",
        name="apds_observations",
        about="What officers read in vehicles, as APDS ObservationElement.",
        roles=_readers,
        act=apds_observations,
        query=ExportPage,
        answer=Page[ObservationElement],
    ),
    Operation(
        method="GET",
        path=f"{NPP}/rights/assigned",
        name="npp_rights",
        about="Holdings in the National Parking Platform's profile: texts are objects by language.",
        roles=_readers,
        act=npp_rights,
        query=ExportPage,
        answer=Page[AssignedRight],
    ),
    Operation(
        method="GET",
        path=f"{NPP}/rights/specs",
        name="npp_specifications",
        about="Products by zone in the National Parking Platform's profile.",
        roles=_readers,
        act=npp_specifications,
        answer=Page[RightSpecification],
    ),
)
