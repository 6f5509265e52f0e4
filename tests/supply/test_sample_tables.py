"""Data sets that libraries fetch have their columns, with the kinds and ranges of the real ones."""

import pytest

from viscode.supply.sample_tables import TABLES, sample_table
from viscode.supply.values import write
from viscode.supply.wanted import Hole, Wanted

FETCHED = {
    "seaborn": ("seaborn.load_dataset()", 'sns.load_dataset("tips")', "frame", "total_bill"),
    "by keyword": ("seaborn.load_dataset()", 'load_dataset(name="iris")', "frame", "species"),
    "R": ("statsmodels.api.datasets.get_rdataset()", 'get_rdataset("Guerry")', "record", "data"),
    "vega": ("vega_datasets.data.cars()", "data.cars()", "frame", "Horsepower"),
    "a file": ("pandas.read_csv()", 'pd.read_csv("../input/titanic.csv")', "frame", "survived"),
    "a URL": ("pandas.read_csv()", 'pd.read_csv("https://x.org/a/iris.csv")', "frame", "species"),
    "housing": (
        "sklearn.datasets.fetch_california_housing()",
        "fetch_california_housing()",
        "record",
        "feature_names",
    ),
    "digits": (
        "sklearn.datasets.fetch_openml()",
        'fetch_openml("mnist_784", version=1)',
        "record",
        "data",
    ),
}


@pytest.mark.parametrize("case", FETCHED)
def test_a_data_set_is_known_by_the_expression_that_fetches_it(case: str) -> None:
    origin, stands_for, kind, part = FETCHED[case]
    table = sample_table(origin, stands_for)
    assert table is not None
    assert table.kind == kind
    assert part in table.parts


UNKNOWN = {
    "another name": ("seaborn.load_dataset()", 'sns.load_dataset("mine")'),
    "a name that is computed": ("seaborn.load_dataset()", "sns.load_dataset(name)"),
    "another function": ("mine.load()", 'load("tips")'),
    "no Python": ("seaborn.load_dataset()", "sns.load_dataset('tips'"),
    "very long": ("seaborn.load_dataset()", f"sns.load_dataset('{'tips' * 1000}')"),
    "deep": ("seaborn.load_dataset()", "(" * 200 + "'tips'" + ")" * 200),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_nothing_is_said_of_other_expressions(case: str) -> None:
    assert sample_table(*UNKNOWN[case]) is None


@pytest.mark.parametrize("name", TABLES)
def test_columns_that_go_with_others_go_with_columns_of_the_table(name: str) -> None:
    table = sample_table("seaborn.load_dataset()", f'load_dataset("{name}")')
    assert table is not None
    assert all(part.near <= set(table.parts) for part in table.parts.values())


def test_two_values_of_one_fetcher_are_data_and_target() -> None:
    origin = "sklearn.datasets.fetch_california_housing()"
    call = "fetch_california_housing(return_X_y=True)"
    data, target = (sample_table(origin, call, number, 2) for number in (0, 1))
    assert data is not None and data.shape == (24, 8)
    assert target is not None and target.shape == (24,)


def supplied(wanted: Wanted, origin: str, stands_for: str) -> str:
    hole = Hole("df", stands_for, origin)
    return "".join(one.code for one in write({"df": wanted}, [hole], 1, frozenset()))


def test_a_fetched_table_has_its_columns_and_those_that_are_used() -> None:
    used = Wanted(kind="frame", parts={"pulse": Wanted(kind="number")})
    code = supplied(used, "seaborn.load_dataset()", 'sns.load_dataset("tips")')
    assert '"total_bill"' in code and '"pulse"' in code


def test_a_file_is_another_one_where_other_columns_are_used() -> None:
    used = Wanted(kind="frame", parts={"SepalLengthCm": Wanted(kind="number")})
    code = supplied(used, "pandas.read_csv()", 'pd.read_csv("iris.csv")')
    assert '"SepalLengthCm"' in code and '"sepal_length"' not in code
