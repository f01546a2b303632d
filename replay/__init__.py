"""The past, from facts alone."""
