"""Schemes of a few lines for the tests of rules: one product, and only what the test is about."""

from ledger.household.state import Household
from ledger.scheme.loading import parse
from ledger.scheme.products import Product
from ledger.scheme.schema import Scheme
from tests.given import Happening, given

HEAD = """
schema = 1
id = "smallest"
council = "A Council"
status = "live"
effective_from = 2020-01-01

[[zones]]
id = "A"

[[zones]]
id = "B"
"""


PLAIN = 'id = "v"\nprice = { model = "flat", pence = 100 }'


def scheme_of(*products: str, head: str = "") -> Scheme:
    """A scheme with these products, each the lines of its table; `head` goes before the zones."""
    return parse(_text(products or (PLAIN,), head), "smallest.toml").scheme


def product_of(lines: str) -> Product:
    """The one product of a scheme."""
    return scheme_of(lines).products[0]


def _text(products: tuple[str, ...], head: str) -> str:
    begin, zones, rest = HEAD.partition("[[zones]]")
    tables = (f'\n[[products]]\nkind = "day_voucher"\n{lines}\n' for lines in products)
    return begin + head + "\n" + zones + rest + "".join(tables)


def household(*past: Happening, scheme: str = "stevenage") -> Household:
    return given(*past, scheme=scheme).household
