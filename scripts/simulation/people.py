"""Who lives somewhere, who visits, and how marks are typed: all by a chance that is given."""

from random import Random

FIRST = (
    "Amelia",
    "Arthur",
    "Aisha",
    "Ben",
    "Beth",
    "Carys",
    "Daniel",
    "Ella",
    "Farah",
    "George",
    "Grace",
    "Hannah",
    "Harry",
    "Imran",
    "Isla",
    "Jack",
    "Joan",
    "Kofi",
    "Leo",
    "Lily",
    "Maryam",
    "Mia",
    "Noah",
    "Olive",
    "Oscar",
    "Priya",
    "Rhys",
    "Rosa",
    "Sam",
    "Sian",
    "Tom",
    "Una",
    "Yusuf",
    "Zoe",
)
LAST = (
    "Ahmed",
    "Baker",
    "Brown",
    "Clarke",
    "Davies",
    "Evans",
    "Fletcher",
    "Green",
    "Hall",
    "Hughes",
    "Jones",
    "Khan",
    "Lewis",
    "Mensah",
    "Moore",
    "Nowak",
    "Osei",
    "Patel",
    "Price",
    "Roberts",
    "Shah",
    "Smith",
    "Taylor",
    "Walker",
    "White",
    "Wood",
    "Wright",
    "Young",
)
STREETS = (
    "Albert",
    "Bridge",
    "Castle",
    "Church",
    "High",
    "King",
    "Mill",
    "Park",
    "Queen",
    "School",
    "Station",
    "Victoria",
)
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXY"
_SLIPS = {"0": "O", "O": "0", "1": "I", "I": "1", "B": "8", "8": "B", "S": "5", "5": "S"}


def name(chance: Random) -> str:
    return f"{chance.choice(FIRST)} {chance.choice(LAST)}"


def address(chance: Random, number: int) -> str:
    return f"{number % 180 + 1} {chance.choice(STREETS)} Street"


def mobile(number: int) -> str:
    """One of the thousand numbers that belong to nobody."""
    return f"07700 900{number % 1000:03d}"


def mark(chance: Random) -> str:
    """A British mark of today's pattern."""
    letters = [chance.choice(_LETTERS) for _ in range(5)]
    year = chance.choice((*range(8, 27), *range(58, 77)))
    return f"{''.join(letters[:2])}{year:02d}{''.join(letters[2:])}"


def typed(chance: Random, shown: str) -> str:
    """A mark as somebody types it: mostly right, at times with a space, in small letters."""
    way = chance.random()
    if way < 0.15:
        return f"{shown[:4]} {shown[4:]}"
    return shown.lower() if way < 0.22 else shown


def slipped(chance: Random, shown: str) -> str:
    """The mark with one mistake: a letter for another, two swapped, or one left out."""
    at = chance.randrange(len(shown) - 1)
    way = chance.random()
    if way < 0.4:
        return shown[:at] + shown[at + 1] + shown[at] + shown[at + 2 :]
    if way < 0.6:
        return shown[:at] + shown[at + 1 :]
    wrong = _SLIPS.get(shown[at]) or chance.choice(_LETTERS)
    return shown[:at] + wrong + shown[at + 1 :]
