"""Which read models there are, and how each lives: the only choice of lifecycle.

INLINE models are written in the transaction that appends: an acknowledged command is in all of
them. CATCHING_UP models follow the ledger. Either kind can be rebuilt beside its live tables.
"""

from ledger.store.rows import ReadModel
from projections.accounts import Accounts
from projections.active_registrations import ActiveRegistrations
from projections.allowances import Allowances
from projections.cases import Cases
from projections.deadlines import Deadlines
from projections.incidents import Incidents
from projections.messages import Messages
from projections.misuse import Misuse
from projections.near import SavedVisitors
from projections.notices import Notices
from projections.payments import Payments
from projections.receipts import Receipts
from projections.search import Search
from projections.sessions import Sessions
from projections.waiting import Waiting

INLINE: tuple[ReadModel, ...] = (
    ActiveRegistrations(),
    Allowances(),
    Receipts(),
    Accounts(),
    Payments(),
    Deadlines(),
    SavedVisitors(),
    Notices(),
    Cases(),
    Incidents(),
    Waiting(),
)
CATCHING_UP: tuple[ReadModel, ...] = (Sessions(), Messages(), Misuse(), Search())
EVERY: tuple[ReadModel, ...] = INLINE + CATCHING_UP
