"""Every page there is, one line a module; and the links of navigation, in the same order."""

from web.pages import staff_sign_in, start
from web.pages.framework import Link, Page

PAGES: tuple[Page, ...] = (
    *start.PAGES,
    *staff_sign_in.PAGES,
)

LINKS: tuple[Link, ...] = (
    *start.LINKS,
    *staff_sign_in.LINKS,
)
