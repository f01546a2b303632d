"""A resident signed in on the pages of a served council, and those who live with them."""

import re

from commands.book_voucher import BookVoucher
from commands.enrol_resident import EnrolResident
from commands.handling import Sender
from commands.save_visitor import SaveVisitor
from ledger.events import Actor
from services.identity import sessions


class Residing:
    """A resident signed in on the pages of their council."""

    def __init__(self, served, home):
        self.served, self.home = served, home
        with home.council.pool.connection() as connection:
            secret = sessions.begin_session(
                connection,
                home.council.schema,
                role="resident",
                name="r",
                at=served.at,
                household_id=home.id,
                resident_id=home.resident,
            )
        served.client.cookies.set(home.council.id, secret)
        self.count = 0

    def get(self, path):
        return self.served.client.get(f"/{self.home.council.id}{path}")

    def send(self, path, **fields):
        """Post a form as the page gave it; where it leads is followed."""
        self.count += 1
        proof = re.search(r'name="proof" value="([0-9a-f]+)"', self.get("").text)[1]
        sent = {
            "proof": proof,
            "key": f"form-{self.home.number:06}-{self.count:06}{path}",
            **fields,
        }
        return self.served.client.post(f"/{self.home.council.id}{path}", data=sent)

    def does(self, command):
        self.count += 1
        by = Actor("resident", self.home.resident)
        sender = Sender(by=by, key=f"does/{self.home.number}/{self.count}")
        return self.home.council.handle(self.home.stream, command, sender).values


def flatmate(served, home):
    """Another resident of the same home, with a saved visitor and a visit of their own."""
    enrolled = home.did(EnrolResident(name="Flatmate", email=f"mate-{home.number}@example.org"))
    by = Actor("resident", str(enrolled["resident"]))
    for n, command in enumerate(
        (SaveVisitor(vehicle="FL47ABC", name="Secret"), BookVoucher(vehicles=("FL47ABC",)))
    ):
        sender = Sender(by=by, key=f"mate/{home.number}/{n}")
        booked = home.council.handle(home.stream, command, sender).values
    return booked["bookings"][0]


def booked_later(living, mark="AB12CDE"):
    return living.does(BookVoucher(vehicles=(mark,), start="2026-11-21 10:00"))["bookings"][0]
