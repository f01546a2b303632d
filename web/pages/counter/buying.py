"""Applying and paying for a resident: their own questions, with the price before it is sent.

Source: STV-022 to 043, STV-063 to 070; GRV-020 to 023.
"""

from collections.abc import Sequence

from commands.apply_for_permit import ApplyForPermit
from commands.cancel_application import CancelApplication
from commands.pay_for_applications import PayForApplications
from ledger.events import Answer, AnyEvent, ApplicationSubmitted
from replay.wording import day, money
from web.pages.counter.case import Case
from web.pages.counter.deed import Deed, Field
from web.pages.forms import Form, every, mistake
from web.pages.resident import applying_form, applying_words
from web.pages.resident.applying import FIELDS

PAID_BY = (("card", "Card"), ("cash", "Cash"), ("cheque", "Cheque"))


def _apply_fields(case: Case) -> list[Field]:
    """The questions that a resident would be asked, as fields."""
    asks = applying_form.questions(case.as_resident(), case.product)
    found: list[Field] = []
    if asks.packs:
        found.append(
            Field(kind="choice", name="packs", label="How many are wanted?", items=asks.packs)
        )
    elif asks.packs_typed:
        found.append(Field(kind="number", name="packs", label=f"How many {asks.thing} are wanted?"))
    if asks.months:
        months = (("", "Choose"), *asks.months)
        found.append(Field(kind="dropdown", name="months", label="For how long?", items=months))
    if asks.slots:
        label = "Which permit of the household is this?"
        found.append(
            Field(kind="choice", name="slot", label=label, items=asks.slots, value=asks.slot_free)
        )
    if asks.start:
        when = (("today", "Today"), ("later", "On another day"))
        found += [
            Field(
                kind="choice", name="when", label="When is it to start?", items=when, value="today"
            ),
            Field(kind="day", name="start", label="If on another day: which?"),
        ]
    hint = "" if asks.marks_needed else "You can leave this empty, and add vehicles later."
    for n in range(1, asks.marks + 1):
        label = "Registration number" + (f" of vehicle {n}" if asks.marks > 1 else "")
        found.append(Field(kind="mark", name=f"mark{n}", label=label, hint=hint if n == 1 else ""))
    nothing = Field(kind="note", name="nothing", label="There is nothing to fill in for this one.")
    return [*found, *_terms_fields(case, asks)] or [nothing]


def _terms_fields(case: Case, asks: applying_form.Questions) -> list[Field]:
    found: list[Field] = []
    if asks.concessions:
        prices = (("", "The normal price"), *asks.concessions)
        label = "Which price is asked for?"
        found.append(Field(kind="choice", name="concession", label=label, items=prices))
        ticked = (("yes", "I have seen the evidence for a reduced price"),)
        found.append(Field(kind="ticks", name="evidence", label="Evidence", items=ticked))
    if asks.support:
        ticked = (("yes", f"{asks.support.capitalize()} supports the application"),)
        found.append(Field(kind="ticks", name="support", label="Who supports it", items=ticked))
    confirmed = tuple(
        (each, applying_words.statement(each, case.scheme))
        for each in case.scheme.flow.confirmations
    )
    if confirmed:
        label = "What the resident has said to you"
        found.append(Field(kind="ticks", name="confirm", label=label, items=confirmed))
    return found


def _apply(case: Case, form: Form) -> ApplyForPermit:
    confirmed = tuple(form.all("confirm"))
    return applying_form.command_of(case.as_resident(), case.product, form, confirmed)


def _price(case: Case, events: Sequence[AnyEvent]) -> list[tuple[str, str]]:
    sent = events[0]
    assert isinstance(sent, ApplicationSubmitted)
    made = applying_words.made_of(sent.lines, case.scheme, sent.concession)
    marks = ", ".join(each.shown for each in sent.vehicles)
    return [
        ("What", applying_words.many(sent.lines[0], case.product)),
        *([("Vehicles", marks)] if marks else []),
        ("From", day(sent.starts_on)),
        ("Price", money(sent.pence) if sent.pence else "Nothing to pay"),
        ("How it is made", ". ".join(made) or "Nothing is charged"),
    ]


_NEXT = {
    "awaiting_proof": "The application is sent. Next, the resident sends a proof.",
    "awaiting_payment": "The application is sent. Next, it is paid.",
    "awaiting_decision": "The application is sent, and waits to be decided.",
    "issued": "It is issued.",
}


def _said_applied(case: Case, answer: Answer) -> str:
    return _NEXT.get(str(answer.values["state"]), "The application is sent.")


def _due(case: Case) -> list[tuple[str, str]]:
    application = case.application
    return [
        ("Application", application.number),
        ("For", case.name_of(application.product, application.edition)),
        ("To pay", money(application.pence)),
    ]


def _pay(case: Case, form: Form) -> PayForApplications:
    paid_by, receipt = every(
        lambda: form.one_of("paid_by", [each for each, _ in PAID_BY], "Choose how it was paid"),
        lambda: form.needed("receipt", "Enter the number on the receipt"),
    )
    if len(receipt) > 60 or not receipt.isascii():
        raise mistake("receipt", "Enter at most 60 letters and digits")
    return PayForApplications(
        applications=(case.application.application_id,),
        result="authorised",
        amount=case.application.pence,
        # With it the same receipt cannot pay for two.
        provider_reference=f"{paid_by} {receipt}",
    )


def _said_paid(case: Case, answer: Answer) -> str:
    issued = answer.values["state"] == "issued"
    return "It is paid, and issued." if issued else "It is paid, and waits to be decided."


DEEDS = (
    Deed(
        slug="apply",
        heading=lambda case: f"Apply for {case.product.name}",
        button="Send the application",
        fields=_apply_fields,
        command=_apply,
        check=_price,
        said=_said_applied,
        errors=FIELDS,
    ),
    Deed(
        slug="pay",
        heading=lambda case: "Take a payment",
        button="It is paid",
        about=_due,
        whose=lambda case: case.application.resident_id,
        fields=lambda case: [
            Field(kind="choice", name="paid_by", label="How was it paid?", items=PAID_BY),
            Field(
                kind="text",
                name="receipt",
                label="Number on the receipt",
                hint="From the card machine or the receipt book.",
            ),
        ],
        command=_pay,
        said=_said_paid,
        errors={"payment.repeated": "receipt"},
    ),
    Deed(
        slug="cancel-application",
        heading=lambda case: "Cancel this application",
        button="Cancel the application",
        about=lambda case: _due(case)[:2],
        whose=lambda case: case.application.resident_id,
        command=lambda case, form: CancelApplication(application=case.application.application_id),
        said=lambda case, answer: "The application is cancelled.",
        warning=True,
    ),
)
