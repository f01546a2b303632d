"""Worked examples of a scheme, written by its council and run against the real ledger.

`language` reads a file, `running` performs it in a world, `command` does both for a whole folder.
What a verb does to a ledger is the world's: the protocol is `running.World`.
"""
