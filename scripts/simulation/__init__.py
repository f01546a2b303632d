"""A believable past for a council: what its households would have done, from a seed alone."""
