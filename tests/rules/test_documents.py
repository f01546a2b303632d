"""Which proofs are accepted, how old they may be, and when one serves again."""

from datetime import date

import pytest

from ledger.household.state import Document
from ledger.rules import documents
from tests.given import applied_for, bought, editions_of, given
from tests.rules.schemes import scheme_of

TODAY = date(2026, 11, 19)


def accepted(terms: str, dated: date | None, today: date) -> bool:
    scheme = scheme_of(head=f'[proof]\n[[proof.documents]]\ntype = "bill"\n{terms}\n')
    return not list(documents.upload_refusals(scheme, "bill", dated, today))


@pytest.mark.parametrize(
    ("terms", "dated", "last"),
    [
        ('age_test = "less_than"\nmax_age = "3m"', date(2026, 8, 19), date(2026, 11, 18)),
        ('age_test = "within"\nmax_age = "3m"', date(2026, 8, 19), date(2026, 11, 19)),
        ('age_test = "within"\nmax_age = "28d"', date(2026, 10, 22), date(2026, 11, 19)),
        ('age_test = "less_than"\nmax_age = "3m"', date(2026, 11, 30), date(2027, 2, 28)),
        ('age_test = "less_than"\nmax_age = "3m"', date(2027, 11, 29), date(2028, 2, 28)),
        ('age_test = "current_tax_year"', date(2026, 4, 1), date(2027, 3, 31)),
        ('age_test = "latest_year"', date(2026, 4, 1), date(2027, 4, 30)),
    ],
)
def test_a_document_serves_to_its_last_day_and_not_the_day_after(terms, dated, last):
    """Less than is strict, within inclusive; a tax year is one (X-008, X-010, X-056)."""
    assert accepted(terms, dated, dated)
    assert accepted(terms, dated, last)
    assert not accepted(terms, dated, date.fromordinal(last.toordinal() + 1))


def test_a_document_without_a_date_serves_only_where_none_is_asked_for():
    assert accepted('age_test = "none"', None, TODAY)
    assert not accepted('age_test = "within"\nmax_age = "3m"', None, TODAY)


def test_a_document_of_the_future_is_none():
    assert accepted('age_test = "none"', TODAY, TODAY)
    assert not accepted('age_test = "none"', date(2026, 11, 20), TODAY)


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        (date(2026, 4, 1), date(2026, 4, 1)),
        (date(2026, 3, 31), date(2025, 4, 1)),
        (date(2026, 12, 31), date(2026, 4, 1)),
    ],
)
def test_a_council_tax_year_begins_on_the_first_of_april(day, begins):
    assert documents.tax_year_start(day) == begins


def test_an_earlier_document_that_is_no_longer_accepted_serves_no_more():
    """Every reason: too late, and no longer on the list."""
    old = Document(
        document_id="d",
        resident_id="res",
        document_type="rent_book",
        dated_on=None,
        uploaded_on=date(2026, 5, 18),
    )

    found = documents.reuse_refusals(editions_of("stevenage").latest, old, TODAY)

    assert [reason.code for reason in found] == [
        "document.reuse_too_late",
        "document.type_not_accepted",
    ]


def test_proof_is_needed_for_each_application_once_for_an_address_or_at_registration():
    """Per application, per address, per registration (X-016, X-057, HAN-002)."""

    def needed(product: str, scheme: str, done: bool) -> int:
        past = bought(product) if done else applied_for(product)
        story = given(past, scheme=scheme).story
        return documents.needed(story.household, story.editions.latest, "res")

    assert needed("virtual-visitor-vouchers", "stevenage", done=True) == 1
    assert needed("visitors-permit", "gravesham", done=False) == 1
    assert needed("visitors-permit", "gravesham", done=True) == 0
    assert needed("visitor-permits", "hampshire", done=False) == 0


def test_one_residents_proof_is_not_anothers():
    story = given(bought("visitors-permit"), scheme="gravesham").story

    assert documents.needed(story.household, story.editions.latest, "r2") == 1


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ('[[proof.documents]]\ntype = "bill"\n[[proof.documents]]\ntype = "deed"\n', "bill, deed"),
        ("documents_required = 0\ndocuments = []", "none"),
    ],
)
def test_what_is_accepted_is_told_with_what_is_not(head, said):
    scheme = scheme_of(head=f"[proof]\n{head}\n")

    (reason,) = documents.upload_refusals(scheme, "letter", TODAY, TODAY)

    assert (reason.code, reason.detail) == ("document.type_not_accepted", f"accepted are: {said}")
