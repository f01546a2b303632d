"""A scheme as a resident would read it, and under each part its numbers with the rule of each.

Source: issue "The pages", item 5; scheme TOML.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from ledger.scheme.schema import Scheme
from replay.schemes import showing
from replay.schemes.sources import Sourced, sources
from replay.schemes.words import capital, money, spoken
from web.pages.framework import EDITOR, Link, View, Visit, get
from web.pages.schemes.choosing import READERS, chosen, every, file_of, label

PARTS = {
    "This scheme": ("", "calendar", "household", "view", "lot"),
    "Applying": ("flow", "texting"),
    "Proof": ("proof",),
    "Who can apply": ("eligibility",),
    "Reduced prices": ("concessions",),
    "Bought together": ("order_groups", "fair_use", "allowance_groups"),
    "Exceptions": ("grants",),
    "Zones and hours": ("zones",),
    "Vehicles": ("vehicle_limits",),
    "Checks": ("enforcement", "misuse"),
    "Help": ("support",),
}
"""Which tables of a scheme's file a section is said from."""


_TRUTHS = {"true": "yes", "false": "no"}


class Part(Struct, frozen=True, kw_only=True):
    """A section in words, and the values behind it: what, how much, and from where."""

    heading: str
    anchor: str
    sentences: tuple[str, ...]
    values: tuple[tuple[str, str, str], ...]


def listed(visit: Visit) -> View:
    """Every edition there is to look at."""
    own = {each.edition for each in visit.council.editions.ordered}
    found = [(each.edition, label(each), each.edition in own) for each in every(visit)]
    return View(
        template="schemes/list.html",
        values={"editions": found, "in_force": visit.scheme.edition},
    )


def shown(visit: Visit) -> View:
    """The edition that the address names, else the one in force. Raises NotFound."""
    scheme = chosen(visit, visit.query.get("name", ""))
    file = file_of(scheme)
    told = sources(file.text) if file else ()
    parts = list(_parts(scheme, told))
    return View(
        template="schemes/shown.html",
        back="/schemes",
        values={
            "scheme": scheme,
            "label": label(scheme),
            "parts": parts,
            "warnings": [_warned(each, scheme) for each in (file.warnings if file else ())],
            "sourced": bool(told),
        },
    )


def _parts(scheme: Scheme, told: tuple[Sourced, ...]) -> Iterator[Part]:
    for section in showing.shown(scheme).sections:
        if section.about:
            own = [e for e in told if e.part == "products" and e.about == section.about]
        else:
            own = [e for e in told if e.part in PARTS.get(section.heading, ())]
        yield Part(
            heading=section.heading,
            anchor=re.sub(r"[^a-z0-9]+", "-", section.heading.lower()).strip("-"),
            sentences=section.sentences,
            values=tuple((_what(e), _value(e), e.source) for e in own),
        )


def _warned(warning: str, scheme: Scheme) -> str:
    """`Day scratchcard, price`, of a warning that names the path of an amount."""
    path = warning.split(": ", 2)[1]
    parts = path.removeprefix("products.").split(".")
    sold = scheme.product(parts[0])
    words = ", ".join(spoken(part) for part in parts[1:]) if sold else spoken(path)
    return f"{sold.name}, {words}" if sold else capital(words)


def _what(each: Sourced) -> str:
    about = f"{spoken(each.about)}: " if each.about and each.part != "products" else ""
    return capital(about + spoken(each.key.replace(".", ", ")))


def _value(each: Sourced) -> str:
    if each.key.endswith("pence") and each.value.isdigit():
        return money(int(each.value))
    plain = re.sub(r"[{}\[\]\"]", "", each.value).replace(" = ", " ")
    said = re.sub(r"\b(true|false)\b", lambda is_: _TRUTHS[is_[0]], plain)
    return " ".join(said.split())


PAGES = (
    get("/schemes", READERS, listed),
    get("/schemes/terms", READERS, shown),
)

LINKS = (
    Link(
        text="Schemes",
        path="/schemes",
        roles=EDITOR | READERS,
        hint="The terms in words, what changed between editions, and worked examples.",
    ),
)
