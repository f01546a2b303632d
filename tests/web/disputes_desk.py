"""The disputes desk in a browser of the tests: its forms as they stand, and its questions."""

import re
from html import unescape
from itertools import count

import pytest

from services.identity import sessions, staff
from tests.web.conftest import NOON

numbers = count(1)


@pytest.fixture
def desk(served):
    """A browser of the disputes desk; `role` signs another one in."""
    browser = Browser(served)
    browser.role("dispute")
    return browser


class Browser:
    def __init__(self, served, council="stevenage"):
        self.served = served
        self.council = served.councils[council]
        self.root = f"/{council}/disputes"

    def role(self, role, **who):
        self.served.client.cookies.clear()
        self.name = f"{role}-{next(numbers)}"
        at = self.served.at
        with self.council.pool.connection() as connection:
            if role != "resident":
                staff.add(connection, self.council.id, name=self.name, role=role, at=at)
            secret = sessions.begin_session(
                connection, self.council.id, role=role, name=self.name, at=at, **who
            )
        self.served.client.cookies.set(self.council.id, secret)

    def get(self, path=""):
        return self.served.client.get(f"{self.root}{path}", follow_redirects=False)

    def post(self, path, **fields):
        """Send the form of a page, as it stands there but for what is filled in."""
        page = self.get("" if path == "/pack" else path)
        proof = re.search(r'name="proof" value="(\w+)"', page.text)[1]
        key = f"page-key-of-tests-{next(numbers)}"
        sent = {name.replace("_x_", "-"): text for name, text in fields.items()}
        return self.served.client.post(
            f"{self.root}{path}", data={"proof": proof, "key": key, **sent}, follow_redirects=False
        )

    def follow(self, answer):
        assert answer.status_code == 303, unescape(answer.text)
        return self.served.client.get(answer.headers["location"])

    def noted(self, mark="ZZ99ZZZ", at=NOON):
        number = f"PG{next(numbers):06d}"
        answer = self.post("/notices/new", **about(mark, at, pcn=number), contravention="12")
        return number, self.follow(answer)

    def opened(self, **changed):
        number, _ = self.noted()
        sent = {"kind": "informal", "reference": "LETTER-1", **day("received", NOON)}
        return number, self.follow(self.post(f"/notices/{number}/case", **{**sent, **changed}))


def day(name, at):
    return {f"{name}-day": at.day, f"{name}-month": at.month, f"{name}-year": at.year}


def about(mark, at=NOON, **more):
    """The fields of a question; the time is local, and in November that is UTC."""
    return {"mark": mark, "zone": "OT", **day("at", at), "at-time": f"{at:%H:%M:%S}", **more}


def hidden(page):
    """The fields of the form that makes a pack."""
    form = page.text[page.text.index('action="/stevenage/disputes/pack"') :]
    named = re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in named if name not in ("proof", "key")}


def digest_on(page):
    return re.search(r"Digest of the data.*?\b([0-9a-f]{64})\b", page.text, re.DOTALL)[1]
