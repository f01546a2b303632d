"""Payments: the port that a provider fits, a sandbox that takes no money, and what is under way."""
