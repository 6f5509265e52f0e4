"""What is inferred of missing values, on code as people write it in coursework and research."""

import ast

import pytest
from saying import IMPORTS, READ, said

from viscode.supply.infer import infer
from viscode.supply.wanted import Hole

CASES = {
    "lines": ("plt.plot(x, y)", {"x": "array[?] unknown", "y": "array[?] number"}),
    "columns": (
        "plt.scatter(df['Height'], df.Weight)\nplt.show()",
        {"df": "frame{Height: unknown, Weight: number}"},
    ),
    "groups of rows": (
        "by = df.groupby('city')['price'].mean()\nby.plot(kind='bar')",
        {"df": "frame{city: unknown, price: number}"},
    ),
    "chosen rows": (
        "men = df[df['sex'] == 'male']\nplt.hist(men['age'], bins=20)",
        {"df": "frame{age: number, sex: text}"},
    ),
    "dates": (
        "df['date'] = pd.to_datetime(df['date'])\ndf = df.set_index('date')\n"
        "plt.plot(df.index, df['close'].rolling(7).mean())",
        {"df": "frame{close: number, date: date}"},
    ),
    "made columns are not needed": (
        "df['bmi'] = df['weight'] / df['height'] ** 2\nsns.histplot(df['bmi'])",
        {"df": "frame{height: number, weight: number}"},
    ),
    "seaborn": (
        "sns.boxplot(x='day', y='bill', hue='sex', data=df, order=['Mon', 'Tue'])",
        {"df": "frame{bill: number, day: text, sex: unknown}"},
    ),
    "seaborn by place": (
        "sns.countplot('Survived', data=df)\nsns.scatterplot(df, x='age', y='fare')",
        {"df": "frame{Survived: unknown, age: unknown, fare: number}"},
    ),
    "several columns": (
        "for name in ['sepal', 'petal']:\n    plt.hist(df[name], alpha=0.5, label=name)",
        {"df": "frame{petal: number, sepal: number}"},
    ),
    "columns by place": (
        "X = df.iloc[:, :-1].values\ny = df.iloc[:, 4].values\nplt.scatter(X[:, 0], y)",
        {"df": "frame[?,5] number"},
    ),
    "correlations": (
        "sns.heatmap(df.corr(), annot=True)",
        {"df": "frame[?,4] number"},
    ),
    "counts": (
        "df['grade'].value_counts().plot.bar()\nplt.title('Grades')",
        {"df": "frame{grade: unknown}"},
    ),
    "query and sort": (
        "top = df.query('year > 2000 and kind == \"film\"').sort_values('score', ascending=False)\n"
        "plt.barh(top['title'], top['score'])",
        {"df": "frame{kind: text, score: number, title: unknown, year: number}"},
    ),
    "rows one by one": (
        "for i, row in df.iterrows():\n    plt.text(row['lon'], row['lat'], row['name'])",
        {"df": "frame{lat: number, lon: number, name: text}"},
    ),
    "two frames": (
        "both = a.merge(b, on='id')\nplt.scatter(both['u'], both['v'])",
        {"a": "frame{id: unknown, u: unknown, v: number}", "b": "frame{id: unknown}"},
    ),
    "text methods": (
        "df['month'] = df['when'].dt.month\nn = df['name'].str.len()\nplt.plot(df['month'], n)",
        {"df": "frame{name: text, when: date}"},
    ),
    "history of a training": (
        "plt.plot(history.history['loss'])\nplt.plot(history.history['val_loss'])",
        {"history": "record{history: mapping{loss: array[?] number, val_loss: array[?] number}}"},
    ),
    "results by name": (
        "for name, acc in results.items():\n    plt.plot(range(len(acc)), acc, label=name)",
        {"results": "mapping array[?] number"},
    ),
    "options": (
        "x = np.linspace(0, 1, config['n'])\nplt.plot(x, x ** config['power'])\n"
        "plt.title(config['title'])",
        {"config": "mapping{n: integer, power: number, title: text}"},
    ),
    "arguments": (
        "plt.figure(figsize=(w, h))\nplt.plot(np.arange(epochs), np.zeros(epochs), lw=lw, color=c)",
        {"epochs": "integer", "lw": "number", "c": "color"},
    ),
    "a path": ("plt.savefig(os.path.join(folder, 'a.png'))", {"folder": "text"}),
    "a matrix": (
        "plt.imshow(cm, cmap=cmap)\nfor i in range(cm.shape[0]):\n"
        "    for j in range(cm.shape[1]):\n        plt.text(j, i, cm[i, j])\n"
        "plt.xticks(np.arange(len(classes)), classes)",
        {"cm": "array[?,?] number", "classes": "list[?] text", "cmap": "colormap"},
    ),
    "a picture in colours": (
        "gray = cv2.cvtColor(img, cv2.COLOR_BGR2GRAY)\nplt.imshow(gray, cmap='gray')",
        {"img": "array[?,?,3] integer"},
    ),
    "a grid": (
        "X, Y = np.meshgrid(a, b)\nplt.contourf(X, Y, z)",
        {"a": "array[12] number", "b": "array[?] number", "z": "array[?,12] number"},
    ),
    "a line fitted": (
        "coef = np.polyfit(x, y, 1)\nplt.plot(x, np.polyval(coef, x))\nplt.plot(x, y, 'o')",
        {"x": "array[?] number", "y": "array[?] number"},
    ),
    "slopes": ("plt.plot(x, m * x + b)", {"x": "array[?] number", "m": "number", "b": "number"}),
    "two arrays": ("plt.plot(t, v1 - v2)", {"v1": "array[?] number", "v2": "array[?] number"}),
    "columns of an array": (
        "plt.plot(data[:, 0], data[:, 2])\nprint(data.shape)",
        {"data": "array[?,?] number"},
    ),
    "clusters": (
        "km = KMeans(n_clusters=k).fit(X)\nplt.scatter(X[:, 0], X[:, 1], c=km.labels_)",
        {"X": "array[20,?] number", "k": "integer"},
    ),
    "a model": (
        "plt.scatter(X_test, y_test)\nplt.plot(X_test, model.predict(X_test))",
        {"model": "record{predict: function array[20] number}", "X_test": "array[20,1] number"},
    ),
    "a regression": (
        "X_train, X_test, y_train, y_test = train_test_split(df[['size']], df['price'])\n"
        "reg = LinearRegression().fit(X_train, y_train)\nplt.scatter(X_test, y_test)",
        {"df": "frame{price: number, size: number}"},
    ),
    "classes": (
        "cm = confusion_matrix(y_true, y_pred)\nsns.heatmap(cm, xticklabels=names)",
        {"y_true": "array[?] integer", "names": "list[?] text"},
    ),
    "a curve of rates": (
        "fpr, tpr, _ = roc_curve(y_test, scores)\nplt.plot(fpr, tpr)",
        {"y_test": "array[?] integer", "scores": "array[?] number"},
    ),
    "a pie": (
        "plt.pie(sizes, labels=names, autopct='%1.1f%%', colors=['r', 'g', 'b'])",
        {"sizes": "array[3] number", "names": "list[3] text"},
    ),
    "errors": (
        "ax.errorbar(x, mean, yerr=std, fmt='o')\nax.set_title(title)",
        {"ax": "axes[]", "std": "array[?] number", "title": "text"},
    ),
    "formats": (
        "plt.title('%s: %d' % (name, n))\nplt.text(0, 0, f'{mu:.2f} {k:d}')",
        {"n": "integer", "mu": "number", "k": "integer"},
    ),
    "a switch": ("if verbose:\n    plt.grid()\nplt.plot([1, 2])", {"verbose": "flag"}),
    "own functions": (
        "def draw(points, color):\n    plt.scatter(points[:, 0], points[:, 1], color=color)\n"
        "draw(P, tint)",
        {"P": "array[?,?] number", "tint": "color"},
    ),
    "what functions give back": (
        "def smooth(v, w):\n    return np.convolve(v, np.ones(w) / w, mode='same')\n"
        "plt.plot(smooth(signal, 5))",
        {"signal": "array[?] number"},
    ),
    "objects of own classes": (
        "class Plot:\n    def __init__(self, xs, ys):\n        self.xs, self.ys = xs, ys\n"
        "    def draw(self):\n        plt.plot(self.xs, self.ys)\nPlot(a, b).draw()",
        {"a": "array[?] unknown", "b": "array[?] number"},
    ),
    "lists that grow": (
        "xs, ys = [], []\nfor p in points:\n    xs.append(p[0])\n    ys.append(p[1])\n"
        "plt.scatter(xs, ys)",
        {"points": "array[?,?] number"},
    ),
    "records in a list": (
        "names = [r['name'] for r in rows]\nplt.bar(names, [r['n'] for r in rows])",
        {"rows": "list[?] mapping{n: number, name: text}"},
    ),
    "zip": (
        "for name, value in zip(names, values):\n    plt.bar(name, value)\nplt.legend(names)",
        {"names": "list[?] text", "values": "array[?] number"},
    ),
    "a graph": (
        "pos = nx.spring_layout(G)\nnx.draw(G, pos, node_color=[G.degree(n) for n in G.nodes()])",
        {"G": "graph"},
    ),
    "plotly": (
        "fig = px.line(df, x='day', y='cases', color='country')\nfig.show()",
        {"df": "frame{cases: number, country: unknown, day: unknown}"},
    ),
    "traces": (
        "fig = go.Figure(go.Scatter(x=t, y=v))\nfig.update_layout(title=title)",
        {"t": "array[?] unknown", "v": "array[?] number", "title": "text"},
    ),
    "unpacked": (
        "lo, mid, hi = bounds\nplt.axhline(mid)\nplt.ylim(lo, hi)",
        {"bounds": "array[3] number"},
    ),
    "a curve through points": (
        "def f(x, a, b):\n    return a * np.exp(-b * x)\npopt, pcov = curve_fit(f, x, y)\n"
        "plt.plot(x, f(x, *popt))",
        {"x": "array[?] number", "y": "array[?] number"},
    ),
    "options passed on": ("plt.plot([1, 2], **style)", {"style": "mapping"}),
    "boxes": (
        "plt.boxplot([a, b])\nplt.xticks([1, 2], ['a', 'b'])",
        {"a": "array[?] number", "b": "array[?] number"},
    ),
    "axes of several plots": (
        "fig, axes = plt.subplots(1, 2)\nfor ax, y in zip(axes, [one, two]):\n    ax.plot(x, y)",
        {"x": "array[?] unknown", "one": "array[?] number", "two": "array[?] number"},
    ),
    "image by image": (
        "for i in range(9):\n    plt.subplot(3, 3, i + 1)\n"
        "    plt.imshow(X_train[i].reshape(28, 28))\n    plt.title(y_train[i])",
        {"X_train": "array[?,784] number"},
    ),
    "columns named anew": (
        "df.columns = ['day', 'rain']\nplt.plot(df['day'], df['rain'])",
        {"df": "frame{day: unknown, rain: number}"},
    ),
    "points of classes": (
        "for i, name in enumerate(['a', 'b']):\n    mine = labels == i\n"
        "    plt.scatter(P[mine, 0], P[mine, 1], label=name)",
        {"P": "array[?,?] number", "labels": "array[?] integer"},
    ),
    "a sound": (
        "if wave.ndim > 1:\n    wave = wave[:, 0]\n"
        "f, t, S = scipy.signal.spectrogram(wave, rate)\nplt.pcolormesh(t, f, S)",
        {"wave": "array[512] number"},
    ),
    "columns side by side": (
        "both = pd.concat([df['price'], df['area']], axis=1)\n"
        "both.plot.scatter(x='area', y='price', ylim=(0, 800))",
        {"df": "frame{area: unknown, price: number}"},
    ),
    "a grid of plots": (
        "g = sns.FacetGrid(df, col='season')\ng.map(plt.hist, 'temp')",
        {"df": "frame{season: unknown, temp: number}"},
    ),
    "names of correlated columns": (
        "c = df.corr()\nbest = c['price'].sort_values()\nbest.plot.barh()",
        {"df": "frame[?,4]{price: number}"},
    ),
    "groups of frames": (
        "for name, part in df.groupby('run'):\n    plt.plot(part['step'], part['reward'])",
        {"df": "frame{reward: number, run: unknown, step: unknown}"},
    ),
    "generated images": (
        "imgs = 0.5 * imgs + 0.5\nplt.imshow(imgs[0, :, :, 0])",
        {"imgs": "array[?,?,?,?] number"},
    ),
    "axes in a list": (
        "axs[0].plot(x)\naxs[1].hist(x)\naxs[1].set_title('a')",
        {"axs": "axes[2]", "x": "array[?] number"},
    ),
    "items in order": (
        "order = np.argsort(weights)[::-1]\nplt.bar(names[order], weights[order])",
        {"weights": "array[?] number", "names": "array[?] unknown"},
    ),
    "pairs of arrays": (
        "for i, (a, b) in enumerate(pairs):\n    plt.plot(a, b)",
        {"pairs": "array[?,2,?] number"},
    ),
    "two arrays in one histogram": (
        "plt.hist([a, b], label=['a', 'b'])",
        {"a": "array[?] number", "b": "array[?] number"},
    ),
    "errors below and above": (
        "plt.errorbar(x, y, yerr=[low, high])",
        {"x": "array[?] unknown", "low": "array[?] number", "high": "array[?] number"},
    ),
    "points as pairs": (
        "xs, ys = zip(*points)\nplt.scatter(xs, ys)",
        {"points": "array[?,2] number"},
    ),
    "texts of dates": (
        "days = [datetime.strptime(d, '%d.%m.%Y') for d in raw]\nplt.plot(days, y)",
        {"raw": "list[?] text", "y": "array[?] number"},
    ),
    "keys of two frames": (
        "both = df.merge(other, left_on='id', right_on='key')\nplt.hist(both['score'])",
        {"df": "frame{id: unknown, score: number}", "other": "frame{key: unknown}"},
    ),
    "ticks of axes": (
        "fig, ax = plt.subplots()\nax.imshow(cm)\n"
        "ax.set(xticks=np.arange(cm.shape[1]), xticklabels=names, title=title)\n"
        "ax.text(0, 0, format(cm[0, 0], 'd'))",
        {"cm": "array[?,12] integer", "names": "list[12] text", "title": "text"},
    ),
    "rewards of several runs": (
        "for name, run in runs.items():\n    mean = run['rewards'].mean(axis=0)\n"
        "    plt.plot(np.arange(len(mean)), mean, label=name)",
        {"runs": "mapping mapping{rewards: array[?,?] number}"},
    ),
    "a moving window": (
        "plt.plot(df['close'].rolling(window=50).mean())",
        {"df": "frame{close: number}"},
    ),
    "channels first": (
        "plt.imshow(np.clip(img.transpose((1, 2, 0)), 0, 1))",
        {"img": "array[?,?,?] number"},
    ),
    "columns of dates": (
        "df.index = pd.to_datetime(df.index)\ndf['x'].resample('M').mean().plot()",
        {"df": "frame{x: number}"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_kinds(name: str) -> None:
    code, expected = CASES[name]
    holes = [READ if hole == "df" else Hole(hole) for hole in expected]
    found = infer(ast.parse(IMPORTS + code), holes)
    assert {hole: said(found[hole]) for hole in expected} == expected


def test_values_that_the_script_names_are_among_the_categories() -> None:
    code = (
        "df = df[df['country'].isin(['Italy', 'Spain'])]\n"
        "wide = df.pivot(index='day', columns='country', values='cases')\n"
        "for name in ['Italy', 'Spain', 'France']:\n    plt.plot(wide.index, wide[name])"
    )
    country = infer(ast.parse(IMPORTS + code), [READ])["df"].parts["country"].item
    assert country is not None
    assert country.kind == "text"
    assert set(country.among) == {"Italy", "Spain", "France"}


SIZES = {
    "x and y": ("plt.plot(x, y)", {"x", "y"}),
    "errors": ("plt.errorbar(x, y, yerr=e)", {"x", "y", "e"}),
    "zip": ("for a, b in zip(x, y):\n    plt.plot(a, b)", {"x", "y"}),
    "sums": ("plt.plot(x)\nplt.plot(y)\nplt.plot(x + y)", {"x", "y"}),
    "slices": ("plt.plot(x[1:], np.diff(y))", {"x", "y"}),
    "places": ("for i in range(len(x)):\n    plt.text(x[i], y[i], 'a')", {"x", "y"}),
    "masks": ("m = y > 3\nplt.plot(x[m], y[m])", {"x", "y"}),
    "frame and array": ("plt.scatter(df['a'], y)", {"df", "y"}),
    "new column": ("df['a'] = y\ndf.plot()", {"df", "y"}),
    "samples": ("LinearRegression().fit(x, y)", {"x", "y"}),
    "names and values": ("plt.bar(x, y)", {"x", "y"}),
}


@pytest.mark.parametrize("name", SIZES)
def test_lengths_that_agree(name: str) -> None:
    code, names = SIZES[name]
    holes = [READ if hole == "df" else Hole(hole) for hole in sorted(names)]
    found = infer(ast.parse(IMPORTS + code), holes)
    assert {hole: found[hole].beside for hole in names} == {hole: names - {hole} for hole in names}


BOUNDS = {
    "logarithm": ("plt.plot(np.log(x))", (0.1, None)),
    "limits": ("plt.plot(x)\nplt.ylim(0, 5)", (0.0, 5.0)),
    "limits of axes": ("fig, ax = plt.subplots()\nax.plot(x)\nax.set_ylim([2, 5])", (2.0, 5.0)),
    "percent": ("plt.plot(x)\nplt.ylabel('Share (%)')", (0.0, 100.0)),
    "accuracy": ("plt.plot(x)\nplt.ylabel('Validation accuracy')", (0.0, 1.0)),
    "bins": ("plt.hist(x, 256, [0, 256])", (0.0, 256.0)),
    "portions": ("plt.pie(x)", (0.0, None)),
}


@pytest.mark.parametrize("name", BOUNDS)
def test_bounds(name: str) -> None:
    code, bounds = BOUNDS[name]
    item = infer(ast.parse(IMPORTS + code), [Hole("x")])["x"].item
    assert item is not None
    assert (item.low, item.high) == bounds


ROLES = {
    "points": ("plt.scatter(x, y)", ("x", "y")),
    "a line": ("plt.plot(x, y)", ("along", "trace")),
    "a line of a color": ("plt.plot(x, y, 'r')", ("along", "trace")),
    "a line with marks": ("plt.plot(x, y, 'o-')", ("along", "trace")),
    "marks without a line": ("plt.plot(x, y, 'ro')", ("x", "y")),
    "no line": ("plt.plot(x, y, marker='o', linestyle='')", ("x", "y")),
    "points of which a line is drawn, too": ("plt.scatter(x, y)\nplt.plot(x, y)", ("along", "y")),
    "columns": ("plt.plot(x, y[:, 0])", ("along", "traces")),
    "rows": ("plt.plot(x, y[2])", ("along", "trace")),
}


@pytest.mark.parametrize("name", ROLES)
def test_what_is_drawn_as_a_line_is_told_from_points(name: str) -> None:
    code, roles = ROLES[name]
    found = infer(ast.parse(IMPORTS + code), [Hole("x"), Hole("y")])
    assert (found["x"].role, found["y"].role) == roles


ORIGINS = {
    "a file": (Hole("v", "np.load('a.npy')", "numpy.load()"), "array"),
    "a sample": (Hole("v", "load_iris()", "sklearn.datasets.load_iris()"), "record"),
    "a number typed in": (Hole("v", "int(input())", "input()"), "integer"),
    "an answer": (Hole("v", "input()", "input()"), "text"),
    "settings": (Hole("v", "json.load(f)", "json.load()"), "mapping"),
    "files": (Hole("v", "glob.glob('*.csv')", "glob.glob()"), "list"),
    "a graph": (Hole("v", "nx.read_gml(path)", "networkx.read_gml()"), "graph"),
}


@pytest.mark.parametrize("name", ORIGINS)
def test_origins(name: str) -> None:
    hole, kind = ORIGINS[name]
    assert infer(ast.parse("print(v)"), [hole])["v"].kind == kind


def test_arguments_of_reading_tell_columns_and_dates() -> None:
    text = "pd.read_csv(path, names=['day', 'rain'], index_col=0, parse_dates=True)"
    found = infer(ast.parse("print(df)"), [Hole("df", text, "pandas.read_csv()")])["df"]
    assert said(found) == "frame{day: unknown, rain: unknown}"
    assert found.index is not None
    assert found.index.kind == "date"


HOSTILE = {
    "recursion": "def f(a):\n    return f(f(a)) + f(x)\nf(x)",
    "functions in functions": "".join("    " * n + f"def f{n}():\n" for n in range(90))
    + "    " * 90
    + "return x",
    "calls of calls": "".join(
        f"def f{n}(a):\n    return f{n + 1}(a) + f{n + 1}(x) + f{n + 1}(a)\n" for n in range(300)
    )
    + "f0(x)",
    "itself": "x.append(x)\nfor a in x:\n    a.append(x)\n    x = a\nz = x + x\n" * 200,
    "long": "x = [x, [x]]\ny = x[0] + x[1]\n" * 2_000,
    "many attributes": "\n".join(f"x.a{n}.b(x.c{n})" for n in range(2_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_code_ends(name: str) -> None:
    tree = ast.parse(HOSTILE[name])
    assert set(infer(tree, [Hole("x")])) == {"x"}


def test_the_same_code_gives_the_same() -> None:
    code, expected = CASES["records in a list"]
    holes = [Hole(name) for name in expected]
    assert infer(ast.parse(code), holes) == infer(ast.parse(code), holes)


INDEXES = {
    "rows between dates": ("df = df['2018-01-01':'2018-12-31']", "date", ""),
    "months": ("plt.plot(df.groupby(df.index.month)['t'].mean())", "date", "months"),
    "by month": ("df['t'].resample('M').sum().plot()", "date", "months"),
    "labels": ("plt.bar(['a'], df.set_index('name').loc['a', 't'])", "unknown", ""),
}


@pytest.mark.parametrize("name", INDEXES)
def test_labels_of_rows(name: str) -> None:
    code, kind, step = INDEXES[name]
    index = infer(ast.parse(IMPORTS + code), [READ])["df"].index
    assert index is not None
    assert (index.kind, index.role) == (kind, step)


COLUMN_BOUNDS = {
    "limits of a plot of a frame": "df.plot.scatter(x='a', y='b', ylim=(0, 800))",
    "limits after seaborn": "ax = sns.boxplot(x='a', y='b', data=df)\nax.axis(ymin=0, ymax=800)",
    "limits of pyplot": "plt.plot(df['a'], df['b'])\nplt.ylim(0, 800)",
}


@pytest.mark.parametrize("name", COLUMN_BOUNDS)
def test_bounds_of_columns(name: str) -> None:
    frame = infer(ast.parse(IMPORTS + COLUMN_BOUNDS[name]), [READ])["df"]
    item = frame.parts["b"].item
    assert item is not None
    assert (item.low, item.high) == (0.0, 800.0)
