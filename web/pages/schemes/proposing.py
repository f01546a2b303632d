"""What if: real households of a period under proposed terms, in the background, and the report.

Source: issue "Replay", item 7; reference/enforcement-and-evidence.md, D19.
"""

from datetime import date
from importlib.resources import files

from ledger.refusals import NotFound
from ledger.scheme.faults import SchemeRejected
from ledger.scheme.loading import built_in
from ledger.scheme.schema import Scheme
from replay.what_if.proposals import of_text
from web.pages.forms import Mistake, Mistakes, Upload, mistake
from web.pages.framework import (
    EDITOR,
    Download,
    Link,
    Redirect,
    View,
    Visit,
    Whole,
    get,
    post,
)
from web.pages.schemes.choosing import every, label
from web.problems import Wrong

BYTES_MAX, FAULTS_TOLD = 262_144, 5


def asked(visit: Visit) -> View:
    """The form; how far a report is; or the report that was made last."""
    job = visit.site.background.job(visit.council, "what-if")
    return View(
        template="schemes/what-if.html",
        values={
            "job": job,
            "offered": [("", "Select one"), *_shipped(visit.scheme), *_editions(visit)],
            "period": _last_year(visit.today),
        },
    )


def _last_year(today: date) -> tuple[date, date]:
    return date(today.year - 1, 1, 1), date(today.year, 1, 1)


def _shipped(base: Scheme) -> list[tuple[str, str]]:
    """The proposals that come with the program for this scheme: `example/FOLDER/FILE`."""
    found = []
    for folder in files("replay.what_if").joinpath("examples").iterdir():
        if folder.is_dir() and (base.id == folder.name or base.id.startswith(f"{folder.name}-")):
            for file in sorted(folder.iterdir(), key=lambda each: each.name):
                text = file.read_text(encoding="utf-8")
                made = of_text(text, file.name, base, built_in())
                found.append((f"example/{folder.name}/{file.name}", f"Example: {made.title}"))
    return found


def _editions(visit: Visit) -> list[tuple[str, str]]:
    return [(e.edition, label(e)) for e in every(visit) if e.edition != visit.scheme.edition]


def begun(visit: Visit) -> Redirect:
    """Begin a report, once everything asked for can be read."""
    form = visit.form
    days, mistakes = list[date](), list[Mistake]()
    for name, what in (("from", "The first day"), ("to", "The day after the last")):
        try:
            days.append(form.day(name, what))
        except Mistakes as error:
            mistakes.extend(error.mistakes)
    if mistakes:
        raise Mistakes(*mistakes)
    first, after = days
    if after <= first:
        raise mistake("to-day", "The day after the last must be later than the first day")
    try:
        base = visit.council.editions.in_force(first)
    except NotFound as error:
        raise mistake("from-day", "There was no scheme of this council on the first day") from error
    name, text = _proposal(visit, base)
    new = visit.site.background.begin(
        visit.council,
        "what-if",
        by=visit.by.name,
        at=visit.now,
        asked=(first.isoformat(), after.isoformat(), name),
        text=text,
    )
    said = "" if new else "A report is being made already. Wait until it is done."
    return Redirect(to="/schemes/what-if", notice=said, kind="important")


def _proposal(visit: Visit, base: Scheme) -> tuple[str, str]:
    """The name of what is proposed, and its text where it is a file. Raises Mistakes."""
    chosen, upload = visit.form.get("proposal"), visit.form.files.get("file")
    if upload is not None and chosen:
        raise mistake("proposal", "Select what is proposed, or send a file: not both")
    if upload is None:
        names = [name for name, _ in (*_shipped(visit.scheme), *_editions(visit))]
        visit.form.one_of("proposal", names, "Select what is proposed, or send a file")
        if not chosen.startswith("example/"):
            return chosen, ""
        _, folder, file = chosen.split("/")
        path = files("replay.what_if").joinpath("examples", folder, file)
        return file, path.read_text(encoding="utf-8")
    text = _text(upload)
    try:
        of_text(text, "proposal.toml", base, built_in())
    except SchemeRejected as rejected:
        told = [Mistake(field="file", text=str(each)) for each in rejected.errors[:FAULTS_TOLD]]
        raise Mistakes(*told) from rejected
    return "proposal.toml", text


def _text(upload: Upload) -> str:
    try:
        return upload.content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise mistake("file", "The selected file must be a text in UTF-8") from error


def report(visit: Visit) -> Whole:
    """The report itself, a page of its own. Raises NotFound where none was made."""
    html = _html(visit)
    styles = html.partition("<style>")[2].partition("</style>")[0]
    return Whole(content=html, styles=styles)


def report_file(visit: Visit) -> Download:
    """The same to keep; it needs nothing else."""
    return Download(content=_html(visit).encode(), media_type="text/html", file_name="what-if.html")


def _html(visit: Visit) -> str:
    job = visit.site.background.job(visit.council, "what-if")
    html = str(job.result.get("html", "")) if job is not None else ""
    if not html:
        raise Wrong("not-found", "No report has been made since the service was last started.")
    return html


PAGES = (
    get("/schemes/what-if", EDITOR, asked),
    post(
        "/schemes/what-if",
        EDITOR,
        begun,
        again=asked,
        bytes_max=BYTES_MAX,
    ),
    get("/schemes/what-if/report", EDITOR, report),
    get("/schemes/what-if/report.html", EDITOR, report_file),
)

LINKS = (
    Link(
        text="What if",
        path="/schemes/what-if",
        roles=EDITOR,
        hint="Whom proposed terms would concern, and what the income would be.",
    ),
)
