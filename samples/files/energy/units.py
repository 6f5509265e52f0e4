"""Conversions between units of energy. Draws nothing."""

JOULES = {"J": 1.0, "kJ": 1e3, "Wh": 3.6e3, "kWh": 3.6e6, "kcal": 4184.0}


def convert(value: float, source: str, target: str) -> float:
    """`value` in the unit `source`, given in the unit `target`."""
    return value * JOULES[source] / JOULES[target]


def as_table(value: float, source: str) -> list[tuple[str, float]]:
    return [(unit, convert(value, source, unit)) for unit in JOULES]


if __name__ == "__main__":
    for unit, amount in as_table(1.0, "kWh"):
        print(f"{amount:14.3f} {unit}")
