"""What a scenario's labels stand for: the ids that the ledger gave to what its steps made."""

from uuid import UUID

from msgspec import Struct, field


class Made(Struct, kw_only=True):
    """What one step made, by its household: any of an application, holdings, a booking, a proof."""

    stream: UUID
    application: str = ""
    holdings: list[str] = field(default_factory=list)
    booking: str = ""
    document: str = ""
    act: str = ""
    serial: str = ""
    """The one paper that the label stands for, where a duplicate was made; else any of them."""


class Names(Struct):
    """Labels by kind. `made` holds everything that `as` has named but properties and residents."""

    properties: dict[str, UUID] = field(default_factory=dict)
    residents: dict[str, tuple[UUID, str]] = field(default_factory=dict)
    made: dict[str, Made] = field(default_factory=dict)

    def label_of(self, holding_id: str) -> str:
        """The label of the step that made a holding; the id where no step named it."""
        for label, made in self.made.items():
            if holding_id in made.holdings:
                return label
        return holding_id
