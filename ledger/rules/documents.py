"""Which proofs are accepted, how old they may be, and when an earlier one serves again.

Less than three months old: today < date + 3 months. Within three months: today <= date + 3 months.

Source: scheme TOML `proof`; STV-045 to 060, RBW-056 to 065, NOR-131 to 139, HAN-002; X-006 to
X-010, X-016, X-056, X-057.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from ledger.calendar import add_months
from ledger.household.state import Application, Document, Household
from ledger.refusals import Refusal
from ledger.scheme.schema import Document as Accepted
from ledger.scheme.schema import Scheme

TAX_YEAR_BEGINS = (4, 1)
"""Council Tax years begin on 1 April, by law and everywhere in England."""


def needed(household: Household, scheme: Scheme, resident_id: str) -> int:
    """How many proofs an application of this resident asks for now."""
    proof = scheme.proof
    match proof.per:
        case "application":
            return proof.documents_required
        case "registration":
            return 0
        case "address":
            proved = any(
                application.resident_id == resident_id
                and application.state == "issued"
                and application.documents
                for application in household.applications.values()
            )
            return 0 if proved else proof.documents_required


def upload_refusals(
    scheme: Scheme, document_type: str, dated_on: date | None, today: date
) -> Iterator[Refusal]:
    """Reasons why a document is not accepted today."""
    accepted = scheme.document(document_type)
    if accepted is None:
        kinds = ", ".join(each.type for each in scheme.proof.documents) or "none"
        yield Refusal("document.type_not_accepted", f"accepted are: {kinds}")
        return
    if dated_on is not None and dated_on > today:
        yield Refusal("document.dated_in_future", f"dated {dated_on}, after today")
        return
    yield from _age_refusals(accepted, scheme, dated_on, today)


def reuse_refusals(scheme: Scheme, document: Document, today: date) -> Iterator[Refusal]:
    """Reasons why an earlier upload does not serve again; its last day is included."""
    months = scheme.proof.reuse_months
    until = add_months(document.uploaded_on, months, scheme.calendar.missing_day)
    if not months or today > until:
        yield Refusal(
            "document.reuse_too_late",
            f"uploaded on {document.uploaded_on}, can be used again for {months} months",
        )
    accepted = scheme.document(document.document_type)
    if accepted is None:
        yield Refusal(
            "document.type_not_accepted", f"{document.document_type} is no longer accepted"
        )
    elif scheme.proof.reuse_recheck_age:
        yield from _age_refusals(accepted, scheme, document.dated_on, today)


def closed_refusal(application: Application) -> Refusal | None:
    """`application.closed` where nothing more can be added to it."""
    if application.closed or application.state == "issued":
        return Refusal("application.closed", f"the application is {application.state}")
    return None


def _age_refusals(
    accepted: Accepted, scheme: Scheme, dated_on: date | None, today: date
) -> Iterator[Refusal]:
    if accepted.age_test == "none":
        return
    if dated_on is None:
        yield Refusal("document.too_old", "the document has no date")
        return
    if not _young_enough(accepted, scheme, dated_on, today):
        yield Refusal("document.too_old", f"dated {dated_on}, test {accepted.age_test}")


def _young_enough(accepted: Accepted, scheme: Scheme, dated_on: date, today: date) -> bool:
    match accepted.age_test:
        case "less_than" | "within":
            age = accepted.max_age
            assert age is not None
            limit = add_months(dated_on, age.months, scheme.calendar.missing_day)
            limit += timedelta(days=age.days)
            return today < limit if accepted.age_test == "less_than" else today <= limit
        case "current_tax_year":
            return dated_on >= tax_year_start(today)
        case _:
            # The latest bill issued: this year's, or last year's for a month while the new ones
            # go out.
            return dated_on >= tax_year_start(today - timedelta(days=30))


def tax_year_start(day: date) -> date:
    """1 April of the Council Tax year that holds this day."""
    begins = date(day.year, *TAX_YEAR_BEGINS)
    return begins if day >= begins else date(day.year - 1, *TAX_YEAR_BEGINS)
