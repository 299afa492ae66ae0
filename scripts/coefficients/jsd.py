"""The tables of jsd.ts in f32, which promises 4e-6, for a mixture of halves.

With s from -1/3 to 0: log((1 + s)/(1 - s)) = s A(s^2). With z = y^2, where (1 - y)/(1 + y) >= 3/8:
((1 + y) log(1 + y) + (1 - y) log(1 - y))/2 = z H(z).
"""

from mpmath import log, mpf, sqrt

from minimax import fit, report

FAR = mpf(1) / 9
NEAR = (mpf(5) / 11) ** 2
TINY = mpf(10) ** -12


def ratio(z):
    s = sqrt(z)
    return 2 + 2 * z / 3 if z < TINY else log((1 + s) / (1 - s)) / s


def loss(z):
    y = sqrt(z)
    return mpf(1) / 2 + z / 12 if z < TINY else ((1 + y) * log(1 + y) + (1 - y) * log(1 - y)) / (2 * z)


def of_ratio(z):
    return 1 / ratio(z)


def of_loss(z):
    return 1 / loss(z)


for name, target, weight, end in (("A", ratio, of_ratio, FAR), ("H", loss, of_loss, NEAR)):
    interval = (mpf(0), end)
    report(name, *fit(target, weight, range(4), interval, 32, 40), interval, 32)
