"""Who asks: every role of two councils, a resident with a past, and their sibling household.

What is the sibling's is spelled so that it can be found wherever it leaks.
"""

from typing import Any, get_args
from uuid import uuid4

from services.identity import sessions, staff
from services.identity.staff import STAFF_ROLES
from services.identity.tokens import TokenRole
from tests.web.conftest import Home, Served

COUNCIL, OTHER = "stevenage", "gravesham"
ROLES: tuple[TokenRole, ...] = get_args(TokenRole)
SIBLINGS_MARK, SIBLINGS_NAME, SIBLINGS_STREET = "S1BL1NG", "Cassiopeia", "Ophiuchus Row"
NOTICE = "PCNSIBL1NG"


class People:
    """Tokens and sessions of every role, and the homes of `own` and `sibling`."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.own, self.sibling = served.home(COUNCIL), served.home(COUNCIL)
        self.elsewhere = served.home(OTHER)
        self.sibling_ids = [self.sibling.id, self.sibling.resident, *self._past_of_the_sibling()]
        self._past_of(self.own, "0WN0001", "Own Visitor")
        self.tokens = {role: self._token(role, COUNCIL, self.own) for role in ROLES}
        self.tokens_elsewhere = {role: self._token(role, OTHER, self.elsewhere) for role in ROLES}
        self.sessions = {role: self._session(role, COUNCIL, self.own) for role in ROLES}
        self.sessions_elsewhere = {
            role: self._session(role, OTHER, self.elsewhere) for role in ROLES
        }

    @property
    def canaries(self) -> tuple[str, ...]:
        """What no resident but the sibling may ever be told."""
        return (
            SIBLINGS_MARK,
            SIBLINGS_NAME,
            SIBLINGS_STREET,
            self.sibling.email,
            self.sibling.mobile,
            self.sibling.account,
        )

    def version(self, home: Home) -> int:
        """How many facts a household has."""
        return home.council.ledger.household(home.stream).version

    def _token(self, role: TokenRole, council: str, home: Home) -> str:
        if role == "resident":
            return self.served.token(role, council, home.id, home.resident)
        return self.served.token(role, council)

    def _session(self, role: TokenRole, council: str, home: Home) -> str:
        """A browser's session; "" for a role that has no account."""
        asked = self.served.councils[council]
        name = f"{role}-{uuid4().hex[:8]}"
        with asked.pool.connection() as connection:
            if role in STAFF_ROLES:
                staff.add(connection, asked.schema, name=name, role=role, at=self.served.at)
            elif role != "resident":
                return ""
            resident = role == "resident"
            return sessions.begin_session(
                connection,
                asked.schema,
                role=role,
                name=name,
                at=self.served.at,
                household_id=home.id if resident else "",
                resident_id=home.resident if resident else "",
            )

    def _past_of_the_sibling(self) -> list[str]:
        """Every id that the sibling's household has given: holding, bookings, visitor, proof."""
        self._past_of(self.sibling, SIBLINGS_MARK, SIBLINGS_NAME)
        notice = {
            "number": NOTICE,
            "mark": SIBLINGS_MARK,
            "zone": "OT",
            "issued_at": self.served.at.isoformat(),
            "contravention": "12",
            "officer": "officer-1",
        }
        path = f"{COUNCIL}/notices/commands/note_notice"
        staffs = self.served.token("staff", COUNCIL)
        noted = self.served.post(path, notice, staffs, idempotency_key="noted")
        assert noted.status_code == 200, noted.text
        found = self.sibling.council.ledger.household(self.sibling.stream)
        named: list[Any] = [found.applications, found.holdings, found.bookings, found.visitors]
        return [each for kind in named for each in kind]

    def _past_of(self, home: Home, mark: str, name: str) -> None:
        self.served.with_vouchers(home)
        for command, body in (
            ("save_visitor", {"vehicle": mark, "name": name}),
            ("book_voucher", {"vehicles": [mark]}),
        ):
            done = self.served.command(home, command, body)
            assert done.status_code == 200, done.text
