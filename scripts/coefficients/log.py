"""The tables of log.ts, for f in [-1/4, 1/2]; errors relative to log(1 + f).

f32: log(1 + f) = f - f^2/2 + f^3 P(f).
f64: with s = f / (2 + f) and z = s^2, log(1 + f) = 2s + s z L(z).

Q is the shorter one of log1pTail.ts, of softmax's losses in f32, which promise 4e-6: log(1 + f) = f + f^2 Q(f).
"""

from mpmath import log, mpf, sqrt

from minimax import fit, report

LOW, HIGH = mpf(-1) / 4, mpf(1) / 2


def target(f):
    if abs(f) < mpf(10) ** -10:
        return mpf(1) / 3 - f / 4 + f * f / 5
    return (log(1 + f) - f + f * f / 2) / f**3


def weight(f):
    return f**2 if abs(f) < mpf(10) ** -10 else f**3 / log(1 + f)


def series(z):
    if z < mpf(10) ** -12:
        return mpf(2) / 3 + 2 * z / 5 + 2 * z * z / 7
    s = sqrt(z)
    return (log((1 + s) / (1 - s)) - 2 * s) / (s * z)


def series_weight(z):
    s = sqrt(z)
    return z / 2 if z < mpf(10) ** -12 else s * z / log((1 + s) / (1 - s))


def short(f):
    return mpf(-1) / 2 + f * target(f)


def short_weight(f):
    return weight(f) / f if f else mpf(0)


report("P", *fit(target, weight, range(9), (LOW, HIGH), 32, 60), (LOW, HIGH), 32)
report("Q", *fit(short, short_weight, range(7), (LOW, HIGH), 32, 60), (LOW, HIGH), 32)
SQUARES = (mpf(0), (HIGH / (2 + HIGH)) ** 2)
report("L", *fit(series, series_weight, range(8), SQUARES, 64, 60), SQUARES, 64)
