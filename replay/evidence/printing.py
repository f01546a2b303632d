"""The pack as PDF: tagged, PDF/UA-1 and PDF/A-3, its JSON twin inside, the same bytes every time.

The document is drawn by typst from `pack.typ`, which is given the laid-out pack as data: nothing
that a person typed is ever read as markup. Only fonts inside typst are used, and the date in the
file is that of the ledger the pack was made from.

Source: services.md, row PDF; promises.md section 5.
"""

from hashlib import sha256
from pathlib import Path

from ledger.refusals import LedgerError
from replay.evidence.layout import in_bytes
from replay.evidence.pack import Pack, canonical
from replay.evidence.sheet import sheet

TEMPLATE = Path(__file__).with_name("pack.typ")


class NoPrinter(LedgerError):
    """The part that makes PDFs is not installed."""

    def __init__(self) -> None:
        super().__init__("PDFs need the extra: pip install 'permit-ledger[pdf]'")


def digest(twin: bytes) -> str:
    return sha256(twin).hexdigest()


def pdf(pack: Pack) -> bytes:
    """The document. Raises NoPrinter."""
    try:
        import typst
    except ImportError as error:
        raise NoPrinter from error
    twin = canonical(pack)
    return typst.compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={
            "sheet": in_bytes(sheet(pack, digest(twin))).decode(),
            "twin": twin.decode(),
        },
        pdf_standards=["ua-1", "a-3a"],
        timestamp=int(pack.question.as_of.timestamp()),
    )
