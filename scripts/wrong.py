"""What was asked for cannot be understood: exit status 2, and one line that says why."""


class Wrong(Exception):
    """The message is for the person who typed the command."""
