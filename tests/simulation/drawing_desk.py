"""What staff and officers do next, and orders, drawn from what a household has."""

from datetime import timedelta

from tests.oracle.days import DAY, clock_of, day_of
from tests.oracle.home import in_hand
from tests.simulation.drawing import Drawer as Residents
from tests.simulation.sending import Step


class Drawer(Residents):
    """Draws every kind of step for one household at one instant."""

    def _order(self) -> Step:
        """Several products of those that are sold together; where there are none, one product."""
        groups = list(self.scheme.order_groups.values())
        if not groups:
            return self._apply()
        listed = list(groups[0].products)
        chosen = self.random.sample(listed, self.random.randint(1, len(listed)))
        step: Step = {"do": "order", "who": self.who(), "confirm": self.scheme.flow.confirmations}
        units = (5, 5, 5, 10, 15, 20, 25, 7)
        return {**step, "lines": tuple((name, self.random.choice(units)) for name in chosen)}

    def _lapse_offer(self) -> Step:
        offered = [n for n, a in self.home["applications"].items() if a["state"] == "offered"]
        subject = self.one(offered or self.home["applications"])
        return {"do": "lapse_offer", "subject": subject}

    def _correct(self) -> Step:
        """Most times a visit of these days, to an earlier start or another vehicle."""
        uses = [*self.home["bookings"], *self.home["cards"]]
        if self.random.random() < 0.1:
            uses = [*self.home["stays"]]
        act = self.one(uses)
        use = self.home["bookings"].get(act) or self.home["cards"].get(act)
        step = {"do": "correct", "act": act, "from": None, "vehicle": "", "staff": "ann"}
        if use is not None and self.random.random() < 0.7:
            minutes = self.random.choice((1, 60, 60, 300, 1440, -30))
            step["from"] = use["from"] - timedelta(minutes=minutes)
        if step["from"] is None or self.random.random() < 0.2:
            step["vehicle"] = self.mark()
        step["reason"] = "told so by telephone" if self.random.random() < 0.9 else ""
        step["approver"] = self.random.choice(("sam", "sam", "sam", "sam", "ann", ""))
        return step

    def _misuse(self) -> Step:
        """Most times the step that comes next."""
        held = [n for n, h in self.home["holdings"].items() if in_hand(h, self.at)]
        begun = [n for n in held if self.home["holdings"][n].get("steps")]
        name = self.one(begun or held or self.home["holdings"])
        steps = self.home["holdings"].get(name, {}).get("steps", [])
        order = ("letter", "reply", "decide")
        due = [step for step in order if step not in steps] or ["letter"]
        step = due[0] if self.random.random() < 0.85 else self.random.choice(order)
        text = "" if step == "reply" and self.random.random() < 0.5 else "as written"
        rescind = step == "decide" and self.random.random() < 0.7
        return {"do": "misuse", "holding": name, "step": step, "text": text, "rescind": rescind}

    def _observe(self) -> Step:
        """A card that was used, most times; or a clock that was set when the vehicle came."""
        paper = [
            n
            for n, h in self.home["holdings"].items()
            if self.scheme.product(h["product"]).medium == "paper"
        ]
        name = self.one(paper or self.home["holdings"])
        today = day_of(self.at)
        step: Step = {
            "do": "observe",
            "vehicle": self.mark(),
            "holding": name,
            "dates": (today,),
            "clock": "",
            "altered": self.random.random() < 0.05,
            "note_only": self.random.random() < 0.15,
        }
        held = self.home["holdings"].get(name)
        if held is None:
            return step
        product = self.scheme.product(held["product"])
        if product.clock is not None:
            ago = timedelta(minutes=self.random.choice((0, 15, 60, 119, 120, 239, 240, 241)))
            set_at = clock_of(self.at - ago).replace(second=0, microsecond=0)
            set_at -= timedelta(minutes=set_at.minute % product.clock.step_min)
            return {**step, "dates": (), "clock": set_at.strftime("%H:%M")}
        used = [use for use in self.home["cards"].values() if use["holding"] == name]
        if used and self.random.random() < 0.85:
            use = used[-1]
            step |= {"vehicle": use["shown"], "dates": (use["day"],)}
            if self.random.random() < 0.15:
                step["dates"] = (use["day"], use["day"] + DAY)
        return step
