"""`permit-ledger token`: bearer tokens for programs and devices: made, listed, revoked."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

token = App(name="token", help="Make, list and revoke sign-in tokens.")


@token.command
def make(
    *,
    council: str,
    role: Literal[
        "officer", "staff", "auditor", "approver", "resident", "gateway", "dispute", "editor"
    ],
    name: str,
    property_ref: Annotated[str, Parameter(name="--property")] = "",
    resident: str = "",
    days: int | None = None,
    own_household: str = "",
) -> int:
    """Make a sign-in token and print it: it cannot be shown again.

    Parameters
    ----------
    council
        The id of its scheme.
    role
        What it may be used for.
    name
        Whose it is.
    property_ref
        For a resident: the reference of the property.
    resident
        For a resident: which, where more than one lives there.
    days
        How long it is good for (default: until revoked).
    own_household
        For those who work here: the reference of the property where they live. They may not act
        on it.
    """
    from scripts import keeping

    return keeping.make(
        council=council,
        role=role,
        name=name,
        property_ref=property_ref,
        resident=resident,
        days=days,
        own_household=own_household,
    )


@token.command(name="list")
def list_(*, council: str) -> int:
    """List the tokens of a council, without their secrets."""
    from scripts import keeping

    return keeping.show(council=council)


@token.command
def revoke(token_id: str, /, *, council: str) -> int:
    """End a token, from now on."""
    from scripts import keeping

    return keeping.revoke(council=council, token_id=token_id)
