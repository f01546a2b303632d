"""The disputes desk: was it covered, what was shown, the pack of evidence; notices, cases, outages.

Those of the desk act, auditors read. A registration mark is in a form or a page, never in an
address: what is asked of a mark alone is answered to the form itself.

Source: reference/enforcement-and-evidence.md C.5, D5, D6, E2, E16; SI 2022/576.
"""

from web.pages.disputes import asking, case_acts, cases, notices, outages, packing

PAGES = (
    *asking.PAGES,
    *packing.PAGES,
    *notices.PAGES,
    *cases.PAGES,
    *case_acts.PAGES,
    *outages.PAGES,
)
LINKS = (*asking.LINKS, *notices.LINKS, *cases.LINKS, *outages.LINKS)
