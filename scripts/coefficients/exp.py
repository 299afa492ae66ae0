"""The tables q of exp.ts: e^r = 1 + r + r^2 q(r) on |r| <= ln2/2, plus what the rounding of n = x / ln2 adds.

The f32 error is minimised relative to e^r: that is what exp needs, and expm1 stays within its bound. In f64 the same weight
costs expm1 0.07 ULP near r = -0.06, where r^2 q is small beside r; the weight relative to |e^r - 1| alone costs exp
0.03 ULP. The larger of |e^r - 1| and 1/5 serves both.

S is the shorter one of softmax's losses in f32: they promise 4e-6, and it costs 1e-7.
"""

from mpmath import exp, log, mpf

from minimax import fit, report

HALF = log(mpf(2)) / 2


def target(r):
    if abs(r) < mpf(10) ** -8:
        return mpf(1) / 2 + r / 6 + r * r / 24
    return (exp(r) - 1 - r) / r**2


def of_exp(r):
    return r**2 / exp(r)


def of_expm1(r):
    return r**2 / max(mpf("0.2"), abs(exp(r) - 1))


for name, bits, slop, degree, weight, rounds in (
    ("Q", 32, 20, 4, of_exp, 60),
    ("S", 32, 20, 3, of_exp, 60),
    ("Q", 64, 40, 9, of_expm1, 100),
):
    interval = (-HALF - mpf(2) ** -slop, HALF + mpf(2) ** -slop)
    report(name, *fit(target, weight, range(degree + 1), interval, bits, rounds), interval, bits)
