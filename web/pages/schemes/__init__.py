"""The scheme editor's pages: terms in words and their sources, compared, tried out, proposed."""

from web.pages.framework import Link, Page
from web.pages.schemes import comparing, examples, proposing, showing

PAGES: tuple[Page, ...] = (
    *showing.PAGES,
    *comparing.PAGES,
    *examples.PAGES,
    *proposing.PAGES,
)

LINKS: tuple[Link, ...] = (*showing.LINKS, *proposing.LINKS)
