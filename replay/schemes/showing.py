"""A scheme as a resident would read it, from its data alone.

Source: issue "Every scheme"; scheme TOML.
"""

from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from replay.schemes import council, selling, using
from replay.schemes.words import Fact

Saying = Callable[[Product, Scheme], Fact]


class Section(Struct, frozen=True, kw_only=True):
    """One heading and the sentences under it. `about` is the id of a product, or empty."""

    heading: str
    about: str = ""
    sentences: tuple[str, ...]


class Shown(Struct, frozen=True, kw_only=True):
    """A whole scheme in words."""

    scheme: str
    edition: str
    council: str
    sections: tuple[Section, ...]


PRODUCT_FACTS: Final[tuple[tuple[tuple[str, ...], Saying], ...]] = (
    (("kind", "medium"), using.form),
    (("zones_only", "zones_excluded"), using.zones),
    (("requires_product", "requires_support"), using.needs),
    (("price",), selling.price),
    (("pack",), selling.purchase),
    (("allowance", "zone_overrides"), selling.allowance),
    (("holding",), using.term),
    (("use",), using.one_use),
    (("clock",), using.parking_clock),
    (("no_return",), using.no_return),
    (("channels",), using.channels),
    (("concurrency",), using.at_once),
    (("change",), using.change),
    (("vehicles",), using.vehicles),
    (("display",), using.display),
    (("refund",), using.refund),
    (("replacement",), using.replacement),
    (("notify",), using.notices),
)
"""What is told of a product, in this order: the keys it is about, and how it is said."""

SCHEME_FACTS: Final[tuple[tuple[tuple[str, ...], Callable[[Scheme], Fact]], ...]] = (
    (("status",), council.status),
    (("effective_from", "effective_at"), council.begins),
    (("flow",), council.flow),
    (("proof",), council.proof),
    (("misuse",), council.misuse),
    (("enforcement",), council.enforcement),
    (("support",), council.support),
    (("texting",), council.texting),
)
"""What is told of the scheme as a whole."""


def shown(scheme: Scheme) -> Shown:
    """The scheme in words, the products first."""
    return Shown(
        scheme=scheme.id,
        edition=scheme.edition,
        council=scheme.council,
        sections=tuple(section for section in _sections(scheme) if section.sentences),
    )


def text(told: Shown) -> str:
    """As a page of plain text, one sentence a line."""
    lines = [f"{told.council}: parking for visitors ({told.edition})"]
    for section in told.sections:
        lines += ["", section.heading, *(f"  {sentence}" for sentence in section.sentences)]
    return "\n".join(lines) + "\n"


def _sections(scheme: Scheme) -> Iterator[Section]:
    yield _section("This scheme", council.status(scheme), council.begins(scheme))
    if scheme.status == "none":
        return
    for product in scheme.products:
        facts = [say(product, scheme) for _, say in PRODUCT_FACTS]
        yield Section(heading=product.name, about=product.id, sentences=_said(facts))
    yield _section("Applying", council.flow(scheme), council.texting(scheme))
    documents = [council.document(each) for each in scheme.proof.documents]
    asked = scheme.proof.documents_required > 0
    yield _section("Proof", council.proof(scheme), *(documents if asked else ()))
    yield _section("Who can apply", *map(council.eligible, scheme.eligibility))
    yield _section(
        "Reduced prices", *(council.concession(each, scheme) for each in scheme.concessions)
    )
    groups = [council.order_group(each, scheme) for each in scheme.order_groups.values()]
    watched = [council.fair_use(each, scheme) for each in scheme.fair_use.values()]
    yield _section("Bought together", *groups, *watched)
    yield _section("Exceptions", *(council.grant(each, scheme) for each in scheme.grants))
    yield Section(heading="Zones and hours", sentences=council.hours(scheme))
    yield _section("Vehicles", *map(council.vehicle_limit, scheme.vehicle_limits))
    yield _section("Checks", council.enforcement(scheme), council.misuse(scheme))
    yield _section("Help", council.support(scheme))


def _section(heading: str, *facts: Fact) -> Section:
    return Section(heading=heading, sentences=_said(facts))


def _said(facts: tuple[Fact, ...] | list[Fact]) -> tuple[str, ...]:
    return tuple(fact.sentence for fact in facts if fact.sentence)
