"""Who is asking: bearer tokens, one-time PINs, and the messages that carry them."""
