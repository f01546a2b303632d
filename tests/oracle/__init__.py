"""The council's rules a second time, as plainly as they can be said, sharing no code with the
product.

Written from the rule catalogue, its rulings and the worked examples alone. What is read from the
product is data: the numbers of a scheme file. Everything else is dicts, lists and loops.
"""
