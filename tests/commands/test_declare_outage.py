"""Services that failed are put on the register."""

from datetime import timedelta

import msgspec
import pytest

from commands.declare_outage import DeclareOutage
from ledger.events import OutageDeclared
from tests.given import given, instant

BEGAN, NOW = instant("2026-11-19 09:00"), "2026-11-19 10:00"
FAILING = DeclareOutage(
    services=("bookings",), failed_from=BEGAN, found_how="reported", reason="no bookings arrive"
)


def test_an_outage_may_go_on_still():
    given().when(FAILING, at=NOW, by="staff", ids=("x",)).then(
        OutageDeclared(
            outage_id="x",
            services=("bookings",),
            failed_from=BEGAN,
            found_how="reported",
            reason="no bookings arrive",
        )
    ).then_answers(outage="x")


def test_a_service_that_is_named_twice_failed_once():
    twice = msgspec.structs.replace(FAILING, services=("texts", "bookings", "texts"))
    (event,) = given().when(twice, at=NOW, by="staff").events
    assert isinstance(event, OutageDeclared)
    assert event.services == ("texts", "bookings")


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"failed_from": instant("2026-11-19 10:00:01")}, ("outage.in_future",)),
        ({"failed_until": instant("2026-11-19 10:00:01")}, ("outage.in_future",)),
        ({"failed_until": instant("2026-11-19 10:00")}, ()),
        ({"failed_until": BEGAN}, ("outage.ends_before_it_begins",)),
        ({"failed_until": BEGAN + timedelta(microseconds=1)}, ()),
        ({"reason": "  "}, ("outage.reason_missing",)),
    ],
)
def test_an_outage_that_cannot_have_been_is_refused(values, codes):
    outcome = given().when(msgspec.structs.replace(FAILING, **values), at=NOW, by="staff")
    outcome.then_refused(*codes) if codes else outcome.then_accepted()


@pytest.mark.parametrize("services", [[], ["lifts"]])
def test_what_failed_is_one_of_the_services(services):
    body = {**msgspec.to_builtins(FAILING), "services": services}
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(body), type=DeclareOutage)
