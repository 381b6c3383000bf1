"""The page about speed shows what was measured on a quiet machine, and says of its targets what its tables say."""

import pytest

from benchmarks import speed

MEASURED = speed.measurements()
each = pytest.mark.parametrize("measured", MEASURED, ids=lambda measured: measured["processor"])


def contests(rows: list[list[str]]) -> list[dict[str, float]]:
    """Return the time of each contender relative to ours, for one core and for more."""
    parts = []
    for name, _, value in rows[1:]:
        if name.startswith(speed.OURS) and value == "1":
            parts.append({})
        elif not name.startswith(speed.OURS):
            parts[-1][name] = float(value)
    return parts


@each
def test_the_verdicts_are_those_of_the_tables(measured):
    eager = min(v for part in contests(measured["single"]) for name, v in part.items() if "PyTorch eager" in name)
    one, two = (min(part.values()) for part in contests(measured["sweep"]))
    found = measured["lead"]
    assert {name: lead[0] for name, lead in found.items()} == {"eager": eager, "1 core": one, "2 cores": two}
    assert all(least <= median <= most for median, least, most in found.values())


@pytest.mark.parametrize(
    "lead, words",
    [
        ([5.5, 5.0, 6.0], "so it is met"),
        ([5.5, 4.99, 6.0], "**no difference** from 5 beyond the noise"),
        ([4.5, 4.0, 4.99], "so it is **not met**"),
    ],
)
def test_a_target_is_met_in_every_round_or_it_is_not_said_to_be(lead, words):
    assert speed.verdict(lead, 5, 7) == f"{lead[0]:.2f} times ({lead[1]:.2f} to {lead[2]:.2f} in 7 rounds), {words}"


def test_the_price_of_the_digits_is_told_where_it_was_measured():
    assert speed.digits([{"processor": "One", "sweep": [["contender"], [speed.SHORT, "1", "0.81"]]}]) == (
        " With the slope of the frameworks, on One, this sweep would take 0.81 of the time."
    )
    assert speed.digits([{"processor": "One", "sweep": [["contender"], ["Nonlinear", "1", "1"]]}]) == ""


def test_the_page_is_that_of_the_measurements():
    assert speed.PAGE.read_text(encoding="utf-8") == speed.page(MEASURED)


@each
def test_a_measurement_is_kept_line_by_line(measured, tmp_path):
    (tmp_path / "one.json").write_text(speed.stored(measured), encoding="utf-8")
    assert speed.measurements(tmp_path) == [measured]
    assert max(map(len, speed.stored(measured).splitlines())) < 160
