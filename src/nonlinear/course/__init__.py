"""What the lessons share: figures in one style, results that the text can quote, one classifier, and stored grids.

All that the course says of trained networks is said of ``MEMBERS`` of them, whose generators `spawn` makes of ``SEED``.
"""

SEED, MEMBERS = 0, 10
