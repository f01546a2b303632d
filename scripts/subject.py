"""`permit-ledger subject-access`: everything that is held about one resident, as files for them.

The folder is made for it, for its owner's eyes alone: a page to read, the same as plain text, and
the same as JSON.
"""

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter
from jinja2 import Environment, StrictUndefined

from replay.subject_access import Held, subject_access
from scripts.asking import asked_council
from scripts.wrong import Wrong

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What is held about you: {{ held.council }}</title>
<style>
body { font-family: arial, sans-serif; line-height: 1.4; margin: 2rem auto; max-width: 70rem;
  padding: 0 1rem; }
div { overflow-x: auto; }
table { border-collapse: collapse; margin-bottom: 2rem; }
caption { font-size: 1.2rem; font-weight: bold; padding: .5rem 0; text-align: left; }
td, th { border-bottom: 1px solid #b1b4b6; padding: .3rem .8rem .3rem 0; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; min-width: 6rem; }
</style>
</head>
<body>
<main>
<h1>What is held about you</h1>
<p>{{ held.council }}, property {{ held.property_ref }}, made at {{ held.made_at.isoformat() }}.
Times are in UTC.</p>
<h2>What is not here</h2>
{% if held.left_out or held.blanked %}
<ul>
{% for what, count in held.left_out.items() %}<li>{{ what }} that are about others: {{ count }}</li>
{% endfor %}{% if held.blanked %}<li>places where another person was named: {{ held.blanked }}</li>
{% endif %}</ul>
{% else %}<p>Nothing was left out.</p>{% endif %}
{% for heading, rows in tables %}
<h2>{{ heading }}</h2>
{% if rows %}<div tabindex="0" role="region" aria-label="{{ heading }}">
<table><caption>{{ rows | length }} in all</caption>
<thead><tr>{% for name in rows[0] %}<th scope="col">{{ name.replace("_", " ") }}</th>{% endfor %}
</tr></thead><tbody>
{% for row in rows %}<tr>{% for value in row.values() %}<td>{{ said(value) }}</td>{% endfor %}</tr>
{% endfor %}</tbody></table></div>
{% else %}<p>Nothing.</p>{% endif %}
{% endfor %}
</main>
</body>
</html>
"""


def main(
    *,
    council: str,
    property_ref: Annotated[str, Parameter(name="--property")],
    resident: str,
    out: Path,
) -> int:
    """Write everything that is held about one resident into a new folder.

    Parameters
    ----------
    council
        The id of its scheme.
    property_ref
        The reference of the resident's property.
    resident
        The resident's id.
    out
        The folder, which must not be there yet, or be empty.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Wrong("--out is a folder that is not there yet, or is empty")
    with asked_council(council) as asked:
        held = subject_access(asked, property_ref, resident)
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = {
        "subject-access.html": page(held),
        "subject-access.txt": text(held),
        "subject-access.json": msgspec.json.format(msgspec.json.encode(held)).decode(),
    }
    for name, content in written.items():
        place = out / name
        place.touch(mode=0o600)
        place.write_text(content, encoding="utf-8")
        sys.stdout.write(f"{place}\n")
    others = sum(held.left_out.values())
    sys.stdout.write(f"left out, as others': {others}; blanked: {held.blanked}\n")
    return 0


def page(held: Held) -> str:
    """The page, complete in itself."""
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    template = environment.from_string(_PAGE)
    return template.render(held=held, tables=list(held.sections()), said=said) + "\n"


def text(held: Held) -> str:
    """The same in plain text, a line for each value."""
    lines = [f"What is held about you: {held.council}, property {held.property_ref}", ""]
    lines += [f"Left out, {what} about others: {count}" for what, count in held.left_out.items()]
    lines += [f"Blanked, places where another person was named: {held.blanked}"]
    for heading, rows in held.sections():
        lines += ["", heading, "-" * len(heading)]
        for row in rows:
            lines += [f"  {name.replace('_', ' ')}: {said(value)}" for name, value in row.items()]
            lines.append("")
        if not rows:
            lines.append("  nothing")
    return "\n".join(lines) + "\n"


def said(value: Any) -> str:
    """A value for a person."""
    if value is None or value in ("", [], (), {}):
        return "-"
    match value:
        case bool():
            return "yes" if value else "no"
        case dict():
            return "; ".join(f"{name.replace('_', ' ')}: {said(v)}" for name, v in value.items())
        case list() | tuple():
            return ", ".join(said(each) for each in value)
        case _:
            return str(value)
