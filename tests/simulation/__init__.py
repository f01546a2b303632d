"""Histories drawn from a seed, told to the product and to the oracle, and compared step by step.

A history is a list of plain dicts: it can be replayed, cut shorter and printed. Nothing in it reads
a clock, and the same seed gives the same bytes. Source: promises P4, P5, P14, P21 and section 3.
"""
