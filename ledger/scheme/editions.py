"""Which edition of a scheme is in force, and every edition that ever was.

An edition is in force from its first instant until the next one begins. A holding keeps the terms
of the edition it was sold under: events name it, and `edition` finds it again. A scheme that
`replaces` another goes on from it: the editions of the other come before its own.

Source: reference/schemes.md, section 3 (effective_from, replaces); X-060, X-082.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, datetime

from msgspec import Struct, structs

from ledger.calendar import local_date, start_of_day
from ledger.refusals import NotFound
from ledger.scheme.schema import Scheme
from ledger.values import utc


class Editions(Struct, frozen=True):
    """The editions of one scheme, and of those it replaced, in the order in which they begin;
    never empty.
    """

    ordered: tuple[Scheme, ...]

    @property
    def latest(self) -> Scheme:
        return self.ordered[-1]

    def in_force(self, on: date) -> Scheme:
        """The edition in force when that local day begins. Raises NotFound before the first."""
        return self.in_force_at(start_of_day(on, self.latest.tz))

    def in_force_at(self, at: datetime) -> Scheme:
        """The edition in force at an instant. Raises NotFound before the first one begins."""
        begun = bisect_right(self.ordered, utc(at), key=lambda scheme: scheme.begins_at)
        if begun == 0:
            raise NotFound("scheme edition in force", self.ordered[0].id)
        return self.ordered[begun - 1]

    def edition(self, name: str) -> Scheme:
        """The edition that events call by this name. Raises NotFound."""
        for scheme in self.ordered:
            if scheme.edition == name:
                return scheme
        raise NotFound("scheme edition", name)

    def with_edition(self, scheme: Scheme, from_instant: datetime) -> "Editions":
        """These editions and one more, which begins at that instant and has a name of its own."""
        begins = utc(from_instant)
        same = [each.revision for each in self.ordered if each.begins_at == begins]
        added = structs.replace(
            scheme,
            effective_from=local_date(begins, scheme.tz),
            effective_at=begins,
            revision=max(same, default=0) + 1,
        )
        return in_order((*self.ordered, added))


class SchemeFile(Struct, frozen=True, kw_only=True):
    """A file that was read: its name, its text, the scheme it gives and what to be warned of."""

    file: str
    text: str
    scheme: Scheme
    warnings: tuple[str, ...] = ()


class SchemeLibrary(Struct, frozen=True):
    """Every scheme of a folder, by id."""

    read: tuple[SchemeFile, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(sorted({each.scheme.id for each in self.read}))

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(warning for each in self.read for warning in each.warnings)

    def scheme(self, scheme_id: str) -> Scheme:
        """The latest edition of a scheme. Raises NotFound."""
        return self.editions(scheme_id).latest

    def editions(self, scheme_id: str) -> Editions:
        """Every edition of a scheme that the files hold, and before them those of the scheme that
        it replaces, as far back as there is one. Raises NotFound.
        """
        found = self._own(scheme_id)
        if not found:
            raise NotFound("scheme", scheme_id)
        passed = {scheme_id}
        while (before := found[0].replaces) is not None and before not in passed:
            passed.add(before)
            begins = found[0].begins_at
            older = [each for each in self._own(before) if each.begins_at < begins]
            if not older:
                break
            found = [*older, *found]
        return in_order(found)

    def _own(self, scheme_id: str) -> list[Scheme]:
        """The editions that bear this id themselves, the first one first."""
        own = (each.scheme for each in self.read if each.scheme.id == scheme_id)
        return sorted(own, key=lambda scheme: (scheme.begins_at, scheme.revision))

    def edition(self, name: str) -> Scheme:
        """The edition of that name, of whichever scheme. Raises NotFound."""
        return self.editions(name.partition("@")[0]).edition(name)

    def file_of(self, scheme_id: str) -> SchemeFile:
        """The file of a scheme's latest edition: its text can be parsed again with other values."""
        latest = self.scheme(scheme_id)
        return next(each for each in self.read if each.scheme.edition == latest.edition)


def in_order(schemes: Iterable[Scheme]) -> Editions:
    """Editions by their first instant, then by revision. At least one, all of one scheme or of
    those that it replaced.
    """
    ordered = tuple(sorted(schemes, key=lambda scheme: (scheme.begins_at, scheme.revision)))
    assert ordered, "a scheme has an edition"
    replaced = {scheme.replaces for scheme in ordered}
    assert {scheme.id for scheme in ordered} <= {ordered[-1].id, *replaced}, "of one scheme"
    return Editions(ordered)
