"""What newer releases changed about calls, with what their documentation gives instead: keywords
renamed or removed, values renamed, positions that have to be keywords now, and calls that another
expression replaces. extract/modernise.py applies these tables.

Functions are named by where they are imported from. OWNERS begin those that are methods:
`FRAME.sort` is a method of a data frame or series, `PLOT.hist` both `Axes.hist` and `pyplot.hist`,
`ANY.has_key` one that hardly another class has. `seaborn.barplot`, of two parts, is a `barplot`
wherever below seaborn it comes from.
"""

from typing import NamedTuple

OWNERS = {
    "ANY": "",
    "AXES": "matplotlib.axes.Axes",
    "COLORBAR": "matplotlib.colorbar.Colorbar",
    "CONTOURS": "matplotlib.contour.ContourSet",
    "FIGURE": "matplotlib.figure.Figure",
    "FRAME": "pandas.DataFrame",
    "GRAPH": "networkx.Graph",
    "PLOT": "matplotlib.pyplot",
    "TICK": "matplotlib.axis.Tick",
}
"""Each with what the names of edits call it."""


class Keyword(NamedTuple):
    """In calls of `functions`, the keyword `old` is called `new`, or dropped where that is ""."""

    functions: str
    old: str
    new: str


class Value(NamedTuple):
    """In calls of `functions`, what was `old` as the `keyword` is `new`. `keyword` "0" is the first
    argument by position, "*" any."""

    functions: str
    keyword: str
    old: object
    new: object


class Positions(NamedTuple):
    """Of the `parameters` of an older release only the first `allowed` may be given by position.
    `moved`: what stands first now is not what stood there, so that even one counts when the call
    names the new first one, or there are two."""

    functions: str
    parameters: str
    allowed: int
    moved: str = ""


_HISTS = "PLOT.hist PLOT.hist2d ANY.hist ANY.hist2d FRAME.plot ANY.plot.hist numpy.histogram"
_DRAWING = """
axhline axhspan axvline axvspan bar barh boxplot contour contourf errorbar fill fill_between hexbin
hist hlines imshow loglog pcolor pcolormesh plot quiver scatter semilogx semilogy specgram stem step
vlines
"""
_DRAWS = " ".join(f"PLOT.{name}" for name in _DRAWING.split())
_TICKS = "PLOT.tick_params"
_SIDES = "bottom top left right labelbottom labeltop labelleft labelright"
_TREES = "sklearn.DecisionTreeRegressor sklearn.ExtraTreesRegressor sklearn.RandomForestRegressor"
_FORESTS = "sklearn.RandomForestClassifier sklearn.ExtraTreesClassifier"
_BOOSTING = "sklearn.GradientBoostingClassifier"
_BOOSTED = "sklearn.GradientBoostingRegressor"
_ENSEMBLES = (
    "sklearn.AdaBoostClassifier sklearn.AdaBoostRegressor sklearn.BaggingClassifier "
    "sklearn.BaggingRegressor"
)
_LINEAR = (
    "sklearn.LinearRegression sklearn.Ridge sklearn.Lasso sklearn.ElasticNet sklearn.LassoCV "
    "sklearn.RidgeCV sklearn.ElasticNetCV sklearn.Lars sklearn.LassoLars sklearn.LassoLarsCV "
    "sklearn.BayesianRidge sklearn.OrthogonalMatchingPursuit"
)
_GRIDS = (
    "seaborn.FacetGrid seaborn.PairGrid seaborn.JointGrid seaborn.lmplot seaborn.pairplot "
    "seaborn.jointplot seaborn.catplot seaborn.relplot"
)
_READERS = "pandas.read_csv pandas.read_table"
KEYWORDS = (
    Keyword(_HISTS, "normed", "density"),
    Keyword("numpy.histogram", "new", ""),
    Keyword("PLOT.bar", "left", "x"),
    Keyword("PLOT.barh", "bottom", "y"),
    Keyword("PLOT.xlabel PLOT.set_xlabel", "s", "xlabel"),
    Keyword("PLOT.ylabel PLOT.set_ylabel", "s", "ylabel"),
    Keyword("PLOT.title PLOT.set_title", "s", "label"),
    Keyword(_DRAWS, "hold", ""),
    Keyword("PLOT.text", "withdash", ""),
    Keyword("PLOT.colorbar FIGURE.colorbar", "filled", ""),
    Keyword("PLOT.stem", "use_line_collection", ""),
    Keyword("PLOT.scatter", "verts", ""),
    Keyword("PLOT.imshow", "shape", ""),
    Keyword("PLOT.imshow", "imlim", ""),
    Keyword("PLOT.annotate", "s", "text"),
    Keyword("PLOT.grid", "b", "visible"),
    Keyword("PLOT.savefig FIGURE.savefig", "papertype", ""),
    Keyword("PLOT.savefig FIGURE.savefig", "frameon", ""),
    Keyword("PLOT.savefig FIGURE.savefig", "quality", ""),
    Keyword("PLOT.savefig FIGURE.savefig", "optimize", ""),
    Keyword("PLOT.axes PLOT.subplot FIGURE.add_subplot FIGURE.add_axes", "axisbg", "facecolor"),
    Keyword("PLOT.semilogx PLOT.semilogy PLOT.loglog PLOT.set_xscale PLOT.xscale", "basex", "base"),
    Keyword("PLOT.semilogy PLOT.loglog PLOT.set_yscale PLOT.yscale", "basey", "base"),
    Keyword("PLOT.semilogx PLOT.loglog PLOT.set_xscale PLOT.xscale", "nonposx", "nonpositive"),
    Keyword("PLOT.semilogy PLOT.loglog PLOT.set_yscale PLOT.yscale", "nonposy", "nonpositive"),
    Keyword("PLOT.semilogx PLOT.loglog PLOT.set_xscale PLOT.xscale", "subsx", "subs"),
    Keyword("PLOT.semilogy PLOT.loglog PLOT.set_yscale PLOT.yscale", "subsy", "subs"),
    Keyword("PLOT.set_xscale PLOT.xscale", "linthreshx", "linthresh"),
    Keyword("PLOT.set_yscale PLOT.yscale", "linthreshy", "linthresh"),
    Keyword("PLOT.set_xscale PLOT.xscale", "linscalex", "linscale"),
    Keyword("PLOT.set_yscale PLOT.yscale", "linscaley", "linscale"),
    Keyword("PLOT.legend FIGURE.legend", "axespad", "borderaxespad"),
    Keyword("PLOT.legend FIGURE.legend", "handlelen", "handlelength"),
    Keyword("PLOT.legend FIGURE.legend", "handletextsep", "handletextpad"),
    Keyword("PLOT.legend FIGURE.legend", "labelsep", "labelspacing"),
    Keyword(_GRIDS, "size", "height"),
    Keyword("seaborn.jointplot", "stat_func", ""),
    Keyword("seaborn.stripplot seaborn.swarmplot", "split", "dodge"),
    Keyword("seaborn.kdeplot", "data2", "y"),
    Keyword("seaborn.kdeplot", "n_levels", "levels"),
    Keyword("seaborn.kdeplot", "bw", "bw_method"),
    Keyword("seaborn.kdeplot", "shade", "fill"),
    Keyword("pandas.read_excel", "sheetname", "sheet_name"),
    Keyword("pandas.read_excel", "parse_cols", "usecols"),
    Keyword(_READERS, "skip_footer", "skipfooter"),
    Keyword(_READERS, "warn_bad_lines", ""),
    Keyword(_READERS, "mangle_dupe_cols", ""),
    Keyword(_READERS, "tupleize_cols", ""),
    Keyword(_READERS, "infer_datetime_format", ""),
    Keyword("pandas.to_datetime", "infer_datetime_format", ""),
    Keyword("pandas.to_datetime", "box", ""),
    Keyword("FRAME.to_csv", "line_terminator", "lineterminator"),
    Keyword("FRAME.to_excel", "encoding", ""),
    Keyword("FRAME.pivot_table pandas.pivot_table pandas.crosstab", "rows", "index"),
    Keyword("FRAME.pivot_table pandas.pivot_table pandas.crosstab", "cols", "columns"),
    Keyword("FRAME.plot", "sort_columns", ""),
    Keyword("FRAME.dropna FRAME.drop_duplicates", "cols", "subset"),
    Keyword("FRAME.drop_duplicates", "take_last", ""),
    Keyword("pandas.date_range", "closed", "inclusive"),
    Keyword("FRAME.groupby", "squeeze", ""),
    Keyword("ANY.set_axis", "inplace", ""),
    Keyword(_READERS, "error_bad_lines", ""),
    Keyword("sklearn.OneHotEncoder", "sparse", "sparse_output"),
    Keyword("sklearn.AgglomerativeClustering", "affinity", "metric"),
    Keyword("sklearn.TSNE", "n_iter", "max_iter"),
    Keyword(_ENSEMBLES, "base_estimator", "estimator"),
    Keyword("sklearn.SGDClassifier sklearn.SGDRegressor sklearn.Perceptron", "n_iter", "max_iter"),
    Keyword("sklearn.KMeans", "precompute_distances", ""),
    Keyword("sklearn.KMeans", "n_jobs", ""),
    Keyword("sklearn.IsolationForest", "behaviour", ""),
    Keyword("sklearn.DecisionTreeClassifier sklearn.DecisionTreeRegressor", "presort", ""),
    Keyword(f"{_BOOSTING} {_BOOSTED}", "presort", ""),
    Keyword(f"{_TREES} {_FORESTS} {_BOOSTING} {_BOOSTED}", "min_impurity_split", ""),
    Keyword("sklearn.GridSearchCV sklearn.RandomizedSearchCV", "iid", ""),
    Keyword("sklearn.GridSearchCV sklearn.RandomizedSearchCV", "fit_params", ""),
    Keyword("sklearn.SimpleImputer", "axis", ""),
    Keyword("sklearn.mean_squared_error", "squared", ""),
    Keyword("sklearn.SimpleImputer", "verbose", ""),
    Keyword("sklearn.GaussianMixture", "n_iter", "max_iter"),
    Keyword("sklearn.LatentDirichletAllocation", "n_topics", "n_components"),
    Keyword(_LINEAR, "normalize", ""),
    *(
        Keyword(f"statsmodels.{path}.ARIMA().fit", name, "")
        for path in ("tsa.arima_model", "tsa.arima.model", "api.tsa")
        for name in ("disp", "maxiter", "solver", "transparams", "trend")
    ),
    Keyword("statsmodels.seasonal_decompose statsmodels.STL", "freq", "period"),
    Keyword("statsmodels.acf statsmodels.acovf statsmodels.pacf", "unbiased", "adjusted"),
    Keyword("statsmodels.plot_acf", "unbiased", "adjusted"),
    Keyword("statsmodels.ExponentialSmoothing statsmodels.Holt", "damped", "damped_trend"),
    Keyword("plotly.Layout plotly.XAxis plotly.YAxis dict", "titlefont", "title_font"),
)
VALUES = (
    *(
        Value(_TICKS, side, old, new)
        for side in (_SIDES.split())
        for old, new in (("on", True), ("off", False))
    ),
    *(
        Value("pandas.set_option", "0", name, f"display.{name}")
        for name in ("max_columns", "max_rows", "precision", "width")
    ),
    Value("PLOT.errorbar", "fmt", None, "none"),
    Value("PLOT.grid", "0", "on", True),
    Value("PLOT.grid", "0", "off", False),
    Value(_TREES, "criterion", "mse", "squared_error"),
    Value(_TREES, "criterion", "mae", "absolute_error"),
    Value(_TREES, "max_features", "auto", 1.0),
    Value(_FORESTS, "max_features", "auto", "sqrt"),
    Value("sklearn.DecisionTreeClassifier", "max_features", "auto", "sqrt"),
    Value(_BOOSTING, "loss", "deviance", "log_loss"),
    Value(_BOOSTED, "loss", "ls", "squared_error"),
    Value(_BOOSTED, "loss", "lad", "absolute_error"),
    Value("sklearn.SGDClassifier", "loss", "log", "log_loss"),
    Value("sklearn.SGDRegressor", "loss", "squared_loss", "squared_error"),
    Value("statsmodels.adfuller", "regression", "nc", "n"),
)
_XY = "x y hue data order hue_order"
_CATEGORICAL = (
    "seaborn.barplot seaborn.boxplot seaborn.violinplot seaborn.boxenplot seaborn.stripplot "
    "seaborn.swarmplot seaborn.pointplot"
)
POSITIONS = (
    Positions(_CATEGORICAL, _XY, 0, moved="data"),
    Positions("seaborn.countplot", _XY, 0, moved="data"),
    Positions("seaborn.catplot", "x y hue data row col", 0, moved="data"),
    Positions("seaborn.relplot seaborn.scatterplot", "x y hue style size data", 0, moved="data"),
    Positions("seaborn.lineplot", "x y hue size style data", 0, moved="data"),
    Positions("seaborn.regplot seaborn.residplot", "x y data", 0, moved="data"),
    Positions("seaborn.lmplot", "x y data hue col row", 0, moved="data"),
    Positions("seaborn.jointplot seaborn.JointGrid", "x y data kind", 0, moved="data"),
    Positions("seaborn.kdeplot", "x y", 0, moved="data"),
    Positions("seaborn.pairplot", "data hue hue_order palette vars", 1),
    Positions("seaborn.PairGrid", "data hue hue_order palette", 1),
    Positions("seaborn.FacetGrid", "data row col hue", 1),
    Positions("seaborn.heatmap", "data vmin vmax cmap center robust annot fmt", 1),
    Positions("seaborn.clustermap", "data pivot_kws method metric", 1),
    Positions("matplotlib.pyplot.subplots FIGURE.subplots", "nrows ncols sharex sharey", 2),
    Positions("matplotlib.Ellipse matplotlib.Rectangle", "xy width height angle", 3),
    Positions("matplotlib.Arc", "xy width height angle theta1 theta2", 3),
    Positions("matplotlib.Polygon", "xy closed", 1),
    Positions("matplotlib.RegularPolygon", "xy numVertices radius orientation", 2),
    Positions("matplotlib.Wedge", "center r theta1 theta2 width", 4),
    Positions("matplotlib.FancyArrow", "x y dx dy width", 4),
    Positions("matplotlib.LineCollection", "segments linewidths colors", 1),
    Positions("matplotlib.PatchCollection", "patches match_original", 1),
    Positions("PLOT.xticks PLOT.yticks", "ticks labels rotation", 2),
    Positions("PLOT.legend FIGURE.legend", "handles labels loc", 2),
    Positions("PLOT.tight_layout FIGURE.tight_layout", "pad h_pad w_pad rect", 0),
    Positions("ANY.drop", "labels axis", 1),
    Positions("ANY.pivot", "index columns values", 0),
    Positions("pandas.pivot", "data index columns values", 1),
    Positions(
        "FRAME.any FRAME.all FRAME.dropna FRAME.ffill FRAME.bfill FRAME.sort_index", "axis", 0
    ),
    Positions("ANY.sort_values", "by axis ascending inplace", 1),
    Positions("ANY.drop_duplicates", "subset keep inplace", 1),
    Positions("ANY.fillna", "value method axis inplace", 1),
    Positions("FRAME.replace", "to_replace value inplace", 2),
    Positions("ANY.reset_index", "level drop inplace", 1),
    Positions("FRAME.set_axis", "labels axis", 1),
    Positions("ANY.set_index", "keys drop append inplace", 1),
    Positions("FRAME.clip", "lower upper axis", 2),
    Positions("FRAME.interpolate", "method axis limit", 1),
    Positions("ANY.to_csv", "path_or_buf sep na_rep", 1),
    Positions("FRAME.str.split FRAME.str.rsplit ANY.str.split ANY.str.rsplit", "pat n expand", 1),
    Positions("pandas.concat", "objs axis join", 1),
    Positions(_READERS, "filepath_or_buffer sep delimiter header names", 1),
    Positions("pandas.read_excel", "io sheet_name header", 2),
    Positions("scipy.integrate.simpson", "y x dx axis", 1),
    Positions("sklearn.DBSCAN", "eps min_samples metric", 1),
    Positions("sklearn.KMeans", "n_clusters init n_init", 1),
    Positions("sklearn.make_blobs", "n_samples n_features centers cluster_std", 2),
    Positions("sklearn.make_moons", "n_samples shuffle noise random_state", 1),
    Positions("sklearn.make_circles", "n_samples shuffle noise random_state factor", 1),
    Positions("sklearn.make_classification", "n_samples n_features n_informative", 2),
    Positions("sklearn.make_regression", "n_samples n_features n_informative", 2),
    Positions("sklearn.confusion_matrix", "y_true y_pred labels", 2),
    Positions("sklearn.f1_score", "y_true y_pred labels pos_label average", 2),
    Positions("sklearn.GridSearchCV", "estimator param_grid scoring", 2),
    Positions("sklearn.RandomForestClassifier", "n_estimators criterion max_depth", 1),
    Positions("sklearn.KNeighborsClassifier sklearn.KNeighborsRegressor", "n_neighbors weights", 1),
)
_REDUCTIONS = ("max", "mean", "median", "min", "prod", "std", "sum", "var")
_MLAB = (
    ("normpdf(x, mu, sigma)", "scipy.stats.norm.pdf(x, mu, sigma)"),
    (
        "bivariate_normal(X, Y, sigmax=1.0, sigmay=1.0, mux=0.0, muy=0.0)",
        "scipy.stats.norm.pdf(X, mux, sigmax) * scipy.stats.norm.pdf(Y, muy, sigmay)",
    ),
    (
        "griddata(x, y, z, xi, yi, interp)",
        "scipy.interpolate.griddata((x, y), z, tuple(numpy.meshgrid(xi, yi)))",
    ),
    ("movavg(x, n)", "numpy.convolve(x, numpy.ones(n) / n, mode='valid')"),
    ("find(condition)", "numpy.nonzero(numpy.ravel(condition))[0]"),
    ("rms_flat(a)", "numpy.sqrt(numpy.mean(numpy.abs(a) ** 2))"),
    ("dist(x, y)", "numpy.linalg.norm(numpy.subtract(x, y))"),
)
_REGISTERED = "matplotlib.colormaps.register(cmap, name=name)"
REPLACED = (
    # "OLD CALL", "NEW EXPRESSION": a parameter that a call leaves out has the default that stands
    # with it, or else the argument is left out; `...` is a keyword that the call must give, a list
    # one that it must give as one of these; what the old call has beyond this is added to the new
    # where `...` stands in it, or to the outermost.
    ("numpy.asscalar(a)", "a.item()"),
    ("numpy.msort(a)", "numpy.sort(a, axis=0)"),
    ("numpy.asfarray(a)", "numpy.asarray(a, dtype=float)"),
    ("numpy.random.random_integers(low, high, size)", "numpy.random.randint(low, high + 1, size)"),
    ("numpy.NINF", "-numpy.inf"),
    *(
        (f"{home}.{old}", new)
        for home in (
            "matplotlib.mlab",
            "numpy",
        )  # what pylab has and pyplot has not counts as numpy's
        for old, new in _MLAB
    ),
    ("ANY.set_axis_bgcolor(color)", "ANY.set_facecolor(color)"),
    ("ANY.get_axis_bgcolor()", "ANY.get_facecolor()"),
    ("ANY.set_color_cycle(clist)", "ANY.set_prop_cycle(color=clist)"),
    ("ANY.is_first_col()", "ANY.get_subplotspec().is_first_col()"),
    ("ANY.is_first_row()", "ANY.get_subplotspec().is_first_row()"),
    ("ANY.is_last_col()", "ANY.get_subplotspec().is_last_col()"),
    ("ANY.is_last_row()", "ANY.get_subplotspec().is_last_row()"),
    ("AXES.get_geometry()", "AXES.get_subplotspec().get_geometry()"),
    ("ANY.get_axes()", "ANY.axes"),
    ("ANY.canvas.set_window_title(title)", "ANY.canvas.manager.set_window_title(title)"),
    ("ANY.legendHandles", "ANY.legend_handles"),
    ("ANY.w_xaxis", "ANY.xaxis"),
    ("ANY.w_yaxis", "ANY.yaxis"),
    ("ANY.w_zaxis", "ANY.zaxis"),
    *(
        (f"AXES.{name}.remove(artist)", "artist.remove()")
        for name in ("collections", "images", "lines", "patches", "texts")
    ),
    *(
        (f"AXES.{name}.pop(index)", f"AXES.{name}[index].remove()")
        for name in ("collections", "images", "lines", "patches", "texts")
    ),
    ("TICK.label", "TICK.label1"),
    ("CONTOURS.collections", "[CONTOURS]"),
    ("COLORBAR.set_clim(vmin, vmax)", "COLORBAR.mappable.set_clim(vmin, vmax)"),
    ("COLORBAR.set_cmap(cmap)", "COLORBAR.mappable.set_cmap(cmap)"),
    ("COLORBAR.set_norm(norm)", "COLORBAR.mappable.set_norm(norm)"),
    *(
        (f"matplotlib.{home}.register_cmap(name, cmap)", _REGISTERED)
        for home in ("cm", "pyplot", "pyplot.cm")
    ),
    ("FIGURE.gca(projection=...)", "FIGURE.add_subplot(projection=projection)"),
    ("matplotlib.pyplot.gca(projection=...)", "matplotlib.pyplot.subplot(projection=projection)"),
    ("mpl_toolkits.mplot3d.Axes3D(fig, rect)", "fig.add_subplot(projection='3d')"),
    ("mpl_toolkits.mplot3d.axes3d.Axes3D(fig, rect)", "fig.add_subplot(projection='3d')"),
    (
        "seaborn.factorplot(x, y, hue, data, row, col, kind='point')",
        "seaborn.catplot(x=x, y=y, hue=hue, data=data, row=row, col=col, kind=kind)",
    ),
    (
        "seaborn.tsplot(data, time, unit, condition, value)",
        "seaborn.lineplot(data=data, x=time, y=value, hue=condition)",
    ),
    ("ANY.as_matrix()", "ANY.values"),
    ("ANY.as_matrix(columns)", "ANY[columns].values"),
    ("FRAME.get_values()", "FRAME.values"),
    ("FRAME.reshape(shape, columns)", "FRAME.values.reshape(shape, columns)"),
    ("FRAME.ravel()", "FRAME.to_numpy().ravel()"),
    ("FRAME.ptp()", "numpy.ptp(FRAME)"),
    ("FRAME.nonzero()", "FRAME.to_numpy().nonzero()"),
    ("FRAME.get_value(index, col)", "FRAME.at[index, col]"),
    ("ANY.irow(i)", "ANY.iloc[i]"),
    ("ANY.icol(i)", "ANY.iloc[:, i]"),
    ("FRAME.iget(i)", "FRAME.iloc[i]"),
    ("FRAME.order(ascending)", "FRAME.sort_values(ascending=ascending)"),
    ("FRAME.sort(columns, axis, ascending)", "FRAME.sort_values(columns, ascending=ascending)"),
    (
        "FRAME.sortlevel(level, axis, ascending)",
        "FRAME.sort_index(level=level, ascending=ascending)",
    ),
    ("FRAME.sort_index(ascending, by=...)", "FRAME.sort_values(by, ascending=ascending)"),
    ("ANY.clip_upper(threshold)", "ANY.clip(upper=threshold)"),
    ("ANY.clip_lower(threshold)", "ANY.clip(lower=threshold)"),
    ("FRAME.valid()", "FRAME.dropna()"),
    ("ANY.applymap(func)", "ANY.map(func)"),
    ("FRAME.mad()", "(FRAME - FRAME.mean()).abs().mean()"),
    ("ANY.reindex_axis(labels, axis)", "ANY.reindex(labels, axis=axis)"),
    (
        "FRAME.convert_objects(convert_numeric=True)",
        "FRAME.apply(pandas.to_numeric, errors='coerce')",
    ),
    ("FRAME.is_monotonic", "FRAME.is_monotonic_increasing"),
    ("FRAME.fillna(method=['ffill', 'pad'])", "FRAME.ffill()"),
    ("FRAME.fillna(method=['bfill', 'backfill'])", "FRAME.bfill()"),
    ("FRAME.iteritems()", "FRAME.items()"),
    ("FRAME.iterkv()", "FRAME.items()"),
    ("ANY.iteritems()", "ANY.items()"),
    ("ANY.iterkeys()", "ANY.keys()"),
    ("ANY.itervalues()", "ANY.values()"),
    ("ANY.has_key(key)", "key in ANY"),
    ("ANY.dt.weekofyear", "ANY.dt.isocalendar().week"),
    ("ANY.dt.week", "ANY.dt.isocalendar().week"),
    ("ANY.index.weekofyear", "ANY.index.isocalendar().week"),
    ("ANY.index.week", "ANY.index.isocalendar().week"),
    ("ANY.weekday_name", "ANY.day_name()"),
    ("ANY.index.is_monotonic", "ANY.index.is_monotonic_increasing"),
    ("ANY.index.get_values()", "ANY.index.values"),
    ("ANY.columns.get_values()", "ANY.columns.values"),
    *((f"FRAME.{name}(level=...)", f"FRAME.groupby(level=level).{name}()") for name in _REDUCTIONS),
    *(
        (
            f"pandas.rolling_{name}(arg, window, min_periods, freq, center)",
            f"arg.rolling(window, min_periods=min_periods, center=center).{name}()",
        )
        for name in ("count", "kurt", "skew", *_REDUCTIONS)
    ),
    (
        "pandas.rolling_apply(arg, window, func, min_periods)",
        "arg.rolling(window, min_periods=min_periods).apply(func)",
    ),
    (
        "pandas.rolling_quantile(arg, window, quantile, min_periods)",
        "arg.rolling(window, min_periods=min_periods).quantile(quantile)",
    ),
    ("pandas.rolling_corr(arg1, arg2, window)", "arg1.rolling(window).corr(arg2)"),
    ("pandas.rolling_cov(arg1, arg2, window)", "arg1.rolling(window).cov(arg2)"),
    *(
        (
            f"pandas.expanding_{name}(arg, min_periods=1)",
            f"arg.expanding(min_periods=min_periods).{name}()",
        )
        for name in _REDUCTIONS
    ),
    *(
        (
            f"pandas.ewm{old}(arg, com, span, halflife, min_periods)",
            "arg.ewm(com=com, span=span, halflife=halflife, min_periods=min_periods)" + f".{new}()",
        )
        for old, new in (("a", "mean"), ("std", "std"), ("var", "var"))
    ),
    (
        "pandas.read_csv(path, error_bad_lines=[False])",
        "pandas.read_csv(path, on_bad_lines='skip')",
    ),
    ("pandas.read_csv(path, squeeze=[True])", "pandas.read_csv(path, ...).squeeze('columns')"),
    (
        "pandas.DatetimeIndex(end, periods, freq, start=...)",
        "pandas.date_range(start, end, periods=periods, freq=freq)",
    ),
    ("ANY.index.to_datetime()", "pandas.to_datetime(ANY.index)"),
    ("pandas.groupby(obj, by)", "obj.groupby(by)"),
    ("pandas.TimeGrouper(freq)", "pandas.Grouper(freq=freq)"),
    ("pandas.DataFrame.from_items(items)", "pandas.DataFrame(dict(items))"),
    (
        "pandas.DataFrame.from_csv(path, header, sep, index_col=0, parse_dates=True)",
        "pandas.read_csv(path, sep=sep, header=header, index_col=index_col, "
        "parse_dates=parse_dates)",
    ),
    (
        "pandas.Series.from_csv(path, sep, parse_dates=True, header=None, index_col=0)",
        "pandas.read_csv(path, sep=sep, header=header, index_col=index_col, "
        "parse_dates=parse_dates).squeeze('columns')",
    ),
    ("pandas.value_counts(values)", "pandas.Series(values).value_counts()"),
    ("scipy.fft(x, n)", "numpy.fft.fft(x, n)"),
    ("scipy.ifft(x, n)", "numpy.fft.ifft(x, n)"),
    ("scipy.stats.binom_test(x, n, p=0.5)", "scipy.stats.binomtest(x, n, p).pvalue"),
    (
        "scipy.stats.itemfreq(a)",
        "numpy.column_stack(numpy.unique(a, return_counts=True))",
    ),
    (
        "scipy.interpolate.spline(xk, yk, xnew, order)",
        "scipy.interpolate.make_interp_spline(xk, yk, k=order)(xnew)",
    ),
    (
        "sklearn.mean_squared_error(y_true, y_pred, squared=[False])",
        "sklearn.metrics.root_mean_squared_error(y_true, y_pred)",
    ),
    ("sklearn.SimpleImputer(missing_values=['NaN'])", "sklearn.impute.SimpleImputer()"),
    (
        "sklearn.KFold(n, n_folds=...)",
        "list(sklearn.model_selection.KFold(n_folds, ...).split(range(n)))",
    ),
    (
        "sklearn.ShuffleSplit(n, n_iter=...)",
        "list(sklearn.model_selection.ShuffleSplit(n_iter, ...).split(range(n)))",
    ),
    (
        "sklearn.StratifiedKFold(y, n_folds=...)",
        "list(sklearn.model_selection.StratifiedKFold(n_folds, ...).split(y, y))",
    ),
    (
        "sklearn.StratifiedShuffleSplit(y, n_iter=...)",
        "list(sklearn.model_selection.StratifiedShuffleSplit(n_iter, ...).split(y, y))",
    ),
    ("ANY.get_feature_names()", "ANY.get_feature_names_out()"),
    ("networkx.info(G)", "str(G)"),
    (
        "networkx.connected_component_subgraphs(G)",
        "[G.subgraph(part).copy() for part in networkx.connected_components(G)]",
    ),
    (
        "networkx.weakly_connected_component_subgraphs(G)",
        "[G.subgraph(part).copy() for part in networkx.weakly_connected_components(G)]",
    ),
    (
        "networkx.strongly_connected_component_subgraphs(G)",
        "[G.subgraph(part).copy() for part in networkx.strongly_connected_components(G)]",
    ),
    (
        "networkx.biconnected_component_subgraphs(G)",
        "[G.subgraph(part).copy() for part in networkx.biconnected_components(G)]",
    ),
    ("GRAPH.node", "GRAPH.nodes"),
    ("GRAPH.edge", "GRAPH.adj"),
    ("ANY.nodes_iter(data)", "ANY.nodes(data=data)"),
    ("ANY.edges_iter(nbunch, data)", "ANY.edges(nbunch, data=data)"),
    ("ANY.degree_iter(nbunch)", "ANY.degree(nbunch)"),
    ("ANY.in_degree_iter(nbunch)", "ANY.in_degree(nbunch)"),
    ("ANY.out_degree_iter(nbunch)", "ANY.out_degree(nbunch)"),
    ("ANY.neighbors_iter(n)", "ANY.neighbors(n)"),
    ("ANY.predecessors_iter(n)", "ANY.predecessors(n)"),
    ("ANY.successors_iter(n)", "ANY.successors(n)"),
    ("ANY.adjacency_iter()", "ANY.adjacency()"),
    ("GRAPH.add_path(nodes)", "networkx.add_path(GRAPH, nodes)"),
    ("GRAPH.add_cycle(nodes)", "networkx.add_cycle(GRAPH, nodes)"),
    ("GRAPH.add_star(nodes)", "networkx.add_star(GRAPH, nodes)"),
    ("GRAPH.selfloop_edges()", "networkx.selfloop_edges(GRAPH)"),
    ("GRAPH.number_of_selfloops()", "networkx.number_of_selfloops(GRAPH)"),
    ("GRAPH.nodes_with_selfloops()", "networkx.nodes_with_selfloops(GRAPH)"),
    ("plotly.graph_objs.Data(items)", "items"),
    ("plotly.graph_objs.Annotations(items)", "items"),
    ("string.join(words, sep=' ')", "sep.join(words)"),
)
"""What another expression replaces."""
DROPPED = (
    *(
        "PLOT.hold",
        "FIGURE.hold",
        "numpy.hold",
        "ANY.xaxis.set_smart_bounds",
        "ANY.yaxis.set_smart_bounds",
    ),
    *("matplotlib.use", "matplotlib.pyplot.switch_backend", "COLORBAR.draw_all"),
    *("ANY.set_smart_bounds", "plotly.tools.set_credentials_file", "plotly.offline.sign_in"),
    *("plotly.plotly.sign_in", "plotly.tools.set_config_file"),
)
"""Calls, as statements of their own, that did what nothing does any more, or that choose a window
or file to draw to, which the one who runs the code does."""
_GONE_KEYS = """
animation.avconv_path animation.html_args axes.hold backend.qt4 backend.qt5 datapath
examples.directory keymap.all_axes legend.isaxes mathtext.fallback_to_cm nbagg.transparent pgf.debug
savefig.extension savefig.frameon savefig.jpeg_quality text.dvipnghack text.latex.preview
text.latex.unicode verbose.fileo verbose.level
"""
RC_KEYS = {
    "backend": "",
    "axes.color_cycle": "axes.prop_cycle",
    **dict.fromkeys(_GONE_KEYS.split(), ""),
}
"""Old parameter of matplotlib -> new, "" for removed ones."""
FREQUENCIES = {
    **{"A": "YE", "AS": "YS", "BA": "BYE", "BM": "BME", "BQ": "BQE", "BY": "BYE", "CBM": "CBME"},
    **{"H": "h", "L": "ms", "M": "ME", "N": "ns", "Q": "QE", "S": "s", "SM": "SME", "T": "min"},
    **{"U": "us", "Y": "YE"},
}
"""pandas' names of intervals before 2.2 -> since."""
