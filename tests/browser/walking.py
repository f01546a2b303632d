"""Every page of the registry, found by following the links from a start page as one role.

A page is found by its address in the registry; a form of the counter by its name as well, for one
address serves them all. What nobody can reach is told, so that a page that is new is walked over,
or missed, without a list of pages to keep.
"""

import html
import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence, Set

import httpx
from msgspec import Struct

from web.pages import registry
from web.pages.counter.acting import DEEDS

ALIKE_MAX = 4
_SLUGS = {each.slug for each in DEEDS}
_HREF = re.compile(r'href="(/[^"#]*)')


class Found(Struct, frozen=True, kw_only=True):
    """A page and one address of it within the council; `is_page` False: a file to keep."""

    name: str
    path: str
    is_page: bool


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{\w+\\}", r"([^/]+)", re.escape(path)))


_GETS = sorted(
    ((each.path, _pattern(each.path)) for each in registry.PAGES if each.method == "GET"),
    # The literal one before the one with a part that may be anything.
    key=lambda each: each[0].count("{"),
)


def page_of(path: str) -> str:
    """The registry's address of a path; empty where it is no page."""
    bare = path.partition("?")[0]
    for name, pattern in _GETS:
        if pattern.fullmatch(bare):
            slug = next((each for each in bare.split("/") if each in _SLUGS), "")
            return name.replace("{deed}", slug) if "{deed}" in name else name
    return ""


def every_page(roles: Iterable[str], *, everybody: bool) -> set[str]:
    """What a walk as those roles is to find; with the pages that are everybody's, or without."""
    asked = set(roles)
    named = {
        each.path
        for each in registry.PAGES
        if each.method == "GET" and (everybody if each.roles is None else asked & each.roles)
    }
    return {each for each in named if "{deed}" not in each}


def walked(
    address: str,
    council: str,
    cookies: Mapping[str, str],
    also: Sequence[str] = (),
    known: Set[str] = frozenset(),
) -> list[Found]:
    """Each page that links lead to from the start page and from `also`, once.

    Of pages that are alike a few are read, for one may have links that another has not; of those
    among `known` one.
    """
    root, found = f"/{council}", dict[str, Found]()
    waiting, seen, times = deque(["", *also]), set[str](), Counter[str]()
    with httpx.Client(base_url=address, cookies=dict(cookies), timeout=30) as client:
        while waiting:
            path = waiting.popleft()
            name = page_of(path)
            most = 1 if name in known else ALIKE_MAX
            if path in seen or not (name or path == ""):
                continue
            if times[name] >= most and path not in also:
                continue
            seen.add(path)
            times[name] += 1
            answer = client.get(root + path)
            if answer.status_code != 200:
                continue
            is_page = answer.headers["content-type"].startswith("text/html")
            found.setdefault(name, Found(name=name, path=path, is_page=is_page))
            if not is_page:
                continue
            for link in _HREF.findall(answer.text):
                told = html.unescape(link)
                if told.startswith(f"{root}/"):
                    waiting.append(told.removeprefix(root))
    return list(found.values())
