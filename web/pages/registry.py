"""Every page there is, one line a module; and the links of navigation, in the same order."""

from web.pages import disputes, staff_sign_in, start
from web.pages.framework import Link, Page
from web.pages.resident import (
    allowance,
    applying,
    applying_list,
    basket,
    booking,
    download,
    history,
    home_refund,
    paying,
    products,
    proofs,
    register,
    sessions,
    signing_in,
    vehicles,
    vehicles_paper,
    visitors,
)

PAGES: tuple[Page, ...] = (
    *start.PAGES,
    *booking.PAGES,
    *sessions.PAGES,
    *vehicles.PAGES,
    *vehicles_paper.PAGES,
    *visitors.PAGES,
    *allowance.PAGES,
    *history.PAGES,
    *download.PAGES,
    *home_refund.PAGES,
    *register.PAGES,
    *signing_in.PAGES,
    *products.PAGES,
    *applying.PAGES,
    *applying_list.PAGES,
    *proofs.PAGES,
    *basket.PAGES,
    *paying.PAGES,
    *staff_sign_in.PAGES,
    *disputes.PAGES,
)

LINKS: tuple[Link, ...] = (
    *start.LINKS,
    *signing_in.LINKS,
    *register.LINKS,
    *booking.LINKS,
    *sessions.LINKS,
    *vehicles.LINKS,
    *products.LINKS,
    *applying_list.LINKS,
    *basket.LINKS,
    *visitors.LINKS,
    *allowance.LINKS,
    *history.LINKS,
    *download.LINKS,
    *staff_sign_in.LINKS,
    *disputes.LINKS,
)
