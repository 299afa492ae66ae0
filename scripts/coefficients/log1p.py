"""The table of Log1p.coarse in f32: log(1 + x) = x (1 + x Q(x)) for x in [0, 1]."""

from mpmath import log, mpf

from minimax import fit, report

TINY = mpf(10) ** -12


def value(x):
    return -mpf(1) / 2 + x / 3 if x < TINY else (log(1 + x) / x - 1) / x


def weight(x):
    return x if x < TINY else x * x / log(1 + x)


interval = (mpf(0), mpf(1))
report("L", *fit(value, weight, range(8), interval, 32, 40), interval, 32)
