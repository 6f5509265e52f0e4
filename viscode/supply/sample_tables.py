"""The data sets that libraries fetch, as small tables of the same columns and kinds.

Only their columns, words and ranges are here, no rows: seaborn's and R's sample sets, and what
scikit-learn's fetchers give. A column is written as "low..high" (with a point: numbers, else
integers), as words with "|" between them, as "date", "flag" or "text"; "~other" says that it grows
with another column, "each" that every value of it stands beside every one of another column.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import PurePosixPath

from viscode.supply.wanted import Kind, Wanted
from viscode.text.python_text import ParseFailure, parse

BUNCH = "bunch"
"""The role of a record whose attributes are its keys, too."""
ROWS = 24
TABLES: Mapping[str, str] = {
    "tips": "total_bill: 3.0..50.0; tip: 1.0..10.0 ~total_bill; sex: Male|Female; smoker: No|Yes;"
    " day: Thur|Fri|Sat|Sun; time: Lunch|Dinner; size: 1..6",
    "iris": "sepal_length: 4.3..7.9; sepal_width: 2.0..4.4; petal_length: 1.0..6.9 ~sepal_length;"
    " petal_width: 0.1..2.5 ~sepal_length; species: setosa|versicolor|virginica",
    "titanic": "survived: 0|1; pclass: 1|2|3; sex: male|female; age: 1.0..75.0; sibsp: 0..3;"
    " parch: 0..2; fare: 5.0..120.0; embarked: S|C|Q; class: First|Second|Third;"
    " who: man|woman|child; adult_male: flag; embark_town: Southampton|Cherbourg|Queenstown;"
    " alive: no|yes; alone: flag",
    "penguins": "species: Adelie|Chinstrap|Gentoo; island: Torgersen|Biscoe|Dream;"
    " bill_length_mm: 32.0..59.0; bill_depth_mm: 13.0..21.0; flipper_length_mm: 172.0..231.0;"
    " body_mass_g: 2700.0..6300.0 ~flipper_length_mm; sex: Male|Female",
    "flights": "year: each 1949|1950|1951; month: Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec;"
    " passengers: 104..199",
    "mpg": "mpg: 9.0..46.0; cylinders: 4|6|8; displacement: 68.0..455.0; horsepower: 46.0..230.0;"
    " weight: 1600..5100 ~displacement; acceleration: 8.0..25.0; model_year: 70..82;"
    " origin: usa|europe|japan; name: ford|toyota|fiat|mazda",
    "diamonds": "carat: 0.2..3.0; cut: Fair|Good|Very Good|Premium|Ideal; color: D|E|F|G|H|I;"
    " clarity: SI2|SI1|VS2|VS1|VVS1|IF; depth: 58.0..66.0; table: 54.0..62.0;"
    " price: 330..18000 ~carat; x: 3.7..9.0; y: 3.7..9.0; z: 2.3..5.6",
    "planets": "method: Radial Velocity|Transit|Imaging; number: 1..5;"
    " orbital_period: 0.5..900.0; mass: 0.1..12.0; distance: 5.0..300.0; year: 1995..2014",
    "fmri": "subject: s0|s1|s2|s3; timepoint: each 0|1|2|3|4|5; event: stim|cue;"
    " region: parietal|frontal; signal: -0.3..0.6",
    "car_crashes": "total: 6.0..24.0; speeding: 1.0..9.0; alcohol: 1.5..10.0 ~total;"
    " not_distracted: 2.0..22.0; no_previous: 6.0..21.0; ins_premium: 640.0..1300.0;"
    " ins_losses: 80.0..195.0; abbrev: AL|AZ|CA|CO|FL|GA|IA|IL|KS|MA|NY|TX",
    "exercise": "id: 1..24; diet: low fat|no fat; pulse: 80..150; time: 1 min|15 min|30 min;"
    " kind: rest|walking|running",
    "attention": "subject: 1..20; attention: divided|focused; solutions: 1|2|3; score: 2.0..9.0",
    "anscombe": "dataset: I|II|III|IV; x: 4.0..19.0; y: 3.0..13.0 ~x",
    "dots": "align: dots|sacc; choice: T1|T2; time: each -80|0|80|160|240|320;"
    " coherence: 0.0|6.4|25.6; firing_rate: 20.0..70.0",
    "gammas": "timepoint: each 0|1|2|3|4|5; ROI: IPS|AG|V1; subject: 0..9; BOLD signal: -1.0..1.0",
    "geyser": "duration: 1.6..5.1; waiting: 43..96 ~duration; kind: short|long",
    "healthexp": "Year: each 1990|2000|2010|2020; Country: Germany|France|Japan|USA;"
    " Spending_USD: 1500.0..9000.0; Life_Expectancy: 75.0..84.0",
    "taxis": "pickup: date; dropoff: date; passengers: 1..5; distance: 0.4..20.0;"
    " fare: 3.0..60.0 ~distance; tip: 0.0..12.0; tolls: 0.0..6.5; total: 5.0..80.0 ~distance;"
    " color: yellow|green; payment: cash|credit card; pickup_zone: Midtown|Harlem|Astoria;"
    " pickup_borough: Manhattan|Queens|Bronx|Brooklyn",
    "seaice": "Date: date; Extent: 4.0..16.0",
    "dowjones": "Date: date; Price: 55.0..380.0",
    "glue": "Model: ERNIE|BERT|T5|GPT; Year: 2018..2021; Encoder: Transformer|LSTM;"
    " Task: CoLA|SST-2|MRPC|QQP; Score: 40.0..97.0",
    "brain_networks": "parietal: -9.0..9.0; frontal: -9.0..9.0; visual: -9.0..9.0;"
    " motor: -9.0..9.0",
    "mtcars": "mpg: 10.4..33.9; cyl: 4|6|8; disp: 71.0..472.0; hp: 52..335 ~disp;"
    " drat: 2.8..4.9; wt: 1.5..5.4 ~disp; qsec: 14.5..22.9; vs: 0|1; am: 0|1; gear: 3|4|5;"
    " carb: 1..8",
    "cars": "Name: ford|toyota|fiat|mazda; Miles_per_Gallon: 9.0..46.0; Cylinders: 4|6|8;"
    " Displacement: 68.0..455.0; Horsepower: 46.0..230.0 ~Displacement;"
    " Weight_in_lbs: 1600..5100 ~Displacement; Acceleration: 8.0..25.0; Year: date;"
    " Origin: USA|Europe|Japan",
    "gapminder": "country: France|Japan|Kenya|Brazil; continent: Europe|Asia|Africa|Americas;"
    " year: each 1957|1972|1987|1992|2002|2007; lifeExp: 45.0..82.0; pop: 8000000..190000000;"
    " gdpPercap: 800.0..33000.0 ~lifeExp",
    "stocks": "symbol: AAPL|AMZN|GOOG|IBM; date: date; price: 60.0..220.0",
    "barley": "yield: 14.0..66.0; variety: Glabron|Manchuria|Velvet|Trebi; year: 1931|1932;"
    " site: Crookston|Duluth|Morris|Waseca",
    "airquality": "Ozone: 1..168; Solar.R: 7..334; Wind: 1.7..20.7; Temp: 56..97; Month: 5|6|7|8|9;"
    " Day: 1..31",
    "guerry": "dept: 1..86; Region: N|S|E|W|C; Crime_pers: 2200..37000; Literacy: 12..74;"
    " Donations: 1200..27000; Lottery: 1..86 ~Literacy; Wealth: 1..86; Pop1831: 129.0..990.0",
    "duncan": "type: prof|bc|wc; income: 7..81; education: 7..100 ~income; prestige: 3..97 ~income",
    "boston": "CRIM: 0.01..20.0; ZN: 0.0..90.0; INDUS: 0.5..25.0; CHAS: 0|1; NOX: 0.4..0.85;"
    " RM: 4.0..8.5; AGE: 5.0..100.0; DIS: 1.2..10.0; RAD: 1..8; TAX: 190..700;"
    " PTRATIO: 13.0..22.0; LSTAT: 2.0..36.0; MEDV: 5.0..50.0 ~RM",
    "faithful": "eruptions: 1.6..5.1; waiting: 43..96 ~eruptions",
}
HOUSING = (
    *("MedInc", "HouseAge", "AveRooms", "AveBedrms", "Population", "AveOccup"),
    *("Latitude", "Longitude"),
)
NEWS = ("comp.graphics", "rec.autos", "sci.space", "talk.politics.misc")
NAMED = re.compile(r"(load_dataset|get_rdataset|load_data|fetch_openml|fetch_mldata|data)(\(\))?$")
READ = re.compile(r"(^|\.)read_(csv|table|excel|json|parquet|feather)\(\)$")
MOST_TEXT = 500  # characters of an expression that is read


def sample_table(origin: str, stands_for: str, number: int = 0, count: int = 1) -> Wanted | None:
    """What the data set is like that an expression fetches ("seaborn.load_dataset()",
    'sns.load_dataset("tips")'), None where it fetches none that is known. `number` of `count`:
    which of several values of one expression, as in `X, y = fetch(return_X_y=True)`."""
    call = _call(stands_for)
    fetcher = origin.removesuffix("()").rpartition(".")[2]
    if fetcher.startswith("fetch_"):
        return _fetched(fetcher, call, number, count)
    name = _data_set(origin, call)
    if name not in TABLES:
        return None
    table = _frame(name)
    if "get_rdataset" in origin:
        return Wanted(kind="record", parts={"data": table, "title": Wanted(kind="text")})
    return table


def is_read(origin: str) -> bool:
    """Whether the data set is told by the name of a file only, which may be another's."""
    return READ.search(origin) is not None


def _call(stands_for: str) -> ast.Call | None:
    if len(stands_for) > MOST_TEXT:
        return None
    tree = parse(stands_for)
    if isinstance(tree, ParseFailure) or len(tree.body) != 1:
        return None
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return next(calls, None)


def _first_text(call: ast.Call | None) -> str:
    arguments = [] if call is None else [*call.args, *(one.value for one in call.keywords)]
    texts = (one.value for one in arguments if isinstance(one, ast.Constant))
    return next((one for one in texts if isinstance(one, str)), "")


def _data_set(origin: str, call: ast.Call | None) -> str:
    """The name of the data set that is fetched, read, imported or called."""
    if NAMED.search(origin):
        return _first_text(call).lower()
    if is_read(origin):
        stem = PurePosixPath(_first_text(call)).stem.lower()
        return re.sub(r"[-_ ]?(data|dataset|train|full|new)$", "", stem)
    last = origin.removesuffix("()").rpartition(".")[2]
    fetched = origin.startswith(
        ("vega_datasets.", "gapminder.", "palmerpenguins.", "plotnine.data")
    )
    return last.removeprefix("load_").lower() if fetched else ""


@cache
def _frame(name: str) -> Wanted:
    columns = dict(one.strip().split(": ", 1) for one in TABLES[name].split(";"))
    parts = {key: _column(spec) for key, spec in columns.items()}
    rows = 36 if name == "flights" else ROWS
    return Wanted(kind="frame", parts=parts, shape=(rows,), certain=True)


def _column(spec: str) -> Wanted:
    """A column from its short description."""
    spec, _, partner = spec.partition(" ~")
    near = {partner} if partner else set()
    each = spec.startswith("each ")
    spec = spec.removeprefix("each ")
    if ".." in spec:
        low, high = spec.split("..")
        kind: Kind = "number" if "." in low else "integer"
        return Wanted(kind=kind, low=float(low), high=float(high), near=near)
    if "|" not in spec:
        kinds: dict[str, Kind] = {"date": "date", "flag": "flag"}
        return Wanted(kind=kinds.get(spec, "text"))
    words = spec.split("|")
    if all(re.fullmatch(r"-?\d+(\.\d+)?", word) for word in words):
        numbers = tuple(float(word) if "." in word else int(word) for word in words)
        return Wanted(kind="integer", among=numbers, sorted=each)
    return Wanted(kind="text", among=tuple(words), sorted=each)


def _fetched(fetcher: str, call: ast.Call | None, number: int, count: int) -> Wanted | None:
    """What a fetcher of scikit-learn gives: a bunch, or the values of it in a row."""
    parts = _bunch(fetcher, _first_text(call).lower())
    if parts is None:
        return None
    options = {one.arg for one in call.keywords if _is_true(one.value)} if call else set()
    names = parts["feature_names"].among if "feature_names" in parts else ()
    if "as_frame" in options and names:
        columns = {str(one): Wanted(kind="number") for one in names}
        parts["data"] = Wanted(kind="frame", parts=columns, shape=(ROWS,))
        target = replace(parts["target"], kind="number", shape=None, item=None, low=0.5, high=5.0)
        parts["frame"] = Wanted(
            kind="frame", parts={**columns, "MedHouseVal": target}, shape=(ROWS,)
        )
    if "return_X_y" in options or count == 2:
        return replace(parts["data" if number == 0 else "target"], certain=True)
    return Wanted(kind="record", parts=parts, role=BUNCH, certain=True)


def _is_true(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is True


def _bunch(fetcher: str, name: str) -> dict[str, Wanted] | None:
    classes = Wanted(kind="array", item=Wanted(kind="integer", low=0, high=3), shape=(ROWS,))
    if fetcher == "fetch_california_housing":
        values = Wanted(kind="array", item=Wanted(kind="number", low=0.5, high=5.0), shape=(ROWS,))
        return {
            "data": Wanted(kind="array", shape=(ROWS, len(HOUSING))),
            "target": values,
            "feature_names": _names(HOUSING),
            "target_names": _names(["MedHouseVal"]),
        }
    if fetcher == "fetch_olivetti_faces":
        return {**_pictures(64, 64, 1.0), "target": classes}
    if fetcher == "fetch_lfw_people":
        people = _names(["Anna Berg", "Ben Cole", "Clara Diaz", "David Eng"])
        return {**_pictures(50, 37, 1.0), "target": classes, "target_names": people}
    if fetcher in ("fetch_openml", "fetch_mldata") and "mnist" in name:
        digit = Wanted(kind="text", among=tuple("0123456789"))
        target = Wanted(kind="array", item=digit, shape=(30,))
        pixels = Wanted(kind="integer", low=0, high=255)
        return {"data": Wanted(kind="array", item=pixels, shape=(30, 784)), "target": target}
    if fetcher == "fetch_20newsgroups":
        sentence = ("the rocket went up", "the car is fast", "a new picture", "we vote today")
        posts = Wanted(kind="list", item=Wanted(kind="text", among=sentence), shape=(ROWS,))
        return {"data": posts, "target": classes, "target_names": _names(NEWS)}
    if fetcher == "fetch_covtype":
        return {"data": Wanted(kind="array", shape=(ROWS, 54)), "target": classes}
    if fetcher == "fetch_openml" and name in TABLES:
        return {"data": _frame(name), "frame": _frame(name), "target": classes}
    return None


def _names(words: Sequence[str]) -> Wanted:
    return Wanted(kind="list", item=Wanted(kind="text"), among=tuple(words), shape=(len(words),))


def _pictures(height: int, width: int, high: float) -> dict[str, Wanted]:
    share = Wanted(kind="number", low=0.0, high=high)
    return {
        "images": Wanted(kind="array", item=share, shape=(ROWS, height, width)),
        "data": Wanted(kind="array", item=share, shape=(ROWS, height * width)),
    }
