"""One payment of the provider's is credited once, whoever tells of it and under which key.

Source: STV-063 to 070; promise P15.
"""

import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.handling import Sender
from commands.pay_for_applications import PayForApplications
from ledger.events import Actor
from ledger.refusals import Refused
from scripts.benches.households import booked_product
from services.council import Council
from tests.store.homes import STAFF, a_council, a_home, counts


def applied(council: Council, name: str) -> tuple[str, Actor]:
    """An application of this household that is to be paid for, and who made it."""
    home = a_home(council, name)
    product = booked_product(council.editions.latest)
    assert product is not None
    sender = Sender(by=home.by, key="applied")
    answer = council.handle(home.household, ApplyForPermit(product=product.id), sender)
    return str(answer.values["application"]), home.by


def test_one_reference_is_credited_once_whoever_tells_of_it(database: str) -> None:
    """Told twice, for two households and in two deliveries: the second one is refused whole."""
    with a_council(database, 2) as council:
        for name in ("one", "other"):
            application, by = applied(council, name)
            paid = PayForApplications(
                applications=(application,), result="authorised", provider_reference="ref-1"
            )
            before = counts(council.ledger)
            sender = Sender(by=STAFF, key=f"delivery to {name}", on_behalf_of=by.name)
            if name == "one":
                council.handle(council.ledger.household_id(name), paid, sender)
                continue
            with pytest.raises(Refused) as refused:
                council.handle(council.ledger.household_id(name), paid, sender)
            assert refused.value.codes == ("payment.repeated",)
            after = counts(council.ledger)
            assert after["stored_events"] == before["stored_events"]
