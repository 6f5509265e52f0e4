"""What functions that draw or calculate take: a role for each argument, by place and by keyword.

The roles are explained in `roles.py`. A function that is not here says nothing of its arguments.
"""


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


def _table(text: str) -> dict[str, tuple[str, ...]]:
    """Names before the colon, roles after it."""
    table: dict[str, tuple[str, ...]] = {}
    for line in text.strip().splitlines():
        names, _, roles = line.partition(":")
        table.update(dict.fromkeys(names.split(), tuple(roles.split())))
    return table


DRAWING = _table(
    """
    scatter: x y sizes colors
    bar: bars y width width
    barh: bars y width width
    errorbar: x y errors errors text
    fill_between: x y y mask
    fill_betweenx: y x x mask
    hist: values bins
    distplot: values bins
    hist2d: x y bins
    hexbin: x y colors
    boxplot violinplot: groups
    eventplot: groups
    pie: portions explode labels colors
    imshow matshow: image colormap
    spy: matrix
    quiver barbs: field_x field_y field field colors
    streamplot: mesh_x mesh_y field field
    stem: x y
    step: x y text
    stackplot: x layer layer layer layer layer
    plot_date: x y
    plot_surface plot_wireframe: grid grid grid
    plot_trisurf scatter3D plot3D: x y z
    bar3d: x y z number number number
    tricontour tricontourf tripcolor: x y z
    axhline axvline: number
    axhspan axvspan: number number
    hlines: positions number number
    vlines: positions number number
    text: number number text
    annotate: text pair pair
    title suptitle set_title xlabel ylabel zlabel set_xlabel set_ylabel set_zlabel: text
    xticks yticks: positions labels
    set_xticks set_yticks: positions labels
    set_xticklabels set_yticklabels: labels
    savefig: text
    legend: nothing labels
    set axis: nothing
    subplots: integer integer
    figure: integer
    psd specgram acorr magnitude_spectrum: wave integer number
    xcorr: x y
    ecdf: values
    """
)
LINES = words(
    """
    plot loglog semilogx semilogy fill polar plot3D step_line
    """
)
MESHES = frozenset({"contour", "contourf", "pcolormesh", "pcolor", "contour3D", "contourf3D"})
LIMITS = {
    "xlim": "x", "set_xlim": "x", "set_xlim3d": "x", "set_xbound": "x",
    "ylim": "y", "set_ylim": "y", "set_ylim3d": "y", "set_ybound": "y",
}  # fmt: skip
AXES_ROLES = frozenset({"title", "text", "number", "integer", "labels", "positions", "pair"})

KEYWORDS = _table(
    """
    alpha linewidth lw markersize ms fontsize rotation vmin vmax pad labelpad height_ratio: number
    linestyle ls marker fmt loc title label xlabel ylabel suptitle va ha verticalalignment: text
    horizontalalignment autopct fontweight fontname family name: text
    bins: bins
    color facecolor edgecolor ec fc markerfacecolor mfc markeredgecolor mec ecolor: color
    c colors: colors
    cmap: colormap
    s: sizes
    yerr xerr: errors
    figsize: pair
    ax: axes
    nrows ncols dpi zorder capsize nbins levels_count n_levels n_clusters n_components: integer
    random_state n_neighbors max_depth n_estimators epochs batch_size max_iter degree: integer
    labels tick_label ticklabels xticklabels yticklabels class_names: labels
    explode: explode
    weights: weights
    width height bottom left: width
    norm: nothing
    stacked grid density showfliers vert shadow inplace sharex sharey annot: flag
    """
)

ELEMENTWISE = words(
    """
    sin cos tan sinh cosh tanh exp exp2 expm1 log log2 log10 log1p sqrt cbrt abs absolute fabs
    round around rint floor ceil trunc square power sign deg2rad rad2deg radians degrees arcsin
    arccos arctan arctan2 arcsinh arccosh arctanh hypot maximum minimum clip isnan isfinite
    isinf nan_to_num real imag conj angle add subtract multiply divide true_divide mod remainder
    heaviside sinc expit logit gamma gammaln erf erfc logical_not logical_and logical_or fft
    ifft fftshift gaussian_filter gaussian_filter1d median_filter uniform_filter savgol_filter
    medfilt detrend zscore cumsum cumprod nancumsum negative float64 float32 int32 int64 asarray
    array sort sorted list tuple asanyarray ascontiguousarray copy reversed flip roll to_numeric
    hilbert filtfilt lfilter sosfiltfilt convolve1d unwrap nan_to_num minmax_scale scale
    normalize zeros_like ones_like full_like empty_like softmax sigmoid relu float int str abs
    tensor from_numpy as_tensor astype float_power interp pdf cdf ppf sf logpdf polyval
    """
)
"""By the last part of the name: the result has the shape of the arguments, item by item."""
RANGES: dict[str, tuple[float | None, float | None]] = {
    "log": (0.1, None), "log2": (0.1, None), "log10": (0.1, None), "sqrt": (0.0, None),
    "log1p": (0.0, None), "arcsin": (-1.0, 1.0), "arccos": (-1.0, 1.0), "arctanh": (-0.99, 0.99),
    "exp": (None, 5.0), "exp2": (None, 10.0), "factorial": (0.0, 10.0), "logit": (0.01, 0.99),
    "arccosh": (1.0, None), "gamma": (0.5, 8.0), "gammaln": (0.5, 50.0),
}  # fmt: skip
REDUCING = words(
    """
    mean sum std var min max amin amax median prod ptp average nanmean nanstd nanmax nanmin
    nansum nanmedian percentile quantile nanpercentile argmax argmin count_nonzero any all norm
    trapz trapezoid skew kurtosis sem mode simpson simps nunique count idxmax idxmin nanvar
    fmean mad
    """
)
ALIGNED_NUMBERS = words(
    """
    linregress pearsonr spearmanr kendalltau polyfit ttest_rel mean_squared_error r2_score
    corrcoef mean_absolute_error roc_curve roc_auc_score precision_recall_curve accuracy_score
    f1_score confusion_matrix classification_report precision_score recall_score
    calibration_curve auc UnivariateSpline interp1d CubicSpline splrep trapz simps trapezoid cov
    plot_confusion_matrix lowess make_interp_spline Akima1DInterpolator PchipInterpolator
    ConfusionMatrixDisplay
    """
)
"""Functions of two arrays of the same length."""
CLASSES = words(
    """
    confusion_matrix classification_report accuracy_score f1_score precision_score recall_score
    plot_confusion_matrix
    """
)
"""Those of them that take classes, as words or small integers."""
SEABORN_NAMES = words(
    """
    x y hue style size col row units weights color facet_col line_group
    """
)
"""Keywords that name columns of `data`, or are data themselves."""
CATEGORY_NAMES = words(
    """
    hue style col row color facet_col symbol
    """
)
FRAME_DRAWING = words(
    """
    lineplot scatterplot relplot catplot displot histplot kdeplot ecdfplot rugplot stripplot
    swarmplot boxplot violinplot boxenplot pointplot barplot countplot regplot lmplot residplot
    heatmap clustermap pairplot jointplot FacetGrid PairGrid JointGrid factorplot tsplot
    distplot scatter line bar histogram box violin area pie scatter_3d scatter_matrix
    density_heatmap strip treemap sunburst funnel choropleth scatter_geo scatter_mapbox
    parallel_coordinates imshow bubble ecdf timeline
    """
)
NUMBER_DRAWINGS = words(
    """
    histplot kdeplot regplot lmplot residplot scatterplot distplot ecdfplot
    """
)
"""Those of seaborn whose x is a number."""
