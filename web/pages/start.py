"""Where everybody begins: the council's own page, its two statements, and signing out."""

from web.pages.framework import Link, Redirect, View, Visit, get, post, roles
from web.pages.resident import home as residents


def home(visit: Visit) -> View:
    """For a stranger what can be done here; for whoever is signed in, what they can do, and a
    resident's card.
    """
    if visit.caller is not None and visit.caller.role == "resident":
        return residents.shown(visit)
    return View(template="home.html")


def privacy(visit: Visit) -> View:
    """What is kept of whom, and why."""
    return View(template="statement.html", values={"heading": "Privacy", "of": "privacy"})


def accessibility(visit: Visit) -> View:
    """How accessible the pages are, and whom to tell."""
    values = {"heading": "Accessibility", "of": "accessibility"}
    return View(template="statement.html", values=values)


def contact(visit: Visit) -> View:
    """How to reach the council."""
    return View(template="contact.html")


def signed_out(visit: Visit) -> Redirect:
    """End the session, here and everywhere it might have been copied to."""
    return Redirect(to="", notice="You are signed out.", session="")


PAGES = (
    get("", None, home),
    get("/privacy", None, privacy),
    get("/accessibility", None, accessibility),
    get("/contact", None, contact),
    post("/sign-out", None, signed_out, again=None),
)

LINKS = (
    Link(
        text="Check a vehicle",
        path="/officer",
        roles=roles("officer"),
        hint="Type a registration number, and see whether it is covered.",
    ),
)
