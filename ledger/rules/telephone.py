"""Telephone numbers as they are compared: E.164, read as a UK number where no country is given.

The library calls the numbers set aside for drama and testing (07700 900xxx) impossible to assign,
so possibility is asked for, not validity.
"""

import phonenumbers


def e164(typed: str) -> str | None:
    """The number in E.164 (`+447700900001`), or None where it cannot be one."""
    if len(typed) > 32:
        return None
    try:
        number = phonenumbers.parse(typed, "GB")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
