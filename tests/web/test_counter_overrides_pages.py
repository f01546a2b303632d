"""An address that a rule excludes, made eligible by two people at the counter; and corrections'
reasons.
"""

from datetime import date

from commands.apply_for_permit import ApplyForPermit
from commands.book_voucher import BookVoucher
from commands.list_property import ListProperty
from ledger.events import EligibilityOverridden
from ledger.refusals import Refused
from tests.web.conftest import Home
from tests.web.test_counter_deeds_pages import elsewhere, norwich  # noqa: F401
from tests.web.test_counter_pages import Counter, household

CENTRE = "/override/city-centre-only"


class NewHome(Home):
    """A property of the city centre, built after the day from which they are excluded."""

    area, zone = "city-centre", "CENTRE"

    def did(self, command):
        if isinstance(command, ListProperty):
            command = ListProperty(
                property_ref=command.property_ref,
                zone=self.zone,
                areas=(self.area,),
                built_on=date(2003, 5, 1),
                council_tax_accounts=command.council_tax_accounts,
            )
        return super().did(command)


class ElsewhereHome(NewHome):
    """One of an area whose rule nobody can set aside."""

    area, zone = "elsewhere", "OUTER"


def refused_codes(home):
    try:
        home.did(ApplyForPermit(product="day-scratchcard", quantity=10))
    except Refused as refused:
        return refused.codes
    return ()


def test_an_address_that_a_rule_excludes_is_made_eligible_by_two_people(norwich):  # noqa: F811
    """NOR-123, NOR-124, X-080: "most" of the newer properties; the council decides which."""
    counter, _ = norwich
    home = NewHome(counter.served, counter.council)
    assert refused_codes(home) == ("eligibility.property_excluded",)
    counter.staff()
    counter.open(household(home))
    assert "Eligible all the same" in counter.said()

    path = household(home, CENTRE)
    counter.open(path)
    assert counter.send(path, channel="post").status_code == 422
    assert "Say why the address is eligible" in counter.said()
    counter.open(path)
    counter.send(path, channel="post", reason="It has a garage, and the council agreed.")
    assert "A colleague has to confirm this." in counter.said()
    assert refused_codes(home) == ("eligibility.property_excluded",)
    (proposal,) = counter.rows(
        f"select proposal_id from {counter.council.schema}.proposals where household_id = %s",
        home.id,
    )
    confirming = f"/staff/proposals/{proposal[0]}"
    counter.open(confirming)
    assert "somebody else has to confirm it" in counter.said()
    second = counter.staff()
    counter.open(confirming)
    assert "Make an address eligible" in counter.said()
    assert "It has a garage" in counter.said()
    counter.send(confirming, outcome="confirm")

    assert "It is confirmed and recorded." in counter.said()
    fact = list(counter.council.ledger.facts(home.stream))[-1]
    assert fact.event == EligibilityOverridden(
        override="city-centre-only",
        reason="It has a garage, and the council agreed.",
        approver=second,
    )
    assert fact.entry.by.name == second
    assert refused_codes(home) == ()
    counter.staff("auditor")
    counter.open("/audit/exceptions?kind=overridden")
    assert "It has a garage" in counter.said()


def test_a_rule_that_does_not_exclude_the_address_is_not_set_aside(norwich):  # noqa: F811
    """Nothing is proposed that a colleague could only be refused (grant.not_offered)."""
    counter, _ = norwich
    home = ElsewhereHome(counter.served, counter.council)
    counter.staff()
    assert "city centre only" not in counter.open(household(home)).text

    path = household(home, CENTRE)
    counter.open(path)
    counter.send(path, channel="post", reason="A favour.")

    assert counter.page.status_code == 422
    assert "No rule can be set aside so for this property" in counter.said()
    assert not counter.rows(
        f"select 1 from {counter.council.schema}.proposals where household_id = %s", home.id
    )


def test_a_correction_says_what_happened_and_nothing_is_chosen_beforehand(served):
    """No reason stands there for whoever does not look (G-031)."""
    home = served.home()
    served.with_vouchers(home)
    booking = home.did(BookVoucher(vehicles=("AB12CDE",)))["bookings"][0]
    counter = Counter(served)
    counter.staff()
    path = household(home, f"/correct/{booking}")

    counter.open(path)
    assert not any("code" in fields for _, fields in counter.forms())
    counter.send(path, mark="AB12CDF", reason="Told by telephone.", channel="phone")

    assert counter.page.status_code == 422
    assert "Choose what happened" in counter.said()
    assert not counter.rows("select 1 from stevenage.proposals where household_id = %s", home.id)
