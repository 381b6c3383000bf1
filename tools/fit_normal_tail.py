"""The polynomial behind the GELU: prints the coefficients that `nonlinear.special` holds.

    python tools/fit_normal_tail.py

For a >= 0 let Q(a) be the normal distribution's tail beyond a. M(a) = Q(a) exp(a^2/2) falls slowly, from 1/2 to about
1/(a sqrt(2 pi)), so that (a + k) M(a) is a tame function of y = (a - k)/(a + k), which runs over [-1, 1] while a runs
over [0, infinity). It is interpolated at Chebyshev points with 60 digits, then expanded in powers of y and rounded.
"""

from mpmath import cos, erfc, exp, inf, lu_solve, matrix, mp, mpf, pi, sqrt

CENTRE, DEGREE = 5, 22


def scaled_tail(y):
    """Return (a + k) Q(a) exp(a^2/2) at a = k (1 + y)/(1 - y)."""
    a = CENTRE * (1 + y) / (1 - y) if y < 1 else inf
    return 1 / sqrt(2 * pi) if a == inf else (a + CENTRE) * erfc(a / sqrt(2)) * exp(a * a / 2) / 2


def coefficients(degree: int = DEGREE) -> list[float]:
    """Return the coefficients, that of the highest power first."""
    with mp.workdps(60):
        points = [cos(pi * (2 * i + 1) / (2 * degree + 2)) for i in range(degree + 1)]
        powers = matrix(degree + 1, degree + 1)
        for i, y in enumerate(points):
            for j in range(degree + 1):
                powers[i, j] = y**j
        solution = lu_solve(powers, matrix([scaled_tail(mpf(y)) for y in points]))
        return [float(c) for c in reversed(list(solution))]


if __name__ == "__main__":
    for c in coefficients():
        print(f"    {c!r},")
