"""The command line, and what a developer or a newcomer runs."""
