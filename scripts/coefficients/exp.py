"""e^r = 1 + r + r^2 q(r) on |r| <= ln2/2: the table q of exp.ts and expm1.ts; error relative to e^r."""

import sys
from mpmath import exp, log, mpf, nstr

from minimax import fit, report

half = log(mpf(2)) / 2


def target(r):
    if abs(r) < mpf(10) ** -8:
        return mpf(1) / 2 + r / 6 + r * r / 24
    return (exp(r) - 1 - r) / r**2


def weight(r):
    return r**2 / exp(r)


for bits, slop, degree in ((32, mpf(2) ** -20, 4), (64, mpf(2) ** -40, 9), (64, mpf(2) ** -40, 10)):
    interval = (-half - slop, half + slop)
    rounded, error = fit(target, weight, range(degree + 1), interval, bits)
    report("exp q", rounded, error, interval, bits)
