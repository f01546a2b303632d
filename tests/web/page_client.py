"""A browser without a window: it follows the pages' own forms, with whatever they hold."""

import re
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

from httpx import Response
from litestar.testing import TestClient

from services.council import Council
from services.identity import sessions

Fields = dict[str, list[str]]


class _Forms(HTMLParser):
    """Every form of a page: its action, and what it would send as it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, Fields]] = []
        self._open = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "form":
            self.forms.append((named.get("action") or "", {}))
            self._open = True
        elif self._open and tag == "select":
            self._select = named.get("name") or ""
        elif self._open and tag == "option" and self._select and "selected" in named:
            self._put(self._select, named.get("value") or "")
        elif self._open and tag == "input" and named.get("name"):
            boxed = named.get("type") in ("radio", "checkbox")
            if named.get("type") != "file" and (not boxed or "checked" in named):
                self._put(named["name"] or "", named.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False
        elif tag == "select":
            self._select = ""

    def _put(self, name: str, value: str) -> None:
        self.forms[-1][1].setdefault(name, []).append(value)


class PageClient:
    """Looks at pages of one council and sends their forms; `page` is the last one."""

    def __init__(self, client: TestClient[Any], council: Council) -> None:
        self.client = client
        self.council = council
        client.cookies.clear()

    def sign_in(self, household: UUID | str, resident: str, at: Any) -> None:
        """Begin a resident's session, without the form."""
        with self.council.pool.connection() as connection:
            secret = sessions.begin_session(
                connection,
                self.council.schema,
                role="resident",
                name="resident",
                at=at,
                household_id=str(household),
                resident_id=resident,
            )
        self.client.cookies.set(self.council.id, secret)

    def open(self, path: str) -> Response:
        self.page = self.client.get(f"/{self.council.id}{path}")
        return self.page

    def forms(self) -> list[tuple[str, Fields]]:
        parser = _Forms()
        parser.feed(self.page.text)
        return parser.forms

    def send(self, path: str, files: Any = None, nth: int = 0, **changed: Any) -> Response:
        """Send the form of the last page that goes there, as it stands but for what is changed."""
        action = f"/{self.council.id}{path}"
        found = [fields for where, fields in self.forms() if where == action]
        assert found, f"no form to {action} on {self.page.url}: {self.said()}"
        self.sent = {**found[nth], **{name.replace("__", "-"): v for name, v in changed.items()}}
        self.page = self.client.post(action, data=self.sent, files=files)
        return self.page

    def send_again(self, path: str) -> Response:
        """The last form once more, as by pressing twice."""
        self.page = self.client.post(f"/{self.council.id}{path}", data=self.sent)
        return self.page

    def said(self) -> str:
        """The text of the page's main part."""
        main = self.page.text.partition("<main")[2].partition("</main>")[0] or self.page.text
        text = re.sub(r"<[^>]+>", " ", "<" + main)
        return re.sub(r"\s+", " ", text).strip()

    @property
    def path(self) -> str:
        """Where the last page is, within the council."""
        return self.page.url.path.removeprefix(f"/{self.council.id}")
