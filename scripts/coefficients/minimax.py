"""Weighted minimax polynomials with coefficients that are floats.

fit(target, weight, powers, interval, bits) minimises max |weight(x) * (target(x) - sum c_p x^p)| by Lawson's
iteration (least squares whose weights are multiplied by the error, until the error is level) and rounds the coefficients
one by one, lowest power first, refitting the rest after each, so that the later ones absorb what the rounding of
the earlier ones lost. Rounding all of them at the end instead loses up to a factor of ten.
"""

import struct

from mpmath import cos, lu_solve, matrix, mp, mpf, pi

mp.prec = 200


def round32(value):
    """value rounded to the nearest f32 (through f64: safe here, since no fit lands on a tie)."""
    return mpf(struct.unpack("f", struct.pack("f", float(value)))[0])


def round64(value):
    return mpf(float(value))


def hexadecimal(value, bits):
    """C99 notation; an f32 is printed with six hex digits, its low bit being the last digit's second bit."""
    text = float(value).hex()
    mantissa, exponent = text.split("p")
    if bits == 32:
        mantissa = mantissa[: mantissa.index(".") + 7]
    return f"{mantissa}p{int(exponent)}"


def grid(interval, points):
    a, b = (mpf(end) for end in interval)
    return [(a + b) / 2 + (b - a) / 2 * cos(pi * (2 * i + 1) / (2 * points)) for i in range(points)]


def lawson(columns, goal, rounds):
    """Minimax solution of columns * c = goal over the grid points, both weighted already."""
    count, points = len(columns), len(goal)
    share = [mpf(1) / points] * points
    best, best_error = None, None
    for _ in range(rounds):
        normal = matrix(count, count)
        right = matrix(count, 1)
        for i in range(count):
            scaled = [s * v for s, v in zip(share, columns[i])]
            for j in range(i, count):
                normal[i, j] = normal[j, i] = sum(a * b for a, b in zip(scaled, columns[j]))
            right[i] = sum(a * b for a, b in zip(scaled, goal))
        solution = list(lu_solve(normal, right))
        errors = [
            abs(goal[k] - sum(solution[i] * columns[i][k] for i in range(count))) for k in range(points)
        ]
        worst = max(errors)
        if best_error is None or worst < best_error:
            best, best_error = solution, worst
        share = [s * e for s, e in zip(share, errors)]
        total = sum(share)
        share = [s / total for s in share]
    return best, best_error


def fit(target, weight, powers, interval, bits, points=160, rounds=60):
    """The rounded coefficients by power, and the weighted error that they reach on a finer grid."""
    rounding = round32 if bits == 32 else round64
    xs = grid(interval, points)
    ws = [weight(x) for x in xs]
    goal = [w * target(x) for w, x in zip(ws, xs)]
    rest = list(powers)
    rounded = {}
    while rest:
        columns = [[w * x**p for w, x in zip(ws, xs)] for p in rest]
        solution, _ = lawson(columns, goal, rounds)
        value = rounding(solution[0])
        goal = [g - value * c for g, c in zip(goal, columns[0])]
        rounded[rest.pop(0)] = value
    fine = grid(interval, 1999)
    error = max(abs(weight(x) * (target(x) - sum(c * x**p for p, c in rounded.items()))) for x in fine)
    return rounded, error


def report(title, rounded, error, interval, bits):
    print(f"{title}: f{bits} on [{float(interval[0]):.6g}, {float(interval[1]):.6g}], weighted error {float(error):.3g}")
    for power in sorted(rounded):
        print(f"  x^{power}: {hexadecimal(rounded[power], bits)}")
