"""A view becomes a page: the templates, the words of money and time, and the parts of the design
system.

Templates are strict: a name that was not given is an error. The parts are the library's own and are
not strict, so they live in an environment of their own; its macros are called here by their names:
`{{ govukButton({"text": "Continue"}) }}`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined
from jinja2.runtime import Context
from jinja2.utils import pass_context
from markupsafe import Markup

from ledger.refusals import NotFound
from ledger.values import FOREVER
from web.pages import static
from web.pages.forms import Mistake
from web.pages.framework import Link, View, Visit
from web.pages.looks import look_of

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


def page(view: View, visit: Visit, links: Sequence[Link]) -> str:
    """The whole page."""
    council = visit.scheme.council
    values = {
        "visit": visit,
        "form": visit.form,
        "caller": visit.caller,
        "council": council,
        "root": f"/{visit.council.id}",
        "look": look_of(visit.council.id, council),
        "tz": visit.tz,
        "now": visit.now,
        "today": visit.today,
        "csrf": visit.csrf,
        "new_key": lambda: token_urlsafe(18),
        "notice": visit.notice,
        "mistakes": visit.mistakes,
        "back": view.back,
        "bar": _bar(visit, links),
        "links": [each for each in links if _is_for(each, visit)],
        "files": static.addresses(),
        **view.values,
    }
    return environment().get_template(f"pages/{view.template}").render(values)


def bare(template: str, values: Mapping[str, Any]) -> str:
    """A page of no council: the list of councils, and what went wrong before one was found."""
    base: dict[str, Any] = {
        "council": "Parking permits",
        "root": "",
        "look": None,
        "caller": None,
        "notice": None,
        "mistakes": (),
        "back": "",
        "bar": [],
        "links": [],
        "csrf": "",
        "files": static.addresses(),
    }
    return environment().get_template(f"pages/{template}").render({**base, **values})


def _is_for(link: Link, visit: Visit) -> bool:
    if visit.caller is None:
        return not link.roles
    return visit.caller.role in link.roles


def _bar(visit: Visit, links: Sequence[Link]) -> list[dict[str, Any]]:
    """The links of the navigation, marked the one that the page is, or is nearest below."""
    route = visit.route
    shown = [each for each in links if each.bar and _is_for(each, visit)]
    above = [e.path for e in shown if route == e.path or route.startswith(f"{e.path}/")]
    here = max(above, key=len, default=None)
    return [
        {"text": each.text, "href": visit.at(each.path), "active": each.path == here}
        for each in shown
    ]


@cache
def environment() -> Environment:
    """The templates, made ready once."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # A served template does not change: a look at each file's date for each part of a page
        # would cost more than the part.
        auto_reload=False,
        cache_size=-1,
    )
    made.filters.update(
        money=money,
        day=day,
        moment=moment,
        clock=clock,
        until=until,
        period=period,
        plate=plate,
        span=span,
    )
    made.globals.update(_parts())
    made.globals |= {"mistake_at": mistake_at, "summary_of": summary_of}
    return made


def warm() -> None:
    """Compile every template now, so that no visitor waits for it: most of a second, once."""
    templates = environment()
    for name in templates.list_templates(extensions=["html"]):
        templates.get_template(name)


def _parts() -> dict[str, Any]:
    """Every component of the design system, by the name of its macro."""
    library = Environment(
        loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    parts: dict[str, Any] = {}
    for name in library.list_templates():
        if not name.endswith("/macro.html"):
            continue
        module = library.get_template(name).module
        parts |= {n: getattr(module, n) for n in dir(module) if n.startswith("govuk")}
    return parts


def mistake_at(mistakes: Sequence[Mistake], field: str) -> dict[str, str] | None:
    """What a component takes as `errorMessage`: the first mistake of that field."""
    found = next((each for each in mistakes if each.field == field), None)
    return None if found is None else {"text": found.text}


def summary_of(mistakes: Sequence[Mistake]) -> list[dict[str, str]]:
    """What the error summary takes: every mistake, with a link to its field where it has one."""
    return [
        {"text": each.text, **({"href": f"#{each.field}"} if each.field else {})}
        for each in mistakes
    ]


def money(pence: int) -> str:
    """`£1.50`, `£1,000.00`, `-£2.00`."""
    sign = "-" if pence < 0 else ""
    pounds, rest = divmod(abs(pence), 100)
    return f"{sign}£{pounds:,}.{rest:02d}"


def day(on: date) -> str:
    """`10 January 2026`; of an instant, use moment."""
    assert not isinstance(on, datetime), "the day of an instant depends on its zone"
    return f"{on.day} {on:%B %Y}"


@pass_context
def moment(context: Context, at: datetime) -> str:
    """`10 January 2026 at 2:05pm`, local to the scheme."""
    return moment_words(at, _tz(context))


def moment_words(at: datetime, tz: ZoneInfo) -> str:
    """As the filter `moment`, for a sentence that a handler makes."""
    local = at.astimezone(tz)
    return f"{local.day} {local:%B %Y} at {_clock(local)}"


@pass_context
def clock(context: Context, at: datetime) -> str:
    """`2:05pm`, `midday`, `midnight`, local to the scheme."""
    return _clock(at.astimezone(_tz(context)))


@pass_context
def until(context: Context, end: datetime) -> str:
    """The first instant that is no longer covered, in words: midnight is the end of a day."""
    return until_words(end, _tz(context))


@pass_context
def period(context: Context, begin: datetime, end: datetime) -> str:
    """`10 January 2026, 2:05pm to 4:05pm`, or both ends with their days. Half-open."""
    tz = _tz(context)
    first, last = begin.astimezone(tz), end.astimezone(tz)
    if end < FOREVER and first.date() == last.date():
        return f"{first.day} {first:%B %Y}, {_clock(first)} to {_clock(last)}"
    return f"{first.day} {first:%B %Y} at {_clock(first)} to {until_words(end, tz)}"


@pass_context
def span(context: Context, begin: datetime, end: datetime) -> str:
    """`Saturday 10 January 2026, 2:05pm to midnight`, `all day`: as period, to the minute."""
    return span_words(begin, end, _tz(context))


def span_words(begin: datetime, end: datetime, tz: ZoneInfo) -> str:
    """As the filter `span`, for a sentence that a handler makes. Half-open."""
    first = begin.astimezone(tz).replace(second=0, microsecond=0)
    day_of = f"{first:%A} {first.day} {first:%B %Y}"
    midnight = datetime.combine(first.date() + timedelta(days=1), time(), tz)
    if end == midnight:
        whole = (first.hour, first.minute) == (0, 0)
        return f"{day_of}, all day" if whole else f"{day_of}, {_clock(first)} to midnight"
    if end < midnight:
        return f"{day_of}, {_clock(first)} to {_clock(end.astimezone(tz))}"
    return f"{day_of} at {_clock(first)}, to {until_words(end, tz)}"


def plate(mark: str) -> Markup:
    """A registration mark, set as one: never broken over two lines."""
    return Markup('<span class="plate">{}</span>').format(mark)


def _tz(context: Context) -> ZoneInfo:
    tz = context.get("tz")
    assert isinstance(tz, ZoneInfo), "a time is shown on a council's page"
    return tz


def _clock(local: datetime) -> str:
    if local.minute == 0 and local.second == 0 and local.hour in (0, 12):
        return "midday" if local.hour else "midnight"
    hour, half = local.hour % 12 or 12, "am" if local.hour < 12 else "pm"
    minutes = f":{local:%M}" if local.minute or local.second else ""
    seconds = f":{local:%S}" if local.second else ""
    return f"{hour}{minutes}{seconds}{half}"


def until_words(end: datetime, tz: ZoneInfo) -> str:
    """As the filter `until`, for a sentence that a handler makes."""
    if end >= FOREVER:
        return "further notice"
    local = end.astimezone(tz)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        before = date.fromordinal(local.date().toordinal() - 1)
        return f"the end of {before.day} {before:%B %Y}"
    return f"{local.day} {local:%B %Y} at {_clock(local)}"


def not_found(error: NotFound) -> str:
    """What a visitor is told: the same for what is not there and for what is somebody else's."""
    return f"There is no such {error.kind} here, or it is not yours to see."
