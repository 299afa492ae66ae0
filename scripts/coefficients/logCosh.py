"""The tables of logCosh.ts in f32, which promises 1e-6 of the loss.

Near 0, with z = d^2 <= 1/2: log cosh d = z P(z). Elsewhere, with s = e^(-2|d|): log(1 + s) = s L(s), whose error
counts as part of |d| - log 2 + log(1 + s).
"""

from mpmath import cosh, exp, log, mpf, sqrt

from minimax import fit, report

NEAR = mpf(1) / 2
FAR = exp(-2 * sqrt(NEAR))
TINY = mpf(10) ** -12


def value(z):
    return mpf(1) / 2 - z / 12 if z < TINY else log(cosh(sqrt(z))) / z


def rest(s):
    return 1 - s / 2 if s < TINY else log(1 + s) / s


def of_value(z):
    return 1 / value(z)


def of_rest(s):
    return mpf(0) if s < TINY else s / (log(1 + s) - log(mpf(2)) - log(s) / 2)


for name, target, weight, degree, end in (
    ("P", value, of_value, 4, NEAR),
    ("L", rest, of_rest, 4, FAR),
):
    interval = (mpf(0), end)
    report(name, *fit(target, weight, range(degree + 1), interval, 32, 40), interval, 32)
