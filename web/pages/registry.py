"""Every page there is, one line a module; and the links of navigation, in the same order."""

from web.pages import audit, disputes, schemes, staff_sign_in, start
from web.pages.framework import Link, Page
from web.pages.resident import (
    applying,
    applying_list,
    basket,
    paying,
    products,
    proofs,
    register,
    signing_in,
)

PAGES: tuple[Page, ...] = (
    *start.PAGES,
    *register.PAGES,
    *signing_in.PAGES,
    *products.PAGES,
    *applying.PAGES,
    *applying_list.PAGES,
    *proofs.PAGES,
    *basket.PAGES,
    *paying.PAGES,
    *audit.PAGES,
    *schemes.PAGES,
    *staff_sign_in.PAGES,
    *disputes.PAGES,
)

LINKS: tuple[Link, ...] = (
    *start.LINKS,
    *signing_in.LINKS,
    *register.LINKS,
    *products.LINKS,
    *applying_list.LINKS,
    *basket.LINKS,
    *audit.LINKS,
    *schemes.LINKS,
    *staff_sign_in.LINKS,
    *disputes.LINKS,
)
