"""The auditor's pages: a household replayed, compared and exported; reports; the whole verified."""

from web.pages.audit import (
    comparing,
    exceptional,
    exporting,
    finding,
    looked_up,
    provenance,
    replaying,
    verifying,
)
from web.pages.framework import Link, Page

PAGES: tuple[Page, ...] = (
    *finding.PAGES,
    *replaying.PAGES,
    *comparing.PAGES,
    *provenance.PAGES,
    *exporting.PAGES,
    *exceptional.PAGES,
    *looked_up.PAGES,
    *verifying.PAGES,
)

LINKS: tuple[Link, ...] = (
    *finding.LINKS,
    *exceptional.LINKS,
    *looked_up.LINKS,
    *verifying.LINKS,
)
