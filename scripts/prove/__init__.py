"""The promises, each with what would break it: pieces that run at a figure, and say how far they
came.
"""
