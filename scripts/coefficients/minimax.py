"""Weighted minimax polynomials with coefficients that are floats. Needs mpmath.

fit() minimises max |weight(x) * (target(x) - sum c_p x^p)| by Lawson's iteration: least squares, whose weights are multiplied
by the errors until these are level. (Remez' exchange needs a basis that vanishes nowhere; x, x^2 … do at 0.) The
coefficients are rounded one by one, lowest power first, and the rest is fitted anew after each, so that the later ones absorb
what the rounding of the earlier ones lost. Rounding all of them at the end loses up to a factor of ten.
"""

import struct

from mpmath import cos, lu_solve, matrix, mp, mpf, pi

mp.prec = 200


def rounded_to(bits, value):
    """The f64 nearest to value; of that the nearest f32 (rounding twice is harmless: no coefficient lies at a tie)."""
    return mpf(struct.unpack("f", struct.pack("f", float(value)))[0] if bits == 32 else float(value))


def decimal(bits, value):
    """The shortest decimal that reads back as the same float."""
    for digits in range(1, 18):
        text = f"{float(value):.{digits}g}"
        if rounded_to(bits, mpf(text)) == value:
            return text
    raise ValueError(value)


def grid(interval, points):
    """Chebyshev points: dense at the ends, where the error of a polynomial swings fastest."""
    a, b = (mpf(end) for end in interval)
    return [(a + b) / 2 + (b - a) / 2 * cos(pi * (2 * i + 1) / (2 * points)) for i in range(points)]


def lawson(columns, goal, rounds):
    """The coefficients whose largest error over the grid is least; columns and goal carry the weight already."""
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
    return best


def fit(target, weight, powers, interval, bits, rounds):
    """The rounded coefficients by power, and the largest weighted error that they leave."""
    xs = grid(interval, 160)
    ws = [weight(x) for x in xs]
    goal = [w * target(x) for w, x in zip(ws, xs)]
    rest = list(powers)
    rounded = {}
    while rest:
        columns = [[w * x**p for w, x in zip(ws, xs)] for p in rest]
        value = rounded_to(bits, lawson(columns, goal, rounds)[0])
        goal = [g - value * c for g, c in zip(goal, columns[0])]
        rounded[rest.pop(0)] = value
    error = max(
        abs(weight(x) * (target(x) - sum(c * x**p for p, c in rounded.items()))) for x in grid(interval, 1999)
    )
    return rounded, error


def report(table, rounded, error, interval, bits):
    low, high = (float(end) for end in interval)
    print(f"{table}_{bits} on [{low:.6g}, {high:.6g}], error {float(error):.2g}")
    for power, value in rounded.items():
        print(f"  {table}{power}_{bits} {decimal(bits, value)}  {float(value).hex()}")
