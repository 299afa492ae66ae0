"""The table of msle.ts in f32: log((2 + s)/(2 - s)) = s + s^3 Q(s^2), where (2 + s)/(2 - s) is at most 13/8."""

from mpmath import log, mpf, sqrt

from minimax import fit, report

MOST = (2 * (mpf(13) / 8 - 1) / (mpf(13) / 8 + 1)) ** 2
TINY = mpf(10) ** -12


def target(w):
    s = sqrt(w)
    return mpf(1) / 12 + w / 80 if w < TINY else (log((2 + s) / (2 - s)) - s) / (s * w)


def weight(w):
    return w


report("Q", *fit(target, weight, range(3), (mpf(0), MOST), 32, 60), (mpf(0), MOST), 32)
