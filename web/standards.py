"""Standards out over HTTP: what a council has, in APDS's shapes or the National Parking Platform's.

Pages go on from a position, not by counting: a ledger grows while it is read. So `meta` has `next`
where the standard has `offset` and `total`. What is asked for is narrowed by the standard's own
names: `modified_since`, `right_spec`, `place`, `start_...`, `end_...`. Not by `credential_id`: a
mark is in no address here, for addresses are logged; a check has it in its body.
"""

from typing import Annotated

from msgspec import Meta

from replay.standards import exporting
from replay.standards.apds import (
    AssignedRight,
    ObservationElement,
    Profile,
    RightSpecification,
)
from replay.standards.exporting import Page, Wanted
from replay.standards.sessions import ObservationSet, Session
from web.access import Roles
from web.asking import Asking, Instant
from web.operations import Call, Operation, Site

APDS = "/api/v1/{council}/standards/apds"
NPP = "/api/v1/{council}/standards/npp"


class ExportPage(Asking, frozen=True, kw_only=True):
    """`after` is the `next` of the page before; 0 begins."""

    after: Annotated[int, Meta(ge=0, le=2**63 - 1)] = 0
    page_size: Annotated[int, Meta(ge=1, le=500)] = 100


class RightsPage(ExportPage, frozen=True, kw_only=True):
    """Narrowed in the standard's names; instants are of the time in which the right is in force.

    A page is of `page_size` rights that were issued; the wanted ones of those are on it.
    """

    modified_since: Instant | None = None
    start_after: Instant | None = None
    start_before: Instant | None = None
    end_after: Instant | None = None
    end_before: Instant | None = None
    right_spec: str = ""
    place: str = ""


def _rights(call: Call, profile: Profile) -> Page[AssignedRight]:
    asked: RightsPage = call.query
    narrowed = {name: getattr(asked, name) for name in Wanted.__struct_fields__}
    return exporting.rights(call.council, profile, asked.after, asked.page_size, Wanted(**narrowed))


def apds_rights(call: Call) -> Page[AssignedRight]:
    return _rights(call, "apds")


def apds_sessions(call: Call) -> Page[Session]:
    return exporting.sessions(call.council, "apds", call.query.after, call.query.page_size)


def npp_sessions(call: Call) -> Page[Session]:
    return exporting.sessions(call.council, "npp", call.query.after, call.query.page_size)


def apds_observation_set(call: Call) -> Page[ObservationSet]:
    return exporting.observation_set(call.council, call.query.after, call.query.page_size)


def apds_specifications(call: Call) -> Page[RightSpecification]:
    return exporting.every_specification(call.council, "apds")


def apds_observations(call: Call) -> Page[ObservationElement]:
    return exporting.observations(call.council, call.query.after, call.query.page_size)


def npp_rights(call: Call) -> Page[AssignedRight]:
    return _rights(call, "npp")


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
        query=RightsPage,
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
        query=RightsPage,
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
    Operation(
        method="GET",
        path=f"{APDS}/sessions",
        name="apds_sessions",
        about="Visits and stays that have begun, as APDS Session.",
        roles=_readers,
        act=apds_sessions,
        query=ExportPage,
        answer=Page[Session],
    ),
    Operation(
        method="GET",
        path=f"{NPP}/sessions",
        name="npp_sessions",
        about="Visits and stays that have begun, in the National Parking Platform's profile.",
        roles=_readers,
        act=npp_sessions,
        query=ExportPage,
        answer=Page[Session],
    ),
    Operation(
        method="GET",
        path=f"{APDS}/observations/sets",
        name="apds_observation_set",
        about="A page of what officers read in vehicles, as one APDS ObservationSet.",
        roles=_readers,
        act=apds_observation_set,
        query=ExportPage,
        answer=Page[ObservationSet],
    ),
)
