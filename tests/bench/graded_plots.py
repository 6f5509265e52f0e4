"""Perturbed plots with grades from 0 to 100, given by this rubric before any score was seen.

| what is wrong | grade |
|---|---|
| nothing; another style; another call or library that draws the same | 100 |
| a legend or a title is missing or another one | 85 |
| both axis labels are wrong or missing | 80 |
| half of the data is missing | 60 |
| one of several series is missing; one series too many | 65 |
| another column is plotted; data are scaled | 55 |
| x and y are exchanged | 50 |
| one of two plots of a figure is missing | 50 |
| another kind of chart for the same data | 35 |
| another kind of chart for other data | 10 |
| nothing is drawn | 0 |
"""

HEAD = """\
import numpy as np, pandas as pd, matplotlib.pyplot as plt, seaborn as sns
import plotly.express as px, plotly.graph_objects as go
t = np.arange(24)
df = pd.DataFrame({"month": t, "sales": 10 + 3 * t, "cost": 40 - t, "share": (t % 5) / 5,
                   "group": list("abc") * 8})
"""
LABELS = "ax.set_xlabel('Month'); ax.set_ylabel('Sales'); ax.set_title('Sales by month')\n"
FIG = "fig, ax = plt.subplots()\n"
LINE = f"{FIG}ax.plot(df.month, df.sales, label='sales')\nax.legend()\n{LABELS}"
TWO_LINES = (
    f"{FIG}ax.plot(df.month, df.sales, label='sales')\nax.plot(df.month, df.cost, label='cost')\n"
    f"ax.legend()\n{LABELS}"
)
POINTS = f"{FIG}ax.scatter(df.sales, df.cost)\n" + (
    "ax.set_xlabel('Sales'); ax.set_ylabel('Cost'); ax.set_title('Cost against sales')\n"
)
BARS = f"m = df.groupby('group').sales.mean()\n{FIG}ax.bar(m.index, m)\n" + (
    "ax.set_xlabel('Group'); ax.set_ylabel('Mean sales'); ax.set_title('Sales of the groups')\n"
)
HIST = f"{FIG}ax.hist(df.sales, bins=8)\nax.set_xlabel('Sales'); ax.set_ylabel('Count')\n" + (
    "ax.set_title('Distribution')\n"
)
HEAT = (
    "z = np.outer(t[:6], t[:8])\n"
    + f"{FIG}im = ax.imshow(z)\nfig.colorbar(im)\n"
    + ("ax.set_title('Products')\n")
)
PAIR = (
    "fig, (a, b) = plt.subplots(1, 2)\na.plot(df.month, df.sales)\na.set_title('Sales')\n"
    "b.bar(df.month, df.cost)\nb.set_title('Cost')\n"
)
BOX = f"{FIG}ax.boxplot([df.sales, df.cost], tick_labels=['sales', 'cost'])\n" + (
    "ax.set_ylabel('Value'); ax.set_title('Spread')\n"
)
EMPTY = f"{FIG}ax.set_title('Sales by month')\n"
PX = (
    "fig = px.{}(df, x='{}', y='{}', title='{}')\n"
    "fig.update_layout(xaxis_title='{}', yaxis_title='{}')"
)


def plotly(kind, x, y, title, xlabel, ylabel):
    return PX.format(kind, x, y, title, xlabel, ylabel) + "\nfig.show()\n"


GRADED = {  # truth, then (what is wrong, code, grade)
    "line": (LINE, [
        ("styled", LINE.replace("label=", "color='k', lw=3, ls='--', label=") + "ax.grid()\n", 100),
        ("other limits", LINE + "ax.set_xlim(-5, 30)\nax.set_ylim(-20, 150)\n", 100),
        ("seaborn", f"{FIG}sns.lineplot(df, x='month', y='sales', label='sales', ax=ax)\n{LABELS}",
         100),
        ("no legend", LINE.replace("ax.legend()\n", ""), 85),
        ("no title", LINE.replace("ax.set_title('Sales by month')", "pass"), 85),
        ("wrong labels", LINE.replace("'Month'", "'q'").replace("'Sales'", "'w'"), 80),
        ("half of the data", LINE.replace("df.month, df.sales", "df.month[:12], df.sales[:12]"),
         60),
        ("other column", LINE.replace("df.sales", "df.share"), 55),
        ("scaled", LINE.replace("df.sales", "df.sales * 100"), 55),
        ("exchanged", LINE.replace("df.month, df.sales", "df.sales, df.month"), 50),
        ("bars", LINE.replace("ax.plot", "ax.bar"), 35),
        ("points", LINE.replace("ax.plot", "ax.scatter"), 35),
        ("a pie", f"{FIG}ax.pie([1, 2, 3])\nax.set_title('Other')\n", 10),
        ("blank", EMPTY, 0),
    ]),
    "two lines": (TWO_LINES, [
        ("styled", TWO_LINES.replace("label=", "lw=4, label="), 100),
        ("one missing", LINE, 65),
        ("one too many", TWO_LINES + "ax.plot(df.month, df.cost / 2, label='half')\nax.legend()\n",
         65),
        ("no legend", TWO_LINES.replace("ax.legend()\n", ""), 85),
        ("no labels", TWO_LINES.replace(LABELS, "ax.set_title('Sales by month')\n"), 80),
        ("areas", TWO_LINES.replace("ax.plot", "ax.fill_between"), 35),
        ("half of the data", "df = df[:12]\n" + TWO_LINES, 60),
        ("an image", HEAT, 10),
        ("blank", EMPTY, 0),
    ]),
    "points": (POINTS, [
        ("styled", POINTS.replace("df.cost)", "df.cost, s=90, marker='x', c='red')"), 100),
        ("drawn by plot", POINTS.replace("ax.scatter(df.sales, df.cost)",
                                         "ax.plot(df.sales, df.cost, 'o')"), 100),
        ("plotly", plotly("scatter", "sales", "cost", "Cost against sales", "Sales", "Cost"), 100),
        ("exchanged", POINTS.replace("df.sales, df.cost", "df.cost, df.sales"), 50),
        ("other column", POINTS.replace("df.cost)", "df.share)"), 55),
        ("a line", POINTS.replace("ax.scatter", "ax.plot"), 35),
        ("plotly line", plotly("line", "sales", "cost", "Cost against sales", "Sales", "Cost"), 35),
        ("no title", POINTS.replace("ax.set_title('Cost against sales')", "pass"), 85),
        ("a histogram", HIST, 10),
    ]),
    "bars": (BARS, [
        ("styled", BARS.replace("m)\n", "m, color='g', width=.4)\n"), 100),
        ("seaborn", f"{FIG}sns.barplot(df, x='group', y='sales', errorbar=None, ax=ax)\n"
         + BARS.split("\n", 3)[3], 100),
        ("plotly", "m = df.groupby('group', as_index=False).sales.mean()\n"
         "fig = px.bar(m, x='group', y='sales', title='Sales of the groups')\n"
         "fig.update_layout(xaxis_title='Group', yaxis_title='Mean sales')\nfig.show()\n", 100),
        ("sums", BARS.replace(".mean()", ".sum()"), 55),
        ("one bar missing", BARS.replace("ax.bar(m.index, m)", "ax.bar(m.index[:2], m[:2])"), 60),
        ("lying", BARS.replace("ax.bar(", "ax.barh("), 50),
        ("a line", BARS.replace("ax.bar(", "ax.plot("), 35),
        ("a pie", BARS.replace("ax.bar(m.index, m)", "ax.pie(m)"), 35),
        ("wrong labels", BARS.replace("'Group'", "'k'").replace("'Mean sales'", "'u'"), 80),
        ("two lines", TWO_LINES, 10),
    ]),
    "histogram": (HIST, [
        ("styled", HIST.replace("bins=8", "bins=8, color='0.5', edgecolor='k'"), 100),
        ("other data", HIST.replace("df.sales", "df.share"), 55),
        ("no title", HIST.replace("ax.set_title('Distribution')", "pass"), 85),
        ("a box", HIST.replace("ax.hist(df.sales, bins=8)", "ax.boxplot(df.sales)"), 35),
        ("a heat map", HEAT, 10),
        ("blank", EMPTY, 0),
    ]),
    "heat map": (HEAT, [
        ("styled", HEAT.replace("imshow(z)", "imshow(z, cmap='hot', interpolation='bilinear')"),
         100),
        ("half of the data", HEAT.replace("imshow(z)", "imshow(z[:, :4])"), 60),
        ("a surface of lines", HEAT.replace("im = ax.imshow(z)\nfig.colorbar(im)", "ax.plot(z)"),
         35),
        ("no title", HEAT.replace("ax.set_title('Products')", "pass"), 85),
        ("bars", BARS, 10),
    ]),
    "pair": (PAIR, [
        ("styled", PAIR.replace("(1, 2)", "(1, 2, figsize=(9, 3))"), 100),
        ("one missing", f"{FIG}ax.plot(df.month, df.sales)\nax.set_title('Sales')\n", 50),
        ("other kinds", PAIR.replace("a.plot", "a.scatter").replace("b.bar", "b.plot"), 35),
        ("other columns", PAIR.replace("df.cost", "df.share").replace("df.sales", "df.share"), 55),
        ("no titles", PAIR.replace("'Sales'", "''").replace("'Cost'", "''"), 85),
        ("blank", "fig, (a, b) = plt.subplots(1, 2)\n", 0),
    ]),
    "boxes": (BOX, [
        ("styled", BOX.replace("tick_labels", "patch_artist=True, tick_labels"), 100),
        ("seaborn", f"{FIG}sns.boxplot(df[['sales', 'cost']], ax=ax)\n"
         "ax.set_ylabel('Value'); ax.set_title('Spread')\n", 100),
        ("one missing", BOX.replace("[df.sales, df.cost], tick_labels=['sales', 'cost']",
                                    "[df.sales], tick_labels=['sales']"), 65),
        ("violins", f"{FIG}ax.violinplot([df.sales, df.cost])\n"
         "ax.set_ylabel('Value'); ax.set_title('Spread')\n", 35),
        ("wrong labels", BOX.replace("'Value'", "'zz'").replace("'Spread'", "'yy'"), 80),
        ("a line", LINE, 10),
    ]),
}  # fmt: skip
HELD_OUT = ("bars", "heat map", "histogram")  # not looked at while the weights were chosen
