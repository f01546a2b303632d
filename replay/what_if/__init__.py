"""What if: the acts of real households, asked again under terms that are only proposed.

`proposals` reads a proposed edition, `requests` reads back what was asked for from what was
decided, `course` asks it again with the rules themselves, `figures` counts, `report` says it.

Source: issue "Replay", item 7; reference/enforcement-and-evidence.md, D19.
"""
