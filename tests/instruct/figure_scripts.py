"""Scripts of one figure each, over all kinds of charts and looks, without `plt.show()`."""

SETUP = """\
import numpy as np
import pandas as pd
import matplotlib
import matplotlib.pyplot as plt
plt.close("all")
plt.rcdefaults()
rng = np.random.default_rng(3)
x = np.arange(8.0)
y = x ** 2
names = ["ash", "beech", "cedar", "elm", "fir"]
heights = [5, 3, 8, 2, 6]
grid = np.outer(np.sin(x), np.cos(x))
"""
SEABORN = "import seaborn as sns\ntips = pd.DataFrame({'day': list('abcabcabcabc'), " + (
    "'bill': np.arange(12.0) + 3, 'tip': np.arange(12.0) ** 0.5, 'sex': ['m', 'f'] * 6})\n"
)
SCRIPTS = {
    "line": "plt.plot(x, y)",
    "two lines": "plt.plot(x, y, label='square')\nplt.plot(x, x, '--', label='same')\nplt.legend()",
    "dashed": "plt.plot(x, y, 'r--')",
    "all dotted": "plt.plot(x, y, ':')\nplt.plot(x, x, ':')",
    "markers on a line": "plt.plot(x, y, 'o-')",
    "markers on one of two": "plt.plot(x, y, 's-')\nplt.plot(x, x)",
    "lines of many colours": "for i in range(9):\n    plt.plot(x, y + i)",
    "sixty lines": "for i in range(60):\n    plt.plot(x, y + i, color='gray')",
    "title and labels": "plt.plot(x, y)\nplt.title('Growth')\nplt.xlabel('time')\n"
    "plt.ylabel('mass')",
    "both titles": "plt.plot(x, y)\nplt.title('Growth')\nplt.suptitle('Report')",
    "limits": "plt.plot(x, y)\nplt.xlim(0, 10)\nplt.ylim(-5, 60)",
    "log": "plt.plot(x + 1, y + 1)\nplt.yscale('log')",
    "log on both": "plt.loglog(x + 1, y + 1)",
    "grid": "plt.plot(x, y)\nplt.grid(True)",
    "turned axis": "plt.plot(x, y)\nplt.gca().invert_yaxis()",
    "across": "plt.plot(x, y)\nplt.axhline(10, color='red', ls='--')\nplt.axvspan(2, 4, alpha=.2)",
    "only across": "plt.axhline(0.5)\nplt.axvline(0.25)",
    "many across": "plt.plot(x, y)\nfor i in range(6):\n    plt.axvline(i, color='k')",
    "segments": "plt.hlines([1, 2, 3], 0, 5)",
    "annotated": "plt.plot(x, y)\nplt.annotate('top', (7, 49), (3, 40), arrowprops={})",
    "several texts": "plt.plot(x, y)\nplt.text(1, 1, 'low')\nplt.text(6, 40, 'high')",
    "axes off": "plt.plot(x, y)\nplt.axis('off')",
    "no ticks": "plt.plot(x, y)\nplt.xticks([])\nplt.yticks([])",
    "despined": "plt.plot(x, y)\nfor s in ('top', 'right'):\n"
    "    plt.gca().spines[s].set_visible(False)",
    "dark": "plt.style.use('dark_background')\nplt.plot(x, y)",
    "ggplot": "plt.style.use('ggplot')\nplt.plot(x, y)",
    "equal": "plt.plot(np.cos(x), np.sin(x))\nplt.axis('equal')",
    "steps": "plt.step(x, y)",
    "stems": "plt.stem(x, y)",
    "errors": "plt.errorbar(x, y, yerr=3, fmt='o')",
    "points": "plt.scatter(x, y)",
    "points by value": "plt.scatter(x, y, c=y, cmap='plasma')\nplt.colorbar(label='mass')",
    "points in a loop": "for i in range(21):\n    plt.scatter(i, i ** 2, color='green')",
    "clouds in a loop": "for i in range(4):\n    plt.scatter(x, y + i, color='purple')",
    "named clouds": "for n in 'abc':\n    plt.scatter(x, x + ord(n), label=n)\n"
    "plt.legend(title='kind')",
    "coloured points": "plt.scatter(x, y, c=list('rgbkrgbk'))",
    "bubbles": "plt.scatter(x, y, s=20 * x + 5, alpha=.5)",
    "crosses": "plt.scatter(x, y, marker='x', color='k')",
    "points and line": "plt.scatter(x, y)\nplt.plot(x, 7 * x - 7, color='red')",
    "bars": "plt.bar(names, heights)",
    "sorted bars": "plt.bar(names, sorted(heights))",
    "falling bars, lying": "plt.barh(names, sorted(heights))\nplt.gca().invert_yaxis()",
    "bars of many colours": "plt.bar(range(20), range(3, 23), color=plt.cm.tab20(range(20)))",
    "bars of three colours": "plt.bar(names, heights, color=['r', 'g', 'b', 'r', 'g'])",
    "bars in a loop": "for n, h in zip(names, heights):\n    plt.bar(n, h, color='teal')",
    "lying bars": "plt.barh(names, heights, color='salmon')",
    "stacked bars": "plt.bar(names, heights, label='a')\n"
    "plt.bar(names, [1, 2, 3, 4, 5], bottom=heights, label='b')\nplt.legend()",
    "grouped bars": "p = np.arange(5)\nplt.bar(p - .2, heights, .4, label='a')\n"
    "plt.bar(p + .2, [4, 4, 4, 4, 4], .4, label='b')\nplt.xticks(p, names, rotation=45)\n"
    "plt.legend()",
    "bars with errors": "plt.bar(names, heights, yerr=.5)",
    "bars with values": "bars = plt.bar(names, heights)\nplt.bar_label(bars)",
    "histogram": "plt.hist(rng.normal(size=200), bins=12, color='steelblue', edgecolor='w')",
    "two histograms": "for m in (0, 2):\n"
    "    plt.hist(rng.normal(m, size=99), bins=9, alpha=.5, label=str(m))",
    "outline": "plt.hist(rng.normal(size=99), histtype='step')",
    "boxes": "plt.boxplot([x, y, x + y], tick_labels=['a', 'b', 'c'])",
    "lying boxes": "plt.boxplot([x, y], orientation='horizontal')",
    "filled boxes": "plt.boxplot([x, y], patch_artist=True, boxprops={'facecolor': 'tan'})",
    "violins": "plt.violinplot([x, y, x])",
    "pie": "plt.pie([1, 2, 3], labels=['a', 'b', 'c'], autopct='%.0f%%')",
    "donut": "plt.pie([1, 2, 3, 4], wedgeprops={'width': .4})",
    "image": "plt.imshow(np.full((9, 9, 3), 0.4))\nplt.axis('off')",
    "grey image": "plt.imshow(grid, cmap='gray')",
    "image with a box": "plt.imshow(grid, cmap='gray')\n"
    "plt.gca().add_patch(plt.Rectangle((2, 2), 3, 3, fill=False, edgecolor='red'))",
    "heatmap": "plt.imshow(grid, cmap='coolwarm')\nplt.colorbar()",
    "labelled cells": "plt.imshow(grid[:2, :2])\nfor i in (0, 1):\n    for j in (0, 1):\n"
    "        plt.text(j, i, f'{grid[i, j]:.1f}')",
    "mesh": "plt.pcolormesh(grid, cmap='Blues_r')",
    "hexagons": "plt.hexbin(rng.normal(size=99), rng.normal(size=99), gridsize=8, cmap='inferno')",
    "contours": "plt.contour(grid, colors='k')",
    "filled contours": "c = plt.contourf(grid, cmap='viridis')\nplt.colorbar(c, label='depth')",
    "labelled contours": "plt.clabel(plt.contour(grid))",
    "arrows": "plt.quiver(x, y, x, y)",
    "streams": "plt.streamplot(x, x, grid, grid.T)",
    "area": "plt.fill_between(x, y, color='gold')",
    "stacked areas": "plt.stackplot(x, y, x, labels=['a', 'b'])\nplt.legend(loc='upper left')",
    "band and line": "plt.plot(x, y)\nplt.fill_between(x, y - 3, y + 3, alpha=.3)",
    "shapes": "ax = plt.gca()\nax.add_patch(plt.Circle((0, 0), 1))\n"
    "ax.add_patch(plt.Rectangle((1, 1), 1, 2))"
    "\nax.set(xlim=(-2, 4), ylim=(-2, 4), aspect='equal')",
    "polar": "plt.polar(x, y)",
    "surface": "ax = plt.figure().add_subplot(projection='3d')\n"
    "ax.plot_surface(*np.meshgrid(x, x), grid, cmap='terrain')",
    "points in space": "ax = plt.figure().add_subplot(projection='3d')\nax.scatter(x, y, y)\n"
    "ax.set_zlabel('height')",
    "column": "fig, ax = plt.subplots(2, 1, sharex=True)\nax[0].plot(x, y)\nax[1].bar(x, y)\n"
    "ax[0].set_title('above')\nax[1].set_xlabel('below')",
    "row": "fig, ax = plt.subplots(1, 3, figsize=(12, 4), sharey=True)\nfor a in ax:\n"
    "    a.plot(x, y)\n"
    "fig.suptitle('Three')",
    "four": "fig, ax = plt.subplots(2, 2)\nfor i, a in enumerate(ax.flat):\n    a.scatter(x, y)\n"
    "    a.set_title(f'Part {i}')\nfig.supxlabel('shared')",
    "one empty": "fig, ax = plt.subplots(2, 2)\nfor a in ax.flat[:3]:\n    a.plot(x, y)",
    "uneven": "plt.subplot(2, 1, 1)\nplt.plot(x, y)\nplt.subplot(2, 2, 3)\nplt.plot(x, y)\n"
    "plt.subplot(2, 2, 4)\nplt.bar(x, y)",
    "twins": "fig, ax = plt.subplots()\nax.plot(x, y)\nax.set_ylabel('left')\nb = ax.twinx()\n"
    "b.plot(x, -y, color='red')\nb.set_ylabel('right')",
    "inset": "fig, ax = plt.subplots()\nax.plot(x, y)\nax.inset_axes([.2, .5, .3, .3]).plot(x, x)",
    "legend of the figure": "fig, ax = plt.subplots(1, 2)\nfor a in ax:\n"
    "    a.plot(x, y, label='square')\n"
    "fig.legend(['square'])",
    "networkx": "import networkx as nx\ng = nx.path_graph(5)\n"
    "nx.draw(g, {n: (n, n % 2) for n in g})",
    "directed": "import networkx as nx\ng = nx.DiGraph([(0, 1), (1, 2)])\n"
    "nx.draw(g, {n: (n, n % 2) for n in g}, with_labels=True)",
    "dendrogram": "from scipy.cluster.hierarchy import dendrogram, linkage\n"
    "dendrogram(linkage(np.eye(5)))",
    "pandas lines": "pd.DataFrame({'a': x, 'b': y}).plot()",
    "pandas bars": "pd.DataFrame({'a': heights}, index=names).plot.bar()",
    "pandas stacked": (
        "pd.DataFrame({'a': heights, 'b': heights}, index=names).plot.barh(stacked=True)"
    ),
    "pandas histograms": "pd.DataFrame({'a': x, 'b': y}).hist()",
    "seaborn scatter": SEABORN + "sns.scatterplot(tips, x='bill', y='tip', hue='sex')",
    "seaborn bars": SEABORN + "sns.barplot(tips, x='day', y='bill', errorbar=None)",
    "seaborn boxes": SEABORN + "sns.boxplot(tips, x='day', y='bill')",
    "seaborn violins": SEABORN + "sns.violinplot(tips, x='day', y='bill')",
    "seaborn density": SEABORN + "sns.kdeplot(tips, x='bill', fill=True)",
    "seaborn fit": SEABORN + "sns.regplot(tips, x='bill', y='tip')",
    "seaborn heatmap": SEABORN + "sns.heatmap(grid[:3, :3], annot=True, cmap='YlGnBu')",
    "seaborn histogram": SEABORN + "sns.histplot(tips, x='bill', bins=4, kde=True)",
    "seaborn grid": SEABORN + "sns.relplot(tips, x='bill', y='tip', col='sex')",
    "seaborn dark": SEABORN
    + "sns.set_theme()\nsns.lineplot(tips, x='bill', y='tip')\nsns.set_theme()",
    "single arrows": "ax = plt.gca()\nfor i in range(3):\n"
    "    ax.arrow(i, 0, 0.5, 1, color='teal', width=.1)\nax.set(xlim=(-1, 4), ylim=(-1, 3))",
    "outlined": "from matplotlib.patches import Polygon\nax = plt.gca()\n"
    "ax.add_patch(Polygon([(0, 0), (1, 0), (1, 1)], fill=False, edgecolor='red'))",
    "empty beside": "fig, ax = plt.subplots(1, 2)\nax[0].set_title('nothing')\nax[1].plot(x, y)",
    "titled in order": "fig, ax = plt.subplots(2, 3)\nfor i, a in enumerate(ax.flat):\n"
    "    a.plot(x, y)\n    a.set_title(f'run {i}')",
    "uneven, alike": "for n, p in enumerate(((0, 0, 1, 2), (0, 2, 1, 1), (1, 0, 2, 3))):\n"
    "    a = plt.subplot2grid((3, 3), p[:2], p[2], p[3])\n    a.plot(x, y)",
    "pairs": SEABORN + "tips['size'] = 1 + np.arange(12) % 3\n"
    "sns.pairplot(tips[['bill', 'tip', 'size']])",
    "joint": SEABORN + "sns.jointplot(tips, x='bill', y='tip', marginal_kws={'bins': 4})",
    "two colour bars of three": "fig, ax = plt.subplots(1, 3)\nfor a in ax[:2]:\n"
    "    fig.colorbar(a.imshow(grid, aspect='auto'), ax=a)\nax[2].plot(x, y)",
    "lines across, twice": "plt.plot(x, y)\nfor i in range(4):\n    plt.axvline(5, color='red')",
    "many texts": "fig, ax = plt.subplots(3, 3)\nfor i, a in enumerate(ax.flat):\n"
    "    a.text(.5, .5, f'part {i}')",
    "one text, often": "plt.plot(x, y)\nfor i in range(5):\n    plt.text(i, 20, 'foo')",
    "values and centres": "plt.scatter(x, y, c=y)\nplt.scatter([2, 4], [3, 9], c='black')",
    "flat band": "plt.plot(x, y)\nplt.fill_between(x, 3, 3)",
    "one point": "plt.plot(x, y)\nplt.plot(3, 9, '^', color='red')",
    "dates between": "plt.plot(pd.date_range('2024-01-01', periods=8), y)\n"
    "plt.xlim(np.datetime64('2024-01-02'), np.datetime64('2024-01-05'))",
    "dates": "plt.plot(pd.date_range('2024-01-01', periods=8), y)\nplt.gcf().autofmt_xdate()",
}
