"""Listing a property, or recording anew what is known of it."""

from datetime import date

from commands.book_voucher import BookVoucher
from commands.list_property import ListProperty
from ledger.events import PropertyListed, VoucherBooked
from tests.given import bought, done, given


def test_a_property_is_listed_with_its_facts():
    """The zone is a property of the address (STV-005)."""
    given().when(
        ListProperty(
            property_ref="10001",
            zone="OT",
            areas=("town", "conservation"),
            built_on=date(1930, 1, 1),
            council_tax_from=date(1990, 1, 1),
            council_tax_accounts=("CT-1",),
            address="1 High Street",
        ),
        by="staff",
    ).then(
        PropertyListed(
            property_ref="10001",
            zone="OT",
            areas=("conservation", "town"),
            built_on=date(1930, 1, 1),
            council_tax_from=date(1990, 1, 1),
            council_tax_accounts=("CT-1",),
            address="1 High Street",
        )
    ).then_answers(household="home")


def test_the_areas_of_its_zone_are_the_propertys_too():
    outcome = given(values={"zones.OT.areas": ["town", "centre"]}).when(
        ListProperty(property_ref="10001", zone="OT", areas=("town",)), by="staff"
    )

    assert isinstance(outcome.then_accepted().events[0], PropertyListed)
    assert outcome.events[0].areas == ("centre", "town")


def test_a_zone_that_the_scheme_has_not_is_refused():
    given().when(ListProperty(property_ref="10001", zone="XX"), by="staff").then_refused(
        "eligibility.zone"
    )


def test_what_is_held_keeps_the_zone_it_was_sold_for():
    """A later zone of the property is not that of an earlier permit."""
    moved = given(
        bought("virtual-visitor-vouchers"),
        done(ListProperty(property_ref="home", zone="NT"), by="staff"),
    )

    outcome = moved.when(BookVoucher(vehicles=("AA11AAA",))).then_accepted()

    assert isinstance(outcome.events[0], VoucherBooked)
    assert outcome.events[0].covers[0].zone == "OT"
