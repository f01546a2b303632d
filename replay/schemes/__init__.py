"""A scheme as data: said in words, compared with another, checked with its worked examples."""
