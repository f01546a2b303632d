"""What is asked next: one step, drawn from what a household has and from what it has not."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from tests.oracle.days import clock_of, day_of, months_on
from tests.simulation.instants import clock_changes
from tests.simulation.sending import Step

MARKS: Final = (
    "AB12CDE",
    "ab12 cde",
    "AB1ZCDE",
    "W123OOO",
    "W123000",
    "XY34-ZZZ",
    "K10TTT",
    "B 9",
    "AB!2",
    "A",
)


class Drawer:
    """Draws steps for one household at one instant."""

    def __init__(self, random: Random, home: dict[str, Any], at: datetime) -> None:
        self.random = random
        self.home = home
        self.at = at
        self.scheme = home["scheme"]

    def one(self, choices: Any, wrong: float = 0.02) -> Any:
        """The latest of these most times; sometimes none of them."""
        listed = list(choices)
        if not listed or self.random.random() < wrong:
            return "nothing"
        if self.random.random() < 0.5:
            return listed[-1]
        return self.random.choice(listed)

    def mark(self) -> str:
        last = len(MARKS) if self.random.random() < 0.06 else len(MARKS) - 2
        return MARKS[self.random.randrange(last)]

    def who(self) -> str:
        here = [n for n, p in self.home["people"].items() if p["left_at"] is None]
        if here and self.random.random() > 0.02:
            return str(self.random.choice(here))
        return str(self.one(self.home["people"], 0.1))

    def product(self, fits: Callable[[Any], bool]) -> Any:
        """One that fits, most times one that is held."""
        held = {h["product"] for h in self.home["holdings"].values()}
        found = [p for p in self.scheme.products if fits(p)]
        if self.random.random() < 0.7:
            found = [p for p in found if p.id in held] or found
        return self.random.choice(found) if found else None

    def near(self) -> str:
        """Now, or a local time before, soon or on a day to come."""
        if self.random.random() < 0.3:
            return "now"
        if self.random.random() < 0.03:
            spring, autumn = (day_of(each) for each in clock_changes(self.at.year))
            return f"{spring if day_of(self.at) <= spring else autumn} 01:30"
        days = self.random.choice((0, 0, 1, 1, 1, 2, 3, 7, 13, 14, 15, 200, 365))
        local = clock_of(self.at) + timedelta(days=days)
        local = local.replace(second=0, microsecond=0)
        minutes = self.random.choice((0, 1, -1, 2, 60, 60, 300, None))
        if minutes is None:
            local = local.replace(hour=self.random.choice((0, 1, 1, 23)), minute=30)
        else:
            local += timedelta(minutes=minutes)
        return local.isoformat(sep=" ", timespec="minutes")

    def open_bookings(self) -> list[str]:
        """Those that stand, most times; the ones to come rather than those that were."""
        every = list(self.home["bookings"])
        if self.random.random() < 0.2:
            return every
        to_come = [n for n, b in self.home["bookings"].items() if b["from"] >= self.at]
        standing = [n for n in to_come if not self.home["bookings"][n]["gone"]]
        return standing or every

    def draw(self, kind: str) -> Step:
        nobody = all(p["left_at"] is not None for p in self.home["people"].values())
        if nobody and self.home["people"] and self.random.random() < 0.5:
            return self._enrol()
        return getattr(self, f"_{kind}")()  # type: ignore[no-any-return]

    def _enrol(self) -> Step:
        born = date(self.random.choice((1950, 1960, 1985)), 2, self.random.choice((1, 28)))
        if self.random.random() < 0.2:  # 67 in a day or two
            born = months_on(day_of(self.at), -67 * 12) + timedelta(days=self.random.randint(0, 2))
        receives = self.random.choice(((), ("council_tax_support",), ("income_support",)))
        verified = self.random.random() < 0.95
        return {"do": "enrol", "born_on": born, "receives": receives, "verified": verified}

    def _register(self) -> Step:
        account = self.random.choice(("CT-1", "CT-1", "CT-9", ""))
        return {"do": "register", "account": account, "born_on": date(1970, 1, 1)}

    def _apply(self) -> Step:
        product = self.random.choice(self.scheme.products)
        pack, units = product.pack, product.pack.size * product.pack.multiple
        if pack.max != 1:
            units *= self.random.choice((1, 1, 1, 1, 1, 2, 3, 6))
        if self.random.random() < 0.08:
            units += self.random.choice((1, -1, 7, pack.size * 70))
        step = {
            "do": "apply",
            "who": self.who(),
            "product": product.id,
            "units": max(1, units),
            "confirm": self.scheme.flow.confirmations if self.random.random() > 0.03 else (),
        }
        if product.vehicles.binding != "at_use":
            most = 1 if product.vehicles.binding == "at_purchase" else 3
            least = most if most == 1 and self.random.random() > 0.02 else 0
            many = self.random.randint(least, most)
            step["vehicles"] = tuple(self.mark() for _ in range(many))
        if product.holding.months is None:
            step["months"] = self.random.choice((0, 1, 2, 2, 3, 6, 12, 18, 19))
        if product.price.by == "lowest_free_slot" and product.price.model == "tiers":
            step["slot"] = self.random.choice((1, 1, 1, 2, 2, 3))
        if product.holding.starts == "chosen" and self.random.random() < 0.4:
            days = self.random.choice((-1, 0, 1, 7, 30, 365))
            step["start"] = day_of(self.at) + timedelta(days=days)
        if product.requires_support and self.random.random() < 0.9:
            step["support"] = product.requires_support
        if self.random.random() < 0.02:
            step["zone"] = self.random.choice([z.id for z in self.scheme.zones])
        offered = [c for c in self.scheme.concessions if product.id in c.products]
        if offered and self.random.random() < 0.4:
            step |= {"concession": offered[0].id, "evidence": self.random.random() < 0.8}
        return step

    def _go_on(self) -> Step:
        """What an open application waits for."""
        over = ("issued", "declined", "refused")
        waiting = [(n, a) for n, a in self.home["applications"].items() if a["state"] not in over]
        soon = [(n, a) for n, a in waiting if a["last_day"] >= day_of(self.at)]
        waiting = soon if self.random.random() < 0.9 else waiting
        if not waiting:
            return self._use()
        name, application = (
            waiting[-1] if self.random.random() < 0.8 else self.random.choice(waiting)
        )
        who = application["who"]
        if application["state"] == "awaiting_proof":
            return {**self._upload(), "application": name, "who": who}
        if application["state"] == "awaiting_decision":
            return {**self._decide(), "application": name}
        return {"do": "pay", "who": who, "applications": (name,), "result": "authorised"}

    def _use(self) -> Step:
        """Something to do with what is held; an application where nothing is."""
        held = [h for h in self.home["holdings"].values() if h["until"] > self.at]
        if not held or self.random.random() < 0.25:
            return self._apply()
        product = self.scheme.product(self.random.choice(held)["product"])
        if product.vehicles.binding == "listed":
            return self._of_permit(self.random.choice(("add", "switch", "switch", "remove")))
        if product.clock is not None:
            going_on = [s for s in self.home["stays"].values() if s["left_at"] is None]
            if going_on and self.random.random() < 0.5:
                return {"do": "leave", "vehicle": going_on[-1]["shown"]}
            return self._of_permit("stay")
        if not product.draws_units:
            return self._check()
        if product.medium == "paper":
            return self._scratch()
        if self.open_bookings() and self.random.random() < 0.3:
            return self._amend() if self.random.random() < 0.5 else self._cancel()
        return self._book()

    def _upload(self) -> Step:
        documents = self.scheme.proof.documents
        document = self.random.choice(documents)
        today = day_of(self.at)
        dated = today - timedelta(days=self.random.choice((0, 1, 10, 27, 28, 29)))
        if document.age_test in ("current_tax_year", "latest_year"):
            dated = today if today < date(today.year, 4, 1) else date(today.year, 4, 1)
            dated -= timedelta(days=self.random.choice((0, 0, 0, 1, 400)))
        elif self.random.random() < 0.2:
            dated = today - timedelta(days=self.random.randint(88, 94))
        kind = document.type if self.random.random() > 0.02 else "a_letter"
        name = self.one(self.home["applications"])
        return {
            "do": "upload",
            "who": self._owner(name),
            "application": name,
            "document": kind,
            "dated": dated,
        }

    def _owner(self, application: str) -> str:
        found = self.home["applications"].get(application)
        return found["who"] if found else self.who()

    def _reuse(self) -> Step:
        waiting = [
            n for n, a in self.home["applications"].items() if a["state"] == "awaiting_proof"
        ]
        name = self.one(waiting or self.home["applications"])
        document = self.one(self.home["documents"])
        who = self._owner(name)
        return {"do": "reuse", "who": who, "application": name, "document": document}

    def _decide(self) -> Step:
        good = "offer" if self.scheme.flow.kind == "offer_pay_issue" else "approve"
        outcome = self.random.choice((good,) * 6 + ("refuse",))
        return {
            "do": "decide",
            "application": self.one(self.home["applications"]),
            "outcome": outcome,
        }

    def _pay(self) -> Step:
        name = self.one(self.home["applications"])
        step: Step = {"do": "pay", "who": self._owner(name), "applications": (name,)}
        step["result"] = self.random.choice(("authorised", "authorised", "declined", "cancelled"))
        if self.random.random() < 0.2:
            other = self.one(self.home["applications"])
            if other != name:
                step["applications"] = (name, other)
        if self.random.random() < 0.1:
            step["amount"] = self.random.choice((0, 1000, 1500))
        return step

    def _take_back(self) -> Step:
        name = self.one(self.home["applications"])
        return {"do": "take_back", "who": self._owner(name), "application": name}

    def _book(self) -> Step:
        many = self.random.choice((1, 1, 1, 1, 2, 3))
        step = {
            "do": "book",
            "who": self.who(),
            "vehicles": tuple(self.mark() for _ in range(many)),
            "start": self.near(),
            "channel": "website",
        }
        product = self.product(lambda p: p.medium == "virtual" and p.draws_units)
        if product is not None:
            if self.random.random() < 0.5:
                step["product"] = product.id
            step["channel"] = self.random.choice([*product.channels, "website"])
            if step["channel"] == "text":
                step["channel"] = "website"
        if self.random.random() < 0.05:
            step["zone"] = self.random.choice([z.id for z in self.scheme.zones])
        return step

    def _amend(self) -> Step:
        step = {"do": "amend", "who": self.who(), "booking": self.one(self.open_bookings())}
        if self.random.random() < 0.9:
            step["vehicle"] = self.mark()
        else:
            step["start"] = self.near().replace("now", "2030-01-01 10:00")
        return step

    def _cancel(self) -> Step:
        return {"do": "cancel", "who": self.who(), "booking": self.one(self.open_bookings())}

    def _text(self) -> Step:
        word = self.random.choice(("VISITOR", "visitor", "VISITOR", "HELLO"))
        step: Step = {
            "do": "text",
            "who": self.who(),
            "body": f"{word} {self.mark()}",
            "channel": "text",
        }
        if self.random.random() < 0.5:
            step["confirmed"] = self.at + timedelta(seconds=self.random.choice((0, 1, 15, 60)))
        return step

    def _scratch(self) -> Step:
        product = self.product(lambda p: p.medium == "paper" and p.draws_units)
        step = {"do": "scratch", "who": self.who(), "vehicle": self.mark()}
        timed = any(p.use.start == "scratched_time" for p in self.scheme.products)
        if product is None or (not timed and self.random.random() < 0.1):
            return {**step, "day": day_of(self.at)}
        step["product"] = product.id
        if product.use.start == "scratched_time":
            near = self.near()
            now = clock_of(self.at).isoformat(sep=" ", timespec="minutes")
            return {**step, "time": now if near == "now" else near, "day": day_of(self.at)}
        days = self.random.choice((0, 0, 0, 1, 1, 2, 7, -1, 200, 364, 365))
        return {**step, "day": day_of(self.at) + timedelta(days=days)}

    def _of_permit(self, do: str) -> Step:
        step = {"do": do, "who": self.who(), "vehicle": self.mark()}
        listed = [v for h in self.home["holdings"].values() for v in h["listed"]]
        gone = self.home["departures"]
        if do == "stay" and gone and self.random.random() < 0.5:
            step["vehicle"] = gone[-1]["plate"]
        if do in ("switch", "remove") and listed and self.random.random() < 0.8:
            step["vehicle"] = self.random.choice(listed)
        if self.random.random() < 0.3:
            step["holding"] = self.one(self.home["holdings"])
        return step

    def _add(self) -> Step:
        return self._of_permit("add")

    def _remove(self) -> Step:
        return self._of_permit("remove")

    def _switch(self) -> Step:
        return self._of_permit("switch")

    def _stay(self) -> Step:
        return self._of_permit("stay")

    def _leave(self) -> Step:
        return {"do": "leave", "vehicle": self.mark()}

    def _surrender(self) -> Step:
        name = self.one(self.home["holdings"])
        found = self.home["holdings"].get(name)
        return {"do": "surrender", "who": found["who"] if found else self.who(), "holding": name}

    def _move_out(self) -> Step:
        step = {"do": "move_out", "resident": self.one(self.home["people"])}
        if self.random.random() < 0.2:
            step["on"] = self.at - timedelta(hours=self.random.choice((1, 30)))
        return step

    def _refund(self) -> Step:
        replace = self.random.random() < 0.4
        name = self.one(self.home["holdings"])
        return {"do": "refund", "who": self.who(), "holding": name, "replace": replace}

    def _replace(self) -> Step:
        return {"do": "replace", "who": self.who(), "holding": self.one(self.home["holdings"])}

    def _grant(self) -> Step:
        product = self.random.choice(self.scheme.products).id
        if self.scheme.grants and self.random.random() < 0.9:
            product = self.scheme.grants[0].product
        role, name = "approver", "head_of_city_development_services"
        if self.random.random() < 0.2:
            role, name = "staff", "ann"
        reason = "a relative who comes every day" if self.random.random() < 0.9 else ""
        return {
            "do": "grant",
            "who": self.who(),
            "product": product,
            "units": self.random.choice((2, 10)),
            "reason": reason,
            "role": role,
            "name": name,
        }

    def _lapse(self) -> Step:
        over = [n for n, h in self.home["holdings"].items() if h["until"] <= self.at]
        subject = self.one(over or self.home["holdings"])
        return {"do": "lapse", "kind": "holding", "subject": subject}

    def _save_visitor(self) -> Step:
        name = self.random.choice(("Dad", "a friend", ""))
        return {"do": "save_visitor", "who": self.who(), "vehicle": self.mark(), "name": name}

    def _allowance(self) -> Step:
        """How much is left, today or on a day to come."""
        days = self.random.choice((0, 0, 0, 1, 30, 364, 365, 366))
        product = self.product(lambda p: bool(p.allowance)) or self.scheme.products[0]
        return {
            "do": "allowance",
            "product": product.id,
            "on": day_of(self.at) + timedelta(days=days),
        }

    def _check(self) -> Step:
        zones = [z.id for z in self.scheme.zones[:3]]
        zone = self.home["zone"] if self.random.random() < 0.85 else self.random.choice(zones)
        about = self.at - timedelta(hours=self.random.choice((0, 0, 0, 0, 1, 24, 240)))
        known = self.at - timedelta(hours=self.random.choice((0, 0, 0, 0, 1, 24)))
        mark = MARKS[self.random.randrange(len(MARKS) - 2)]
        if self.home["covers"] and self.random.random() < 0.6:
            mark = self.random.choice(self.home["covers"][-4:])["shown"]
        return {
            "do": "check",
            "vehicle": mark,
            "zone": zone,
            "about": about,
            "known": known,
            "bay": "suspended" if self.random.random() < 0.03 else "",
        }
