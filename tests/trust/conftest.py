"""One served application for every test of the boundary, with the same people in it."""

from collections.abc import Iterator

import pytest

from tests.trust.people import People
from tests.web.conftest import NOON, Served, every_test_served, problem, served

__all__ = ["every_test_served", "people", "problem", "served"]


@pytest.fixture(scope="session")
def every_test_people(every_test_served: Served) -> People:
    every_test_served.at = NOON
    return People(every_test_served)


@pytest.fixture
def people(served: Served, every_test_people: People) -> Iterator[People]:
    yield every_test_people
    served.client.cookies.clear()
