"""The search for an order finds one where there is one, and says so where there is none."""

from scripts.prove.linear import Booked, Operation, booking_model, order_of

ONE_LEFT = Booked(1, frozenset())


def told(asked_at, told_at, asked, *said):
    return Operation(asked_at=asked_at, told_at=told_at, asked=asked, told=said)


def test_two_at_once_may_come_in_either_order():
    """Who was refused was asked first: there is an order in which they came second."""
    refused = told(0, 10, ("book", "A"), "no")
    booked = told(1, 9, ("book", "B"), "yes", "b", 0)

    assert order_of([refused, booked], ONE_LEFT, booking_model) == [booked, refused]


def test_nobody_comes_before_what_was_answered_before_they_asked():
    refused = told(0, 1, ("book", "A"), "no")
    booked = told(2, 3, ("book", "B"), "yes", "b", 0)

    assert order_of([refused, booked], ONE_LEFT, booking_model) is None


def test_the_last_unit_given_twice_has_no_order():
    first = told(0, 10, ("book", "A"), "yes", "a", 0)
    second = told(0, 10, ("book", "B"), "yes", "b", 0)

    assert order_of([first, second], ONE_LEFT, booking_model) is None


def test_a_stale_count_of_units_has_no_order():
    first = told(0, 1, ("book", "A"), "yes", "a", 1)
    second = told(2, 3, ("book", "B"), "yes", "b", 1)

    assert order_of([first, second], Booked(2, frozenset()), booking_model) is None


def test_a_search_that_goes_wrong_first_goes_back():
    """The cancellation gives back the unit that the second booking takes."""
    first = told(0, 20, ("book", "A"), "yes", "a", 0)
    refused = told(0, 20, ("book", "C"), "no")
    second = told(0, 20, ("book", "B"), "yes", "b", 0)
    cancelled = told(0, 20, ("cancel", "a"), "yes", "a", 1)

    order = order_of([second, first, refused, cancelled], ONE_LEFT, booking_model)

    assert order is not None
    assert order.index(first) < order.index(cancelled) < order.index(second)


def test_the_empty_history_has_its_order():
    assert order_of([], ONE_LEFT, booking_model) == []


def test_an_amendment_is_of_a_booking_that_is_there():
    booked = told(0, 1, ("book", "A"), "yes", "a", 0)
    amended = told(2, 3, ("amend", "a", "B"), "yes", "a", None)
    unknown = told(4, 5, ("amend", "x", "B"), "no")
    again = told(6, 7, ("amend", "a", "A"), "no")

    assert order_of([booked, amended, unknown], ONE_LEFT, booking_model)
    assert order_of([booked, amended, again], ONE_LEFT, booking_model) is None
