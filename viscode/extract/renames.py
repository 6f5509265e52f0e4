"""Names that newer releases renamed or moved, each with the name that their documentation gives
instead: of functions, classes, constants, and modules with all that is in them.

The versions are those of envs/plots.lock. A name that still works there is listed where a later
release drops it and its successor is the same thing. extract/modernise.py applies the table;
extract/changed_calls.py has what changed about calls.
"""


def _renamed(old: str, new: str, pairs: str) -> dict[str, str]:
    """Old path -> new one, of pairs like "Inf>inf" that stand below the paths `old` and `new`."""
    split = (pair.split(">") for pair in pairs.split())
    return {f"{old}.{before}": f"{new}.{after}".strip(".") for before, after in split}


def _moved(old: str, new: str, names: str) -> dict[str, str]:
    """Old path -> new one, of names that stand below `new` now."""
    return _renamed(old, new, " ".join(f"{name}>{name}" for name in names.split()))


def _merged(home: str, modules: str) -> dict[str, str]:
    """Modules below `home` whose names are its own now."""
    return {f"{home}.{module}": home for module in modules.split()}


_PYTHON = {
    "basestring": "str",
    "cPickle": "pickle",
    "file": "open",
    "cStringIO.StringIO": "io.StringIO",
    "fractions.gcd": "math.gcd",
    "itertools.ifilter": "filter",
    "itertools.imap": "map",
    "itertools.izip": "zip",
    "itertools.izip_longest": "itertools.zip_longest",
    "long": "int",
    "os.getcwdu": "os.getcwd",
    "raw_input": "input",
    "reduce": "functools.reduce",
    "string.letters": "string.ascii_letters",
    "string.lowercase": "string.ascii_lowercase",
    "string.maketrans": "str.maketrans",
    "string.uppercase": "string.ascii_uppercase",
    "StringIO.StringIO": "io.StringIO",
    "sys.maxint": "sys.maxsize",
    "time.clock": "time.perf_counter",
    "unichr": "chr",
    "unicode": "str",
    "xrange": "range",
    **_moved("urllib2", "urllib.request", "Request build_opener install_opener urlopen"),
    **_moved("urllib2", "urllib.error", "HTTPError URLError"),
    **_moved("urllib", "urllib.request", "urlopen urlretrieve"),
    **_moved("urllib", "urllib.parse", "quote quote_plus unquote urlencode"),
    **_moved(
        "collections",
        "collections.abc",
        """Callable Hashable Iterable Iterator Mapping MutableMapping MutableSequence Sequence
        Set Sized""",
    ),
}
_NUMPY = {  # 1.20, 1.24 and 2.0
    **_moved("numpy", "", "bool complex float int object str"),
    **_renamed("numpy", "", "long>int unicode>str"),
    **_renamed(
        "numpy",
        "numpy",
        """Inf>inf Infinity>inf NAN>nan NaN>nan PINF>inf alltrue>all bool8>bool_
        complex_>complex128 cumproduct>cumprod float_>float64 in1d>isin infty>inf int0>intp
        mat>asmatrix product>prod random.ranf>random.random_sample rank>ndim round_>round
        row_stack>vstack sometrue>any string_>bytes_ typeDict>sctypeDict unicode_>str_""",
    ),
}
_SCIPY = {  # 0.19 to 1.15
    **_moved(
        "scipy",
        "numpy",
        """abs absolute add all allclose amax amin angle any append arange arccos arcsin arctan
        arctan2 argmax argmin argsort around array asarray average bincount ceil complex64
        complex128 concatenate conj convolve copy corrcoef correlate cos cosh cov cross cumprod
        cumsum deg2rad degrees delete diag diff digitize divide dot dstack e empty exp expand_dims
        expm1 eye fabs fliplr flipud float32 float64 floor fromfile full genfromtxt gradient
        hanning histogram histogram2d hstack hypot identity imag inf int32 int64 interp intersect1d
        isfinite isinf isnan linspace loadtxt log log10 log1p log2 logical_and logical_not
        logical_or logspace mat matrix max maximum mean median meshgrid mgrid min minimum mod
        multiply nan nan_to_num nanmax nanmean nanmin newaxis nonzero ogrid ones ones_like outer
        percentile pi poly1d polyfit polyval power prod ptp rad2deg radians random ravel real
        repeat reshape roll rot90 round save savetxt setdiff1d shape sign sin sinc sinh size sort
        split sqrt square squeeze stack std subtract sum take tan tanh tile trace transpose tril
        triu uint8 union1d unique unravel_index unwrap var vectorize vstack where zeros
        zeros_like""",
    ),
    **_moved("scipy", "numpy.random", "rand randn"),
    **_moved("scipy.misc", "scipy.special", "comb factorial factorial2 logsumexp"),
    **_moved("scipy.misc", "scipy.datasets", "ascent electrocardiogram face"),
    **_moved("scipy.misc", "matplotlib.pyplot", "imread imsave"),
    **_moved("scipy.ndimage", "matplotlib.pyplot", "imread"),
    **_moved("scipy.stats", "numpy", "nanmean nanmedian nanstd"),
    **_moved(
        "scipy.signal",
        "scipy.signal.windows",
        """barthann bartlett blackman blackmanharris bohman boxcar chebwin cosine exponential
        flattop gaussian general_gaussian hamming hann kaiser nuttall parzen triang tukey""",
    ),
    **_renamed("scipy.signal", "scipy.signal.windows", "hanning>hann"),
    **_renamed("scipy.integrate", "scipy.integrate", "cumtrapz>cumulative_trapezoid"),
    **_renamed("scipy.integrate", "scipy.integrate", "trapz>trapezoid simps>simpson"),
    **_renamed("scipy.linalg", "scipy.linalg", "pinv2>pinv"),
    **_renamed(
        "scipy.stats",
        "scipy.stats",
        """frechet_l>weibull_max frechet_r>weibull_min gilbrat>gibrat
        median_absolute_deviation>median_abs_deviation""",
    ),
    **_merged("scipy.integrate", "odepack quadpack"),
    **_merged("scipy.interpolate", "fitpack2 interpolate rbf"),
    **_merged("scipy.ndimage", "filters interpolation measurements morphology"),
    **_merged("scipy.optimize", "minpack optimize"),
    **_merged("scipy.signal", "filter_design fir_filter_design ltisys signaltools spectral"),
    **_merged("scipy.stats", "distributions kde stats"),
}
_COLORMAPS = """
Vega10>tab10 Vega20>tab20 Vega20b>tab20b Vega20c>tab20c spectral>nipy_spectral
spectral_r>nipy_spectral_r
"""
_MATPLOTLIB = {  # 1.5 to 3.11
    "matplotlib.cbook.dedent": "inspect.cleandoc",
    "matplotlib.cbook.iterable": "numpy.iterable",
    "mpl_toolkits.axes_grid": "mpl_toolkits.axes_grid1",
    **_renamed("matplotlib.cm", "matplotlib.cm", _COLORMAPS),
    **_renamed("matplotlib.pyplot.cm", "matplotlib.pyplot.cm", _COLORMAPS),
    **_moved("matplotlib.cm", "matplotlib.pyplot", "get_cmap"),
    **_moved("matplotlib.pyplot.cm", "matplotlib.pyplot", "get_cmap"),
    **_renamed("matplotlib.pyplot", "matplotlib.pyplot", "spectral>nipy_spectral"),
    **_renamed("matplotlib.mlab", "numpy", "frange>arange load>loadtxt prctile>percentile"),
    **_renamed("matplotlib.mlab", "numpy", "save>savetxt"),
    **_merged("matplotlib.style", "core"),
    **_merged("matplotlib.tri", "tricontour triangulation tripcolor trirefine"),
}
_SEABORN = {  # 0.8 to 0.13
    "seaborn.apionly": "seaborn",
    "seaborn.lvplot": "seaborn.boxenplot",
    "seaborn.plt": "matplotlib.pyplot",
    **_merged("seaborn", "linearmodels timeseries"),
}
_PANDAS = {  # 0.18 to 3.0
    "pandas.datetime": "datetime.datetime",
    "pandas.np": "numpy",
    "pandas.core.common.isnull": "pandas.isnull",
    "pandas.io.json.json_normalize": "pandas.json_normalize",
    "pandas.plotting._converter.register": "pandas.plotting.register_matplotlib_converters",
    "pandas.tools.plotting": "pandas.plotting",
    "pandas.tseries.converter.register": "pandas.plotting.register_matplotlib_converters",
    "pandas.util.testing": "pandas.testing",
    **_moved("pandas", "pandas.plotting", "andrews_curves plot_params scatter_matrix"),
    **_merged("pandas", "core.frame core.series tools.merge tslib"),
    **_renamed(
        "pandas",
        "pandas",
        """Float64Index>Index Int64Index>Index TimeSeries>Series UInt64Index>Index
        lib.Timestamp>Timestamp ordered_merge>merge_ordered""",
    ),
}
_SKLEARN = {  # 0.17 to 1.7
    **_merged("sklearn.cluster", "affinity_propagation_ bicluster birch dbscan_ hierarchical"),
    **_merged("sklearn.cluster", "k_means_ mean_shift_ optics_ spectral"),
    **_merged("sklearn.covariance", "elliptic_envelope empirical_covariance_ graph_lasso_"),
    **_merged("sklearn.covariance", "robust_covariance shrunk_covariance_"),
    **_merged("sklearn.cross_decomposition", "cca_ pls_"),
    **_merged("sklearn.datasets", "base california_housing lfw olivetti_faces"),
    **_merged("sklearn.datasets", "samples_generator twenty_newsgroups"),
    **_merged("sklearn.decomposition", "factor_analysis fastica_ incremental_pca kernel_pca nmf"),
    **_merged("sklearn.decomposition", "online_lda pca sparse_pca truncated_svd"),
    **_merged("sklearn.ensemble", "bagging forest gradient_boosting iforest voting"),
    **_merged("sklearn.ensemble", "voting_classifier weight_boosting"),
    **_merged("sklearn.feature_selection", "from_model rfe univariate_selection"),
    **_merged("sklearn.feature_selection", "variance_threshold"),
    **_merged("sklearn.gaussian_process", "gpc gpr"),
    **_merged("sklearn.linear_model", "base bayes coordinate_descent huber least_angle logistic"),
    **_merged("sklearn.linear_model", "omp perceptron ransac ridge stochastic_gradient theil_sen"),
    **_merged("sklearn.manifold", "isomap locally_linear mds spectral_embedding_ t_sne"),
    **_merged("sklearn.metrics", "classification ranking regression scorer"),
    **_merged("sklearn.metrics.cluster", "supervised unsupervised"),
    **_merged("sklearn.mixture", "base bayesian_mixture gaussian_mixture"),
    **_merged("sklearn.neighbors", "base classification kde lof nearest_centroid regression"),
    **_merged("sklearn.neighbors", "unsupervised"),
    **_merged("sklearn.neural_network", "multilayer_perceptron rbm"),
    **_merged("sklearn.preprocessing", "data imputation label"),
    **_merged("sklearn.semi_supervised", "label_propagation"),
    **_merged("sklearn.svm", "base bounds classes"),
    **_merged("sklearn.tree", "export tree"),
    "sklearn.cross_validation": "sklearn.model_selection",
    "sklearn.cross_validation.LeaveOneLabelOut": "sklearn.model_selection.LeaveOneGroupOut",
    "sklearn.cross_validation.LeavePLabelOut": "sklearn.model_selection.LeavePGroupsOut",
    "sklearn.externals.joblib": "joblib",
    "sklearn.grid_search": "sklearn.model_selection",
    "sklearn.learning_curve": "sklearn.model_selection",
    "sklearn.lda.LDA": "sklearn.discriminant_analysis.LinearDiscriminantAnalysis",
    "sklearn.preprocessing.Imputer": "sklearn.impute.SimpleImputer",
    "sklearn.qda.QDA": "sklearn.discriminant_analysis.QuadraticDiscriminantAnalysis",
    "sklearn.utils.testing": "sklearn.utils._testing",
    **_renamed("sklearn.covariance", "sklearn.covariance", "GraphLasso>GraphicalLasso"),
    **_renamed("sklearn.covariance", "sklearn.covariance", "GraphLassoCV>GraphicalLassoCV"),
    **_renamed("sklearn.datasets", "sklearn.datasets", "fetch_mldata>fetch_openml"),
    **_renamed("sklearn.decomposition", "sklearn.decomposition", "ProbabilisticPCA>PCA"),
    **_renamed("sklearn.decomposition", "sklearn.decomposition", "RandomizedPCA>PCA"),
    **_renamed("sklearn.mixture", "sklearn.mixture", "GMM>GaussianMixture"),
    **_renamed(
        "sklearn.metrics",
        "sklearn.metrics",
        """calinski_harabaz_score>calinski_harabasz_score jaccard_similarity_score>jaccard_score
        plot_confusion_matrix>ConfusionMatrixDisplay.from_estimator
        plot_det_curve>DetCurveDisplay.from_estimator
        plot_precision_recall_curve>PrecisionRecallDisplay.from_estimator
        plot_roc_curve>RocCurveDisplay.from_estimator""",
    ),
    **{
        f"sklearn.{old}.plot_partial_dependence": (
            "sklearn.inspection.PartialDependenceDisplay.from_estimator"
        )
        for old in ("inspection", "ensemble.partial_dependence")
    },
}
_NETWORKX = _renamed(  # 2.0 to 3.0
    "networkx",
    "networkx",
    """OrderedDiGraph>DiGraph OrderedGraph>Graph adj_matrix>adjacency_matrix
    bellman_ford>bellman_ford_predecessor_and_distance edge_betweenness>edge_betweenness_centrality
    from_numpy_matrix>from_numpy_array from_pandas_dataframe>from_pandas_edgelist
    from_scipy_sparse_matrix>from_scipy_sparse_array graphviz_layout>nx_agraph.graphviz_layout
    hits_numpy>hits hits_scipy>hits normalized_laplacian>normalized_laplacian_matrix
    pagerank_numpy>pagerank pagerank_scipy>pagerank to_numpy_matrix>to_numpy_array
    to_pandas_dataframe>to_pandas_adjacency to_scipy_sparse_matrix>to_scipy_sparse_array""",
)
_PLOTLY = {  # 3 to 6
    "plotly.plotly": "plotly.offline",
    "plotly.tools.FigureFactory": "plotly.figure_factory",
    "plotly.tools.make_subplots": "plotly.subplots.make_subplots",
    **_moved(
        "plotly.graph_objs",
        "plotly.graph_objs.layout",
        "Annotation Legend Margin Scene XAxis YAxis",
    ),
    **_moved("plotly.graph_objs", "plotly.graph_objs.scatter", "ErrorX ErrorY Line Marker"),
}
_STATSMODELS = {  # 0.8 to 0.14
    "statsmodels.tsa.arima_model.ARIMA": "statsmodels.tsa.arima.model.ARIMA",
    **_renamed(
        "statsmodels.formula.api",
        "statsmodels.formula.api",
        """GLM>glm GLS>gls Logit>logit MNLogit>mnlogit OLS>ols Poisson>poisson Probit>probit
        RLM>rlm WLS>wls""",
    ),
    **_renamed(
        "statsmodels.stats.diagnostic",
        "statsmodels.stats.diagnostic",
        "het_breushpagan>het_breuschpagan",
    ),
}
PATHS = {
    **_PYTHON,
    **_NUMPY,
    **_SCIPY,
    **_MATPLOTLIB,
    **_SEABORN,
    **_PANDAS,
    **_SKLEARN,
    **_NETWORKX,
    **_PLOTLY,
    **_STATSMODELS,
}
"""Old dotted path -> new."""
_SHEETS = """
bright colorblind dark dark-palette darkgrid deep muted notebook paper pastel poster talk ticks
white whitegrid
"""
STYLES = {
    "seaborn": "seaborn-v0_8",
    **{f"seaborn-{name}": f"seaborn-v0_8-{name}" for name in _SHEETS.split()},
}
"""Of matplotlib's style sheets, since 3.6."""
COLORMAPS = dict(pair.split(">") for pair in _COLORMAPS.split())
"""Of matplotlib's color maps, since 2.2."""
GONE_MODULES = frozenset(
    {
        *("StringIO", "cStringIO", "urllib2", "plotly.plotly", "sklearn.lda", "sklearn.qda"),
        *("sklearn.externals.six", "matplotlib.finance", "matplotlib.nxutils", "pandas.tools"),
    }
)
HOMES = (
    *("collections.abc", "datetime", "functools", "inspect", "io", "itertools", "math", "pickle"),
    *("string", "sys", "time", "urllib.error", "urllib.parse", "urllib.request"),
    *("numpy", "numpy.random", "scipy.datasets", "scipy.integrate", "scipy.interpolate"),
    *("scipy.ndimage", "scipy.signal", "scipy.signal.windows", "scipy.special", "scipy.stats"),
    *("matplotlib", "matplotlib.cm", "matplotlib.pyplot", "matplotlib.style", "matplotlib.tri"),
    *("seaborn", "pandas", "pandas.plotting", "joblib", "networkx"),
    *("plotly.figure_factory", "plotly.graph_objs", "plotly.offline", "plotly.subplots"),
    *("sklearn.discriminant_analysis", "sklearn.impute", "sklearn.inspection", "sklearn.metrics"),
    *("sklearn.model_selection", "statsmodels.formula.api", "statsmodels.graphics.tsaplots"),
    *("statsmodels.stats.diagnostic", "statsmodels.tsa.arima.model", "os"),
)
"""Modules that new names are imported from; the longest that a path begins with counts."""
