"""Evidence for a case: what was true, what was known, what officers saw, how to check it.

`gathering.make` answers with a Pack, `pack.canonical` writes its JSON twin, `printing.pdf` the
document that a tribunal reads. All three are the same bytes every time.
"""
