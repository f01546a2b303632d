"""Booking, changing and cancelling visits for a resident, and which vehicle a permit is for."""

from collections.abc import Sequence

from commands.add_vehicle import AddVehicle
from commands.amend_booking import AmendBooking
from commands.book_voucher import BookVoucher
from commands.cancel_booking import CancelBooking
from commands.remove_vehicle import RemoveVehicle
from commands.switch_vehicle import SwitchVehicle
from ledger.events import Answer, AnyEvent, BookingCancelled, VoucherBooked
from ledger.household.state import Holding
from replay.schemes.words import counted, noun
from web.pages.counter.case import Case
from web.pages.counter.deed import Deed, Field
from web.pages.forms import Form, every, mistake
from web.pages.rendering import span_words

MARK = Field(kind="mark", name="mark", label="Registration number")


def bookable(case: Case) -> list[Holding]:
    """The lots of units that a visit can still be booked from, the next to end first."""
    found = [
        each
        for each in case.household.holdings.values()
        if each.units_left > 0 and each.in_hand(case.now) and _books(case, each)
    ]
    return sorted(found, key=lambda each: each.in_force_until)


def _books(case: Case, holding: Holding) -> bool:
    product = case.visit.council.editions.edition(holding.edition).product(holding.product)
    return product is not None and product.draws_units and product.medium != "paper"


def _products(case: Case) -> tuple[tuple[str, str], ...]:
    """`Visitor vouchers: 14 vouchers left`."""
    left: dict[str, int] = {}
    for each in bookable(case):
        left[each.product] = left.get(each.product, 0) + each.units_left
    return tuple(
        (each, f"{case.name_of(each)}: {_units(case, each, n)} left") for each, n in left.items()
    )


def _units(case: Case, product_id: str, number: int) -> str:
    product = case.scheme.product(product_id)
    return counted(number, noun(product)) if product else str(number)


def _book_fields(case: Case) -> list[Field]:
    products = _products(case)
    if not products:
        text = "Nothing is left to book with. Buy or apply for it first."
        return [Field(kind="note", name="nothing", label=text)]
    return [
        *([Field(kind="choice", name="product", label="What is it booked with?", items=products)]
          if len(products) > 1 else [Field(kind="note", name="product", label=products[0][1])]),
        MARK,
        Field(kind="text", name="name", label="Name of the visitor (you can leave this empty)"),
        Field(kind="choice", name="when", label="When does the visit begin?",
              items=(("now", "Now"), ("later", "Later"))),
        Field(kind="day", name="start", label="If later: on which day?"),
        Field(kind="time", name="time", label="If later: at what time?", hint="For example, 14:30"),
    ]  # fmt: skip


def _book(case: Case, form: Form) -> BookVoucher:
    products = [each for each, _ in _products(case)]
    if not products:
        raise mistake("", "Nothing is left to book with.")
    chosen = products[0]
    if len(products) > 1:
        chosen = form.one_of("product", products, "Choose what it is booked with")
    mark, start = every(lambda: _typed(form), lambda: _start(form))
    return BookVoucher(vehicles=(mark,), product=chosen, start=start, name=form.get("name"))


def _start(form: Form) -> str:
    """`now`, or a local day and time. Raises Mistakes."""
    if form.one_of("when", ("now", "later"), "Choose when the visit begins") == "now":
        return "now"
    on, at = every(lambda: form.day("start", "The day"), lambda: time_of(form))
    return f"{on.isoformat()} {at}"


def time_of(form: Form, field: str = "time") -> str:
    """`14:30`, however it was typed. Raises Mistakes."""
    hour, _, minute = form.get(field).replace(".", ":").partition(":")
    if not (hour.isdigit() and minute.isdigit() and len(minute) == 2 and len(hour) <= 2):
        raise mistake(field, "Enter a time as hours and minutes, for example 14:30")
    if int(hour) > 23 or int(minute) > 59:
        raise mistake(field, "Enter a time between 00:00 and 23:59")
    return f"{int(hour):02d}:{minute}"


def _booked(case: Case, events: Sequence[AnyEvent]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for event in events:
        if isinstance(event, VoucherBooked):
            (cover,) = event.covers
            found += [
                ("Vehicle", cover.shown),
                ("Covered", span_words(cover.covers_from, cover.covers_until, case.visit.tz)),
                ("Takes", _units(case, event.product, event.units)),
            ]
    return found


def _visit(case: Case) -> list[tuple[str, str]]:
    booking, cover = case.booking, case.booking.cover
    return [
        ("Vehicle", cover.shown),
        ("Booked with", case.name_of(booking.product, booking.edition)),
        ("Covered", span_words(cover.covers_from, cover.covers_until, case.visit.tz)),
    ]


def _given_back(case: Case, events: Sequence[AnyEvent]) -> list[tuple[str, str]]:
    (event,) = [each for each in events if isinstance(each, BookingCancelled)]
    return [("Goes back", _units(case, event.product, event.units_returned))]


def _said_booked(case: Case, answer: Answer) -> str:
    warnings = answer.values.get("warnings")
    more = " ".join(f"{each}." for each in warnings) if isinstance(warnings, list) else ""
    return f"The visit is booked. {more}".strip()


def _listed(case: Case) -> tuple[tuple[str, str], ...]:
    holding = case.holding
    return tuple(
        (each.shown, f"{each.shown} (active now)" if each.glyphs == holding.active else each.shown)
        for each in holding.vehicles.values()
    )


def _vehicles(label: str, case: Case) -> list[Field]:
    return [Field(kind="choice", name="mark", label=label, items=_listed(case))]


def _chosen(case: Case, form: Form) -> str:
    return form.one_of("mark", [each for each, _ in _listed(case)], "Choose a vehicle")


def _typed(form: Form) -> str:
    return form.needed("mark", "Enter the registration number of the vehicle")


DEEDS = (
    Deed(
        slug="book",
        heading=lambda case: "Book a visit",
        button="Book this visit",
        fields=_book_fields,
        command=_book,
        check=_booked,
        said=_said_booked,
        errors={
            "vehicle": "mark",
            "booking.start_in_past": "start-day",
            "booking.too_far_ahead": "start-day",
            "booking.no_such_time": "time",
        },
    ),
    Deed(
        slug="cancel-booking",
        heading=lambda case: "Cancel this visit",
        button="Cancel the visit",
        about=_visit,
        whose=lambda case: case.booking.resident_id,
        command=lambda case, form: CancelBooking(booking=case.booking.booking_id),
        check=_given_back,
        said=lambda case, answer: "The visit is cancelled.",
        warning=True,
    ),
    Deed(
        slug="change-booking",
        heading=lambda case: "Change the vehicle of this visit",
        button="Change the vehicle",
        about=_visit,
        whose=lambda case: case.booking.resident_id,
        fields=lambda case: [MARK],
        command=lambda case, form: AmendBooking(
            booking=case.booking.booking_id, vehicle=_typed(form)
        ),
        said=lambda case, answer: "The vehicle of the visit is changed.",
    ),
    Deed(
        slug="switch",
        heading=lambda case: "Make another vehicle active",
        button="Make it active",
        whose=lambda case: case.holding.resident_id,
        fields=lambda case: _vehicles("Which vehicle is it to be?", case),
        command=lambda case, form: SwitchVehicle(
            vehicle=_chosen(case, form), holding=case.holding.holding_id
        ),
        said=lambda case, answer: "That vehicle is active now.",
    ),
    Deed(
        slug="add-vehicle",
        heading=lambda case: "Add a vehicle to this permit",
        button="Add the vehicle",
        whose=lambda case: case.holding.resident_id,
        fields=lambda case: [MARK],
        command=lambda case, form: AddVehicle(
            vehicle=_typed(form), holding=case.holding.holding_id
        ),
        said=lambda case, answer: "The vehicle is on the permit.",
    ),
    Deed(
        slug="remove-vehicle",
        heading=lambda case: "Take a vehicle off this permit",
        button="Take it off",
        whose=lambda case: case.holding.resident_id,
        fields=lambda case: _vehicles("Which vehicle is taken off?", case),
        command=lambda case, form: RemoveVehicle(
            vehicle=_chosen(case, form), holding=case.holding.holding_id
        ),
        said=lambda case, answer: "The vehicle is off the permit.",
        warning=True,
    ),
)
