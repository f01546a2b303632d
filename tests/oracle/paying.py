"""From an application to what is held: proof, decision, payment, issue.

Source: STV-038 to 074, GRV-019 to 025, RBW-055 to 068, NOR-131 to 139; X-006 to X-010, X-030,
X-056 to X-058.
"""

from datetime import date, timedelta
from typing import Any

from tests.oracle.days import months_on
from tests.oracle.home import in_force, stranger, today
from tests.oracle.issuing import issue
from tests.oracle.offers import offer_over
from tests.oracle.said import Fact, Said, no, unknown, yes
from tests.oracle.selling import last_day, lowest_free, next_state, open_of, over_caps, pooled

OVER = ("declined", "refused")


def upload(home: Fact, ask: Fact) -> Said:
    """A proof for an application (STV-045 to 051, RBW-057 to 063)."""
    outside = stranger(home, ask)
    if outside is not None:
        return outside
    application = home["applications"].get(ask["application"])
    if application is None:
        return no(anything=True)
    found = [d for d in home["scheme"].proof.documents if d.type == ask["document"]]
    codes: set[str] = set()
    unsure = ""
    if application["state"] in OVER:
        codes.add("application.closed")
    elif application["state"] != "awaiting_proof":
        unsure = "document_of_another"
    unsure = unsure or start_passed(application, ask) or nothing_due(home, application, ask)
    if not found:
        codes.add("document.type_not_accepted")
    else:
        fits, open_question = young_enough(found[0], ask["dated"], today(ask))
        unsure = unsure or open_question
        if not fits:
            codes.add("document.too_old")

    def then(told: Fact) -> None:
        application["state"] = told["state"]
        application["proofs"] += 1
        issue(home, ask, told)
        home["documents"][told["document"]] = {"who": ask["who"], "uploaded": today(ask)}

    states = next_state(home["scheme"], application["pence"])
    gone = prerequisite_gone(home, application, ask)
    return Said(codes or gone, may=gone, unsure=unsure, figures={"state": states}, then=then)


def young_enough(document: Any, dated: date, on: date) -> tuple[bool, str]:
    """Is a document young enough on the day it is first uploaded, and what is left open?"""
    year = tax_year(on)
    match document.age_test:
        case "none":
            return True, ""
        case "less_than":  # strictly less
            return on < older(document, dated), ""
        case "within":  # the last day included
            return on <= older(document, dated), ""
        case "current_tax_year":
            if dated >= year:
                return True, ""
            return False, "march_bill" if dated >= year - timedelta(days=31) else ""
        case _:
            if dated >= year:
                return True, ""
            before = date(year.year - 1, 4, 1)
            return dated >= before, "last_year_bill" if dated >= before - timedelta(days=31) else ""


def older(document: Any, dated: date) -> date:
    """The document's date and its greatest age."""
    return months_on(dated, document.max_age.months) + timedelta(days=document.max_age.days)


def tax_year(on: date) -> date:
    """The first of April that began the council tax year."""
    return date(on.year if on.month >= 4 else on.year - 1, 4, 1)


def reuse(home: Fact, ask: Fact) -> Said:
    """An earlier upload once more: only its upload date counts (X-006, X-007)."""
    outside = stranger(home, ask)
    if outside is not None:
        return outside
    application = home["applications"].get(ask["application"])
    document = home["documents"].get(ask["document"])
    if application is None or document is None:
        return no(anything=True)
    codes: set[str] = set()
    unsure = "" if document["who"] == ask["who"] else "proof_known"
    if application["state"] in OVER:
        codes.add("application.closed")
    elif application["state"] != "awaiting_proof":
        unsure = "document_of_another"
    unsure = unsure or start_passed(application, ask) or nothing_due(home, application, ask)
    months = home["scheme"].proof.reuse_months
    if not months or today(ask) > months_on(document["uploaded"], months):
        codes.add("document.reuse_too_late")

    def then(told: Fact) -> None:
        application["state"] = told["state"]
        application["proofs"] += 1
        issue(home, ask, told)

    states = next_state(home["scheme"], application["pence"])
    gone = prerequisite_gone(home, application, ask)
    return Said(codes or gone, may=gone, unsure=unsure, figures={"state": states}, then=then)


def decide(home: Fact, ask: Fact) -> Said:
    """The council's decision (GRV-021, GRV-023, RBW-066; X-058)."""
    application = home["applications"].get(ask["application"])
    if application is None:
        return no(anything=True)
    if application["state"] in OVER:
        return no("application.closed")
    offers = home["scheme"].flow.kind == "offer_pay_issue"
    refuses = ask["outcome"] == "refuse"

    def then(told: Fact) -> None:
        application["state"] = told["state"]
        application["offered_on"] = today(ask)
        if refuses and application["paid"]:
            home["money_back"] += application["paid"]
        issue(home, ask, told)

    if application["state"] == "issued":
        return no(anything=True)
    if application["state"] != "awaiting_decision":
        return unknown("decide_early", then)
    gone = stranger(home, {**ask, "who": application["who"]})
    if gone is not None and not refuses and not offers:  # RBW-007
        return gone
    if refuses:
        back = application["paid"] if home["scheme"].flow.refund_on_refusal else 0
        return yes(then, state={"refused"}, refunded=back)
    if (not offers and ask["outcome"] == "offer") or (offers and ask["outcome"] == "approve"):
        return unknown("decide_early", then)
    if offers:
        return yes(then, state={"offered"})
    waiting = [a for a in open_of(home, application["product"]) if a is not application]
    if waiting or not still_fits(home, ask, application, issued_on=application["paid_on"]):
        return unknown("pending_slot", then)
    if "lines" in application:
        return yes(then, state={"issued"})
    return yes(then, state={"issued"}, holding=expected(home, ask, application))


def still_fits(home: Fact, ask: Fact, application: Fact, issued_on: date | None) -> bool:
    """True where the caps have room, and the rung is free, at this instant."""
    product = home["scheme"].product(application["product"])
    person = home["people"][application["who"]]
    asked = {**ask, "who": application["who"]}
    units, packs = application["units"], application["packs"]
    codes, _ = over_caps(home, asked, person, product, units, packs, application["starts"])
    slot = application["slot"]
    return not codes and (not slot or slot == lowest_free(home, product, ask["at"]))


def pay(home: Fact, ask: Fact) -> Said:
    """A payment for one application or several (STV-066 to 069, GRV-022; X-030)."""
    outside = stranger(home, ask)
    if outside is not None:
        return outside
    chosen = [home["applications"].get(each) for each in ask["applications"]]
    if None in chosen:
        return no(anything=True)
    codes, unsure = set[str](), ""
    silent = False
    for application in chosen:
        codes |= not_payable(home, application)
        silent = silent or bool(application["paid"]) or application["state"] == "issued"
        lapsed = offer_over(home, application, ask["at"])
        silent = silent or lapsed == "yes"
        unsure = unsure or ("offer_ends" if lapsed == "unsure" else "")
        unsure = unsure or start_passed(application, ask) or rung_taken(home, application)
        unsure = unsure or other_caps(home, application)
    due = sum(a["pence"] for a in chosen)
    if ask.get("amount") is not None and ask["amount"] != due:
        codes.add("payment.amount_differs")
    if len(chosen) > 1 and not home["scheme"].flow.basket:
        unsure = "basket"
    if len({id(a) for a in chosen}) < len(chosen):
        return no(anything=True)
    if ask["result"] != "authorised":
        return Said(codes, anything=True, refused=silent, unsure=unsure, figures={"pence": due})
    over, waiting = set[str](), False
    for application in chosen:
        if application["state"] != "issued" and not still_fits(home, ask, application, None):
            product = home["scheme"].product(application["product"])
            person = home["people"][application["who"]]
            units, packs = application["units"], application["packs"]
            starts = max(application["starts"], today(ask))
            caps, later = over_caps(home, ask, person, product, units, packs, starts)
            over |= caps
            unsure = unsure or later or ("" if caps else "pending_slot")
        same = [a for a in chosen if a["product"] == application["product"]]
        waiting = waiting or (
            len(same) > 1 and bool(home["scheme"].product(application["product"]).allowance)
        )
        pools_moved = pools_differ(home, ask, application)
        unsure = unsure or ("two_waiting" if pools_moved else "")
    codes |= over if not codes and not silent else set()

    def then(told: Fact) -> None:
        home["money_in"] += due
        for application in chosen:
            application["paid"] = application["pence"]
            application["paid_on"] = today(ask)
            application["state"] = told["state"]
        issue(home, ask, told)

    figures: Fact = {"pence": due, "state": paid_state(home)}
    if len(chosen) == 1 and figures["state"] == {"issued"} and "lines" not in chosen[0]:
        figures["holding"] = expected(home, ask, chosen[0])
    unsure = unsure or ("two_waiting" if waiting else "")
    return Said(codes, anything=True, refused=silent, unsure=unsure, figures=figures, then=then)


def rung_taken(home: Fact, application: Fact) -> str:
    """Whether what is paid for and not decided holds its rung already is left open (X-049)."""
    others = [a for a in open_of(home, application["product"]) if a is not application]
    waiting = any(a["state"] == "awaiting_decision" for a in others)
    return "pending_slot" if application["slot"] and waiting else ""


def nothing_due(home: Fact, application: Fact, ask: Fact) -> str:
    """What costs nothing can be issued with its proof: then it must still fit."""
    if application["pence"] or home["scheme"].flow.kind == "offer_pay_issue":
        return ""
    if pools_differ(home, ask, application):
        return "two_waiting"
    if other_caps(home, application):
        return "other_caps"
    return "" if still_fits(home, ask, application, None) else "two_waiting"


def prerequisite_gone(home: Fact, application: Fact, ask: Fact) -> set[str]:
    """What comes with a permit is issued while that permit is in force (IPS-004, X-092)."""
    needed = home["scheme"].product(application["product"]).requires_product
    if not needed or application["pence"] or application["state"] != "awaiting_proof":
        return set()
    held = [h for h in home["holdings"].values() if h["product"] == needed]
    gone = not any(in_force(h, ask["at"]) for h in held)
    return {"eligibility.prerequisite_missing"} if gone else set()


def other_caps(home: Fact, application: Fact) -> str:
    """Whose caps count when what is issued was applied for under an earlier edition."""
    sold = application["scheme"].product(application["product"])
    now = home["scheme"].product(application["product"])
    return "other_caps" if sold.allowance != now.allowance else ""


def start_passed(application: Fact, ask: Fact) -> str:
    """The figures stay (STV-065); of what is over before it is paid for the catalogue is silent."""
    return "start_passed" if application["last_day"] < today(ask) else ""


def paid_state(home: Fact) -> set[str]:
    """RBW: paid first, decided afterwards."""
    decided_later = home["scheme"].flow.kind == "pay_decide_post"
    return {"awaiting_decision"} if decided_later else {"issued"}


def pools_differ(home: Fact, ask: Fact, application: Fact) -> bool:
    """True where the price would be another one now: the catalogue does not say which holds."""
    if not application["pools"]:
        return False
    product = home["scheme"].product(application["product"])
    many = sum(application["pools"])
    return bool(pooled(home, ask, product, many)[1] != application["pools"])


def not_payable(home: Fact, application: Any) -> set[str]:
    """STV-039, STV-067, GRV-021: what must come before a payment."""
    state = application["state"]
    if state in OVER:
        return {"application.closed"}
    if state == "awaiting_proof":
        return {"application.proof_missing"}
    if state == "awaiting_decision" and home["scheme"].flow.kind == "offer_pay_issue":
        return {"application.not_offered"}
    return set()


def take_back(home: Fact, ask: Fact) -> Said:
    """Cancelling before proof or payment declines for good (STV-040, STV-067)."""
    outside = stranger(home, ask)
    if outside is not None:
        return outside
    application = home["applications"].get(ask["application"])
    if application is None:
        return no(anything=True)

    def then(told: Fact) -> None:
        application["state"] = told["state"]
        home["money_back"] += told.get("refunded", 0)

    if application["state"] in OVER:
        return no("application.closed", may={"refund.non_refundable"})
    if application["state"] == "issued":
        return no(anything=True)
    if application["paid"]:
        return unknown("cancel_paid", then)
    if offer_over(home, application, ask["at"]) != "no":
        return unknown("offer_ends", then)
    return yes(then, state={"declined"})


def expected(home: Fact, ask: Fact, application: Fact) -> Fact:
    """What a holding issued now must look like."""
    product = home["scheme"].product(application["product"])
    bought = application["paid_on"] or today(ask)
    starts = {"purchase": bought, "issue": today(ask), "chosen": application["starts"]}[
        product.holding.starts
    ]
    last = last_day(product, starts, application["months"])
    if product.requires_product:  # IPS-004, X-092: it ends with what it came with
        with_it = [h for h in home["holdings"].values() if h["product"] == product.requires_product]
        with_it = [h for h in with_it if in_force(h, ask["at"])]
        last = min([last, max(h["last_day"] for h in with_it)] if with_it else [last])
    wanted = {"units": application["units"], "bought_on": bought, "starts": starts}
    if product.use.end.kind != "days":
        wanted["last_day"] = last
    return wanted
