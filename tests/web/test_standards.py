"""Standards out over HTTP: who may take an export, and that a page is what the schema says."""

import pytest
from jsonschema import Draft4Validator

from tests.replay.apds_schemas import schema

PATHS = (
    "apds/rights/assigned",
    "apds/rights/specs",
    "apds/observations",
    "apds/observations/sets",
    "apds/sessions",
    "npp/sessions",
    "npp/rights/assigned",
    "npp/rights/specs",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("role", ["staff", "auditor"])
def test_staff_and_auditors_take_an_export(served, path, role):
    answer = served.get(f"stevenage/standards/{path}", served.token(role))

    assert answer.status_code == 200
    assert set(answer.json()) == {"meta", "data"}
    assert answer.json()["meta"]["referenceInstant"] == "2026-11-19T12:00:00Z"


@pytest.mark.parametrize("path", PATHS)
def test_nobody_else_does(served, problem, path):
    problem(served.get(f"stevenage/standards/{path}"), 401, "not-signed-in")
    problem(served.get(f"stevenage/standards/{path}", served.token("officer")), 403, "not-allowed")


@pytest.mark.parametrize("profile", ["apds", "npp"])
def test_what_is_sent_is_valid(served, profile):
    home = served.home()
    served.with_vouchers(home)
    served.command(home, "book_voucher", {"vehicles": ["EXP0RT1"]})
    served.follow(home, 1)
    staff = served.token("staff")

    rights = served.get(f"stevenage/standards/{profile}/rights/assigned?page_size=500", staff)
    specs = served.get(f"stevenage/standards/{profile}/rights/specs", staff)

    assert "EXP0RT1" in rights.text
    for each in rights.json()["data"]:
        Draft4Validator(schema("AssignedRight", profile=profile)).validate(each)
    for each in specs.json()["data"]:
        Draft4Validator(schema("RightSpecification", profile=profile)).validate(each)


@pytest.mark.parametrize("query", ["page_size=0", "page_size=501", "after=-1", "offset=1"])
def test_a_page_that_cannot_be_is_refused(served, problem, query):
    answer = served.get(f"stevenage/standards/apds/observations?{query}", served.token("staff"))

    problem(answer, 400, "invalid", "query.invalid")


def test_the_platform_has_no_observations(served, problem):
    answer = served.get("stevenage/standards/npp/observations", served.token("staff"))

    problem(answer, 404, "not-found")


def test_rights_are_narrowed_and_a_mark_is_no_part_of_an_address(served, problem):
    """A mark in an address would be in logs: the standard's `credential_id` is not taken."""
    home = served.home()
    served.with_vouchers(home)
    staff = served.token("staff")
    path = "stevenage/standards/apds/rights/assigned"

    later = served.get(f"{path}?modified_since=2030-01-01T00:00:00Z&page_size=500", staff)

    assert (later.status_code, later.json()["data"]) == (200, [])
    problem(served.get(f"{path}?credential_id=AB12CDE", staff), 400, "invalid", "query.invalid")
    problem(
        served.get(f"{path}?modified_since=2030-01-01T00:00:00", staff),
        400,
        "invalid",
        "query.invalid",
    )
