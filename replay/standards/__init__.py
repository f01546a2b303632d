"""The ledger in the words of published standards: APDS, and the National Parking Platform's profile
of it.

An export is made from facts alone and names no person: a holder is a permit number and the marks of
vehicles.

Source: reference/enforcement-and-evidence.md, C.1 to C.4.
"""
