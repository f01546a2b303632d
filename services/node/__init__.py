"""A node: checks answered from memory, for fleets of cameras, in a process of its own.

It reads a council's registrations once, in one snapshot of the primary or of a replica, and then
follows the ledger's events: the same fold as the read model's, into dictionaries. It only reads,
and asks at short intervals, so that a server in recovery serves it as well as any other.

- `table.py`: what it holds, and what it forgets.
- `following.py`: how it comes by it, and how old its knowledge is. A node never takes what may be
  read for all there is: it knows as of the latest look of which it has applied every fact.
- `answering.py`: the answer, by the same rules as the ledger's own (`projections.enforcement`).
- `journal.py`: no answer leaves before it is on the node's own disk, in a chain of digests.
- `uploading.py`: the journal becomes look-ups of the council, each once.

Source: services.md, section 8 (b); promises P6, P8, P9, P18; design sections 4 to 6.
"""
