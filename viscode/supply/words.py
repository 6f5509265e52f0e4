"""Words for values: what a name consists of, and which words stand under it.

"train_losses" is about a loss, "Sepal Length (cm)" about a length, `countries` holds names of
countries. All of it is by table; a name that no table has gets neutral words.
"""

import re
from collections.abc import Mapping
from functools import cache

PART = re.compile(
    r"[Ff]1(?=_?[Ss]core)|[Rr]2(?=_?[Ss]core|$)|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+"
)
UNITS = {
    *("cm", "mm", "km", "kg", "ms", "usd", "eur", "mpg", "hz", "khz", "celsius", "std"),
    *("in", "of", "the"),
}
MEASURED = {
    *("num", "number", "no", "count", "total", "avg", "mean", "average", "median", "sum", "per"),
    *("rate", "ratio", "max", "min", "pct", "percent", "percentage", "std", "n", "idx", "index"),
    *("id", "size", "length", "len", "level"),
}
"""A name with one of these words is a number, whatever else it says: "number of students"."""
IRREGULAR = {
    **{"series": "series", "species": "species", "indices": "index", "axes": "axes", "bus": "bus"},
    **{"loss": "loss", "losses": "loss", "classes": "class", "class": "class", "mass": "mass"},
    **{"masses": "mass", "status": "status", "radius": "radius", "people": "person", "gas": "gas"},
    **{"businesses": "business", "business": "business", "statuses": "status", "bias": "bias"},
    **{
        "children": "child",
        "analysis": "analysis",
        "axis": "axis",
        "boxes": "box",
        "stress": "stress",
    },
    **{"heights": "height", "branches": "branch", "buses": "bus", "matches": "match"},
    **{
        "matrices": "matrix",
        "vertices": "vertex",
        "men": "man",
        "women": "woman",
        "cross": "cross",
    },
}
WORDS: Mapping[str, tuple[str, ...]] = {
    words: tuple(values.split(", "))
    for words, values in {
        "country nation": "France, Germany, Italy, Spain, Poland, Sweden, Norway, Austria, Greece",
        "city town place location": "London, Paris, Berlin, Madrid, Rome, Vienna, Oslo, Lisbon",
        "state province": "Texas, Ohio, Florida, Nevada, Oregon, Maine, Georgia, Utah",
        "region area zone district": "North, South, East, West",
        "continent": "Africa, Asia, Europe, America, Oceania",
        "month": "Jan, Feb, Mar, Apr, May, Jun, Jul, Aug, Sep, Oct, Nov, Dec",
        "weekday dayofweek": "Mon, Tue, Wed, Thu, Fri, Sat, Sun",
        "season": "Spring, Summer, Autumn, Winter",
        "quarter": "Q1, Q2, Q3, Q4",
        "species variety": "setosa, versicolor, virginica",
        "animal": "cat, dog, horse, sheep, rabbit, fox",
        "fruit": "apple, banana, cherry, orange, pear, grape",
        "food meal dish": "bread, cheese, rice, soup, salad, pasta",
        "sex gender": "male, female",
        "person name student author player user customer": "Anna, Ben, Clara, David, Emma, Felix",
        "team club": "Lions, Tigers, Bears, Eagles, Sharks, Wolves",
        "company brand manufacturer vendor maker": "Acme, Globex, Initech, Umbrella, Hooli, Stark",
        "product item": "chair, table, lamp, desk, sofa, shelf",
        "department sector industry job": "Sales, Research, Finance, Support, Design",
        "subject course topic": "Math, Physics, Biology, History, Art, Music",
        "language lang": "Python, Java, C, R, Julia, Rust",
        "genre": "Drama, Comedy, Action, Horror, Romance",
        "model algorithm classifier estimator method": "Linear, Tree, Forest, SVM, KNN, Boosting",
        "optimizer": "SGD, Adam, RMSprop, Adagrad",
        "metric": "accuracy, precision, recall, f1",
        "feature attribute variable": "age, income, height, weight, score, distance",
        "group treatment condition cohort arm": "control, treated, placebo",
        "class": "cat, dog, bird, horse, fish, frog, deer, truck, ship, plane",
        "category type kind cat": "A, B, C, D",
        "cluster segment": "A, B, C",
        "sentiment": "positive, neutral, negative",
        "status": "active, pending, closed",
        "sensor channel": "S1, S2, S3, S4",
        "platform device os": "Linux, Windows, Android, iOS",
        "gene protein": "BRCA1, TP53, EGFR, MYC, KRAS, PTEN",
        "ticker symbol stock": "AAA, BBB, CCC, DDD",
        "word term token tag keyword": "data, model, time, people, world, work, year, group",
        "smoker married response answer": "yes, no",
        "sentence tweet review comment": "good service, too slow, very kind, not bad",
        "education degree": "school, college, master, doctorate",
        "event action": "start, click, view, buy",
        "party": "Green, Liberal, Labour, Centre",
        "race ethnicity": "group A, group B, group C",
        "transport vehicle mode": "car, bus, train, bike",
        "color colour": "red, green, blue, orange, purple, brown",
        "label": "A, B, C, D, E",
        "grade": "A, B, C, D",
        "split phase": "train, test",
        "address street": "1 Main Street, 2 Park Road, 3 Mill Lane",
        "title book movie film song": "First, Second, Third, Fourth, Fifth",
    }.items()
}
NEUTRAL = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
GENERIC = {"name", "label", "type", "kind", "category", "item", "group", "title", "word"}
"""Words that say less than the one beside them: "country_name", "model type"."""
PERSONAL = {"first", "last", "full"}
PREDICTED = {"pred", "prediction", "predicted", "fit", "fitted", "hat", "smoothed", "forecast"}
OBSERVED = {"true", "test", "actual", "real", "observed", "target"}
"""Words of what is predicted, and of what it is compared with."""
LATER = {"val", "valid", "validation", "test", "dev"}
"""Words of what a model is worse on than on what it has learnt from."""
DATE_WORDS = {"date", "datetime", "timestamp", "datum"}
COLORS = (
    *("tab:blue", "tab:orange", "tab:green", "tab:red", "tab:purple"),
    *("tab:brown", "tab:pink", "tab:gray", "tab:olive", "tab:cyan"),
)
TEXTS: Mapping[str, str] = {
    word: text
    for words, text in {
        "dir directory folder root dirname outdir": ".",
        "url uri link": "https://example.com/data.csv",
        "csv": "data.csv",
        "png jpg pdf svg image img plot fig figure chart graph picture": "figure.png",
        "path file filename fname filepath fn": "data.csv",
        "ext extension fmt format suffix": "png",
        "sep delimiter": ",",
        "encoding": "utf-8",
        "marker": "o",
        "linestyle ls line": "-",
        "cmap colormap palette": "viridis",
        "loc": "best",
        "xlabel xlab xname": "x",
        "ylabel ylab yname": "y",
        "zlabel": "z",
        "projection": "rectilinear",
        "scale xscale yscale": "linear",
        "style theme": "default",
        "unit": "cm",
        "orientation": "vertical",
        "font family fontname": "sans-serif",
        "interpolation": "nearest",
        "device": "cpu",
        "mode": "train",
        "model": "model",
        "version": "1.0",
        "hatch": "/",
    }.items()
    for word in words.split()
}


@cache
def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, lower case, in the singular: "trainLosses_2" -> ("train", "loss")."""
    return tuple(singular(part.lower()) for part in PART.findall(name[:80]))


def singular(word: str) -> str:
    """A word in the singular, by its ending; "loss" and "species" stay."""
    if word in IRREGULAR:
        return IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is", "os")):
        return word[:-1]
    return word


def plural(name: str) -> bool:
    """Whether a name speaks of several: "countries", "losses", not "loss" or "df"."""
    last = re.findall(r"[A-Za-z]+", name.replace("_", " "))
    return bool(last) and singular(last[-1].lower()) != last[-1].lower()


@cache
def _by_word() -> dict[str, tuple[str, ...]]:
    return {word: values for words, values in WORDS.items() for word in words.split()}


def word_list(name: str) -> tuple[str, ...]:
    """The words that a variable or column of this name holds, () where it does not hold words."""
    words = [word for word in words_of(name) if word not in UNITS]
    if MEASURED.intersection(words):
        return ()
    known = [_by_word()[word] for word in reversed(words) if word in _by_word()]
    telling = [_by_word()[word] for word in words if word in _by_word() and word not in GENERIC]
    if telling or len(words) == 1 or PERSONAL.intersection(words):
        return (telling or known or [()])[-1]
    return NEUTRAL[:5] if known else ()


def is_date(name: str) -> bool:
    """Whether a variable or column of this name holds dates."""
    return bool(DATE_WORDS.intersection(words_of(name)))


def _others(word: str) -> tuple[str, ...]:
    """Words of the list that has a word: countries for a country."""
    return next((values for values in WORDS.values() if word in values), ())


def levels(name: str, among: tuple[str | float, ...], count: int) -> list[str]:
    """`count` different words for a name: those of `among` first, then its own, then letters."""
    wanted = dict.fromkeys(word for word in among if isinstance(word, str))
    own = word_list(name)
    if wanted:
        own = (*_others(next(iter(wanted))), "other")
    single = (word for word in NEUTRAL if not word_list(name) or wanted)
    for word in (*own, *single, *(f"{(own or NEUTRAL)[0]} {k}" for k in range(2, count + 2))):
        if len(wanted) >= count:
            break
        wanted.setdefault(word)
    return list(wanted)[: max(count, 1)]


def text_value(name: str, variant: int = 0) -> str:
    """One text for a variable of this name: a path, a format, a word, else the name's words.
    `variant`: which of several different ones."""
    words = words_of(name)
    for word in reversed(words):
        if word in TEXTS:
            return TEXTS[word]
    if is_date(name):
        return "2023-01-15"
    if len(words) == 2 and words[0] in ("x", "y", "z") and words[1] == "label":
        return words[0]
    if words[-1:] in (("title",), ("label",), ("text",)):
        return " ".join(words).capitalize()
    known = word_list(name)
    if known and known[0] != NEUTRAL[0]:
        return known[variant % len(known)]
    spoken = [word for word in words if word not in GENERIC] or list(words) or ["text"]
    return " ".join(spoken) + (f" {variant + 1}" if variant else "")
