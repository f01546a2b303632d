"""Handhelds that are off line now and then: a signed list of a zone, its changes, and what was
decided from it.

How a device keeps its list (`device.py` does all of it, and the tests run that):

1. It fetches the council's public keys while it trusts its line, and keeps them.
2. It fetches the whole list of its zone. What arrives is a JSON object of three texts, a JWS in
   its flattened form with an unencoded payload (RFC 7515, RFC 7797; EdDSA, RFC 8037): the signature
   is over the bytes of `protected`, a full stop, and the bytes of `payload`.
3. It verifies the signature before it reads the payload, and only then replaces the list it has, in
   one step. A body that was cut off, in whichever byte, is no JSON or has a signature that fails:
   the old list stays, whole.
4. It asks for the changes after the position of its list, and applies a change only where `after`
   is that very position. Changes say how an entry is now, so that one that is told twice does no
   harm. With `more` it asks again; with an event stream it is told them as they come.
5. Without a line it answers from the list, and says how old the list is. It keeps what it decided,
   with the list's position, under an id of its own, and sends it later, as often as is needed.

Source: reference/enforcement-and-evidence.md, A and E.17.
"""
