"""A household of a council, lived in memory by the commands' own rules: facts with receipts."""

from datetime import date, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest

from commands.apply_for_permit import ApplyForPermit
from commands.base import Command, Values
from commands.begin_stay import BeginStay
from commands.end_stay import EndStay
from commands.enrol_resident import EnrolResident
from commands.handling import decided
from commands.list_property import ListProperty
from commands.pay_for_applications import PayForApplications
from commands.registry import USE_CASES, tag_of
from commands.upload_proof import UploadProof
from commands.use_card import UseCard
from ledger.calendar import parse_local
from ledger.events import Actor, Answer, AnyEvent, Entry, Receipt, Recorded
from ledger.household.state import Household
from ledger.refusals import Refused
from ledger.rules.working_days import WorkingDays
from ledger.scheme.editions import Editions
from ledger.scheme.loading import built_in
from replay.what_if.course import Terms, happen, known
from replay.what_if.lives import Setting
from replay.what_if.proposals import proposal
from replay.what_if.replaying import setting
from replay.what_if.requests import digest
from replay.what_if.streams import Attempt, Stream, catalogue

STAFF = Actor("staff", "office")
DAYS = WorkingDays(())
SCHEME = "norwich-2015"
EXAMPLES = Path(__file__).parents[2] / "replay" / "what_if" / "examples" / "norwich"


@pytest.fixture
def overlay(tmp_path: Path):
    """A file of changed values."""

    def written(text: str, name: str = "proposal.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


def editions(scheme: str = SCHEME) -> Editions:
    return built_in().editions(scheme)


class Home:
    """A property, `zone` and all, with one resident; `facts` and `attempts` are what is kept."""

    def __init__(
        self, number: int = 1, zone: str = "CENTRE", under: Editions | None = None
    ) -> None:
        self.stream = UUID(int=number)
        self.editions = under or editions()
        self.terms = Terms(known(self.editions), DAYS)
        self.likely = catalogue(self.editions.ordered)
        self.household = Household(household_id=str(self.stream))
        self.facts: list[Recorded] = []
        self.attempts: list[Attempt] = []
        self.keys = count(1)
        self.by = STAFF
        since = "2025-01-01 09:00"
        self.do(since, ListProperty(property_ref=f"home-{number}", zone=zone))
        enrolled = self.do(since, EnrolResident(born_on=date(1980, 1, 1), receives=("pension",)))
        self.by = Actor("resident", str(enrolled["resident"]))

    def do(self, at: str, command: Command, by: Actor | None = None) -> Values:
        """It happens, or the attempt is kept; then nothing is answered."""
        instant, by = parse_local(at, self.editions.latest.tz), by or self.by
        key = sha256(f"{self.stream}/{next(self.keys)}".encode()).hexdigest()
        context = self.terms.context(instant, by, "website", "", key)
        tag = tag_of(type(command))
        try:
            events = decided(command, self.household, context)
        except Refused as refused:
            wanted = self.likely.get(digest(command))
            self.attempts.append(
                Attempt(
                    at=instant,
                    command=tag,
                    key=key,
                    by=by,
                    channel="website",
                    codes=refused.codes,
                    wanted=wanted,
                )
            )
            return {}
        happen(self.household, events, instant)
        values = USE_CASES[type(command)].answer(self.household, events, context)
        answer = Answer(command=tag, household_id=str(self.stream), values=values)
        receipt = Receipt(key=key, body=digest(command), answer=answer)
        self._keep(events, instant, by, receipt)
        return values

    def _keep(self, events: list[AnyEvent], at: datetime, by: Actor, receipt: Receipt) -> None:
        for n, event in enumerate(events, start=1):
            entry = Entry(
                recorded_at=at,
                by=by,
                channel="website",
                event=event,
                receipt=receipt if n == len(events) else None,
            )
            self.facts.append(
                Recorded(
                    originator_id=self.stream,
                    originator_version=len(self.facts) + 1,
                    position=0,
                    entry=entry,
                )
            )

    def buy(self, at: str, product: str, quantity: int | None = None, **asked: object) -> bool:
        """Applied for, proved where that is asked, and paid; False where it was refused."""
        told = self.do(at, ApplyForPermit(product=product, quantity=quantity, **asked))  # type: ignore[arg-type]
        if not told:
            return False
        application = str(told["application"])
        if told["state"] == "awaiting_proof":
            dated = date.fromisoformat(at[:10])
            proof = UploadProof(application=application, document="bank_statement", dated=dated)
            told = self.do(at, proof)
        if told["state"] == "awaiting_payment":
            paid = PayForApplications(applications=(application,), result="authorised")
            told = self.do(at, paid)
        return told.get("state") == "issued"

    def card(self, at: str, mark: str = "AB12CDE") -> bool:
        return bool(self.do(at, UseCard(vehicle=mark, product="day-scratchcard")))

    def stay(self, begins: str, ends: str, mark: str = "AB12CDE") -> None:
        self.do(begins, BeginStay(vehicle=mark))
        self.do(ends, EndStay(vehicle=mark))

    @property
    def lived(self) -> Stream:
        return Stream(str(self.stream), list(self.facts), list(self.attempts))


def proposing(
    *files: object, begins: str = "2025-01-01", ends: str = "2027-01-01", scheme: str = SCHEME
) -> Setting:
    """The period, local dates, and a proposal for each of these files."""
    base = editions(scheme).latest
    period = (parse_local(f"{day} 00:00", base.tz) for day in (begins, ends))
    proposals = [proposal(file, base, built_in()) for file in files]  # type: ignore[arg-type]
    return setting(editions(scheme), DAYS, proposals, *period)
