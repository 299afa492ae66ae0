"""The tables of log.ts, on f with 1 + f in [sqrt(1/2), sqrt(2)]; errors relative to log(1 + f).

f32: log(1 + f) = f - f^2/2 + f^3 P(f), P of degree 8.
f64: with s = f / (2 + f) and z = s^2, log(1 + f) = 2s + s R(z), R(z) = z (L1 + L2 z + ...): the odd series in s needs a third of
the terms that one in f would, which pays for the division from f64 on.
"""

from mpmath import log, mpf, sqrt

from minimax import fit, report

low, high = sqrt(mpf(1) / 2) - 1, sqrt(mpf(2)) - 1


def target(f):
    if abs(f) < mpf(10) ** -10:
        return mpf(1) / 3 - f / 4 + f * f / 5
    return (log(1 + f) - f + f * f / 2) / f**3


def weight(f):
    return f**2 if abs(f) < mpf(10) ** -10 else f**3 / log(1 + f)


rounded, error = fit(target, weight, range(9), (low, high), 32)
report("log P", rounded, error, (low, high), 32)


def series(z):
    if z < mpf(10) ** -12:
        return mpf(2) / 3 + 2 * z / 5 + 2 * z * z / 7
    s = sqrt(z)
    return (log((1 + s) / (1 - s)) - 2 * s) / (s * z)


def series_weight(z):
    s = sqrt(z)
    return z / 2 if z < mpf(10) ** -12 else s * z / log((1 + s) / (1 - s))


top = (high / (2 + high)) ** 2
for degree in (5, 6):
    rounded, error = fit(series, series_weight, range(degree + 1), (mpf(0), top), 64)
    report("log L", rounded, error, (0, top), 64)
