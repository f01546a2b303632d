"""A mark that looks like a saved visitor's: advice to an officer, no permission, and no person."""

import pytest

from tests.web.test_handhelds import Handheld
from tests.web.test_officer_page import Browser, words

CHECKS = "stevenage/enforcement/checks"


def visited(served, *marks):
    """A home of zone OT that has saved these marks; it has nothing booked."""
    home = served.home()
    for mark in marks:
        saved = served.command(home, "save_visitor", {"vehicle": mark, "name": "Gran"})
        assert saved.status_code == 200, saved.json()
    return home


def asked(served, mark, zone="OT", role="officer", **instants):
    answer = served.post(CHECKS, {"mark": mark, "zone": zone, **instants}, served.token(role))
    assert answer.status_code == 200, answer.json()
    return answer.json()


def test_a_mark_one_slip_from_a_saved_visitors_is_told_at_once_and_permits_nothing(served):
    """The guide's own slip: G885WFE when booked, G865WFE when saved (reference D.2)."""
    visited(served, "G885WFE")

    found = asked(served, "G865WFE")

    assert (found["covered"], found["reason"], found["near"]) == (False, "no_right", [])
    assert found["near_saved"] == ["G885WFE"]


def test_a_saved_visitor_whose_visit_nobody_booked_is_told(served):
    visited(served, "BBV2EDA")

    found = asked(served, "bbv 2eda")

    assert (found["covered"], found["near_saved"]) == (False, ["BBV2EDA"])


def test_a_saved_visitor_who_is_booked_is_near_and_not_told_twice(served):
    home = visited(served, "CCV3EDA")
    served.with_vouchers(home)
    assert served.command(home, "book_voucher", {"vehicles": ["CCV3EDA"]}).status_code == 200

    assert asked(served, "CCV3EDA")["near_saved"] == []
    slipped = asked(served, "CCV3EDB")
    assert (slipped["near"], slipped["near_saved"]) == (["CCV3EDA"], [])


def test_a_visitor_of_another_zone_is_not_told(served):
    visited(served, "DDV4EDA")

    assert asked(served, "DDV4EDA", zone="NT")["near_saved"] == []


def test_a_saved_visitor_whose_mark_was_put_right_is_told_as_it_is_now(served):
    home = visited(served, "EEV5EDA")
    changed = {"vehicle": "EEV5EDA", "to": "SAV5XYZ"}
    assert served.command(home, "change_visitor", changed).status_code == 200

    assert asked(served, "EEV5EDA")["near_saved"] == []
    assert asked(served, "SAV5XYZ")["near_saved"] == ["SAV5XYZ"]


def test_the_visitors_of_those_who_moved_out_are_gone(served):
    home = visited(served, "FFV6EDA")
    gone = served.command(home, "move_out", {"resident": home.resident}, served.token("staff"))
    assert gone.status_code == 200, gone.json()

    assert asked(served, "FFV6EDA")["near_saved"] == []
    with served.councils["stevenage"].pool.connection() as connection:
        kept = connection.execute(
            "select count(*) from stevenage.saved_visitors where household_id = %s", (home.id,)
        ).fetchone()
    assert kept == (0,)


@pytest.mark.parametrize("field", ["at", "known_at"])
def test_of_another_instant_nothing_is_told(served, field):
    """What was saved then is not kept: an answer about the past would be a guess."""
    visited(served, f"GGV7E{field[0]}A".upper())
    instants = {field: served.at.isoformat()}

    assert asked(served, f"GGV7E{field[0]}A", role="auditor", **instants)["near_saved"] == []


def test_a_street_of_marks_is_told_each_its_own(served):
    visited(served, "HHV8EDA", "IIV9EDA")
    marks = ("HHV8EDB", "NO11ONE", "IIV9EDA")
    body = {"checks": [{"mark": mark, "zone": "OT"} for mark in marks]}

    answers = served.post(f"{CHECKS}/batch", body, served.token("officer")).json()["answers"]

    assert [each["answer"]["near_saved"] for each in answers] == [["HHV8EDA"], [], ["IIV9EDA"]]


def test_no_person_is_told(served):
    home = visited(served, "AAV1EDA")

    text = str(asked(served, "AAV1EDB"))

    for private in ("Gran", home.id, home.resident, home.property_ref):
        assert private not in text


def test_a_devices_list_has_no_saved_visitors(served):
    """A list leaves the council's hands: it holds what is covered, and no more."""
    visited(served, "SAV1XYZ")

    assert "SAV1XYZ" not in Handheld(served).fetch().text


def test_the_officers_page_says_what_it_looks_like(served):
    visited(served, "SAV1PAG")
    officer = Browser(served).signed_in(served.token("officer"))

    page = words(officer.send(mark="SAV1PAH", zone="OT"))
    none = words(officer.send(mark="NO11ONE", zone="OT"))

    assert "Not covered SAV1PAH" in page
    assert "Looks like a saved visitor, not booked" in page
    assert "A household of this zone has saved this mark as a visitor" in page
    assert "SAV1PAG" in page
    assert "saved" not in none
