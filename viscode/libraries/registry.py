"""The plotting libraries: one entry each, and all that the program knows of it.

Detection, extraction, execution, instructions, the benchmark and its report read this module and
name no library themselves, but for a few that have a reason of their own: plotly's renderer and
facts reader, and what is particular to pandas' frames and matplotlib's axes. What draws by means of
another library counts as that one (mplfinance as matplotlib).

To add a library, add an entry; docs/extending.md says what else it may need.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

FactsReader = Literal["matplotlib", "plotly"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True, kw_only=True)
class Benchmarked:
    """What the benchmark's prompts and the protocol `paper` say of a library."""

    imports: str
    """The lines that import it, as a prompt spells them out."""
    forbids: str = ""
    """The library that its programs must not use, "" for none."""
    before: tuple[str, ...] = ("%matplotlib inline",)
    """Lines that the published harness puts before everything else in a cell."""
    after: tuple[str, ...] = ("plt.rcParams.update(plt.rcParamsDefault)",)
    """Lines that it puts at the end, in the program's own namespace."""
    paper_table: int | None = None
    """The paper's table with the results of this library."""


@dataclass(frozen=True, kw_only=True)
class PlottingLibrary:
    """`name` is what records, parameters and metrics call it."""

    name: str

    # Detection: which calls draw (libraries/detect.py, libraries/scan.py).
    roots: tuple[str, ...] = ()
    """Top-level modules all of whose functions draw, but for those in `setup`."""
    setup: frozenset[str] = frozenset()
    """Attributes that configure it or give data and colors, and draw nothing themselves."""
    helpers: tuple[str, ...] = ()
    """Top-level modules of which some functions draw: those whose path `helper_draws` finds."""
    helper_draws: str = ""
    """A pattern over the rest of the path, after the top-level module: "api.qqplot"."""
    helper_methods: str = ""
    """The same over the names in a call on an object of unknown type: "result.plot_hist"."""
    helper_words: tuple[str, ...] = ()
    """Each text in which a helper draws contains one of these; a fast check."""
    helper_text: str = ""
    """A pattern that matches in each such text; a stricter check."""
    frames: bool = False
    """Its data frames draw (libraries/detect.py)."""
    frame_methods: Mapping[str, str] = field(default_factory=dict)
    """Top-level module that gives data frames a method which draws -> that method."""
    marks: frozenset[str] = frozenset()
    """Methods that put something on the picture, whatever the receiver is."""
    prepares: frozenset[str] = frozenset()
    """Names that make, arrange, label, show, save or close a picture and put nothing on it."""
    prepares_under: tuple[str, ...] = ()
    """How the paths of things begin that are made first and put on a picture by another call."""
    shows_given: tuple[str, ...] = ()
    """Functions that draw if they are given data as a list or dict, and else show what a name
    holds that was drawn before; with a dot at the end, beginnings of paths."""
    starred: frozenset[str] = frozenset()
    """Names that draw where `from LIBRARY import *` hides where they come from, beside `marks`."""

    # What code means by names and arguments.
    aliases: Mapping[str, str] = field(default_factory=dict)
    """What names customarily stand for: fragments of code leave out their imports."""
    datasets: tuple[str, ...] = ()
    """How the paths of functions begin that hand out example data frames."""
    fetches: tuple[str, ...] = ()
    """Functions that need the network."""

    # Execution: how a figure is shown and read.
    figure_mime: str = ""
    """MIME type under which a display holds a figure as plotly's JSON, which execution/render.py
    draws; "" where displays hold an image."""
    facts: FactsReader | Literal[""] = ""
    """The reader of its figures' facts, "" for none. matplotlib's reads inside the sandbox, others
    read the data under `figure_mime` (execution/verdict.py)."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Environment variables that make it display its figures."""

    benchmark: Benchmarked | None = None
    """None where the benchmark does not ask for it."""


MATPLOTLIB = PlottingLibrary(
    name="matplotlib",
    roots=(
        *("matplotlib", "mpl_toolkits", "pylab", "mplfinance", "mpl_finance", "matplotlib_venn"),
        *("missingno", "scikitplot", "joypy", "yellowbrick"),
    ),
    setup=_words(
        """__version__ cbook close cm colormaps colors datasets dates font_manager fignum_exists
        get_backend get_cachedir get_cmap get_configdir get_data_path get_figlabels get_fignums
        interactive ioff ion is_interactive isinteractive make_marketcolors make_mpf_style
        matplotlib_fname path rc rcdefaults rcParams rcParamsDefault rc_context set_loglevel style
        switch_backend testing ticker transforms use"""
    ),
    helpers=("statsmodels", "sklearn", "scipy"),  # sm.qqplot, plot_tree, dendrogram
    helper_draws=r"(?:^|\.)(?:(?:\w*Display|graphics)(?:\.|$)|(?:dendrogram|plot_\w*|qqplot\w*|\w*plot"
    r"|\w*_plot_2d)$)",
    helper_methods=r"Display(?:\.|$)|(?:^|\.)plot_\w*$",
    helper_words=("plot", "Display", "dendrogram", "graphics"),
    helper_text=r"plot(?!\w)|plot_(?<!\wplot_)|qqplot|_plot_2d|Display(?!\w)|dendrogram|graphics",
    marks=_words(
        """acorr add_artist add_collection add_image add_line add_patch angle_spectrum annotate
        arrow axhline axhspan axline axvline axvspan bar bar3d barbs barh boxplot broken_barh bxp
        cohere contour contour3D contourf contourf3D csd ecdf errorbar eventplot fill fill_between
        fill_betweenx hexbin hist hist2d hlines imshow loglog magnitude_spectrum matshow pcolor
        pcolorfast pcolormesh phase_spectrum pie plot plot3D plot_date plot_surface plot_trisurf
        plot_wireframe polar psd quiver scatter scatter3D semilogx semilogy specgram spy stackplot
        stairs stem step streamplot table text tricontour tricontourf tripcolor triplot violin
        violinplot vlines voxels xcorr"""
    ),
    prepares=_words(
        """Axes3D Figure GridSpec GridSpecFromSubplotSpec PdfPages add_axes add_gridspec
        add_subplot append_axes autoscale autoscale_view axes axis cla clear clf close colorbar
        draw_if_interactive figlegend figure gca gcf grid inset_axes ioff ion label_outer legend
        locator_params make_axes_locatable margins minorticks_off minorticks_on pause rc rcParams
        relim savefig sca show subplot subplot2grid subplot_mosaic subplots subplots_adjust
        suptitle supxlabel supylabel switch_backend tick_params ticklabel_format tight_layout
        title twinx twiny use view_init xlabel xlim xscale xticks ylabel ylim yscale yticks zlabel
        zlim"""
    ),
    prepares_under=(
        *("matplotlib.collections.", "matplotlib.lines.", "matplotlib.offsetbox."),
        *("matplotlib.patches.", "matplotlib.text."),
    ),
    starred=_words("axes figure show subplot subplots"),
    aliases={"plt": "matplotlib.pyplot", "mpl": "matplotlib"},
    facts="matplotlib",
    benchmark=Benchmarked(
        imports="import matplotlib.pyplot as plt", forbids="seaborn", paper_table=4
    ),
)
SEABORN = PlottingLibrary(
    name="seaborn",
    roots=("seaborn",),
    setup=_words(
        """__version__ axes_style blend_palette cm color_palette crayon_palette cubehelix_palette
        dark_palette desaturate despine diverging_palette get_dataset_names hls_palette
        husl_palette light_palette load_dataset mpl_palette plotting_context reset_defaults
        reset_orig set set_color_codes set_context set_hls_values set_palette set_style set_theme
        xkcd_palette xkcd_rgb"""
    ),
    prepares=_words("FacetGrid JointGrid PairGrid despine"),
    aliases={"sns": "seaborn"},
    datasets=("seaborn.load_dataset",),
    fetches=("seaborn.load_dataset",),
    facts="matplotlib",
    benchmark=Benchmarked(  # it draws with matplotlib, so that nothing is forbidden
        imports="import matplotlib.pyplot as plt\nimport seaborn as sns",
        after=("plt.rcParams.update(plt.rcParamsDefault)", "sns.reset_orig()"),
        paper_table=5,
    ),
)
PLOTLY = PlottingLibrary(
    name="plotly",
    roots=("plotly", "plotly_express", "chart_studio", "cufflinks"),
    setup=_words(
        """__version__ colors data datagen go_offline go_online init_notebook_mode kaleido
        renderers set_config_file set_credentials_file templates"""
    ),
    frame_methods={"cufflinks": "iplot"},
    marks=_words(
        """add_annotation add_bar add_box add_heatmap add_histogram add_pie add_scatter add_shape
        add_trace add_traces add_violin"""
    ),
    prepares=_words("Figure FigureWidget Layout init_notebook_mode make_subplots"),
    shows_given=("Figure", "FigureWidget", "plotly.offline.", "plotly.plotly.", "plotly.io."),
    starred=_words("Figure"),
    aliases={"px": "plotly.express", "go": "plotly.graph_objects"},
    datasets=("plotly.express.data.", "plotly.data."),
    figure_mime="application/vnd.plotly.v1+json",
    facts="plotly",
    environment={"PLOTLY_RENDERER": "plotly_mimetype"},
    benchmark=Benchmarked(
        imports="import plotly.express as px\nimport plotly.graph_objects as go",
        forbids="matplotlib",
        before=("import plotly.io as pio", 'pio.renderers.default = "png"'),
        after=(),
        paper_table=6,
    ),
)
LIBRARIES: tuple[PlottingLibrary, ...] = (
    MATPLOTLIB,
    SEABORN,
    PLOTLY,
    PlottingLibrary(
        name="altair",
        roots=("altair",),
        setup=_words("__version__ data_transformers renderers themes"),
        prepares=_words("configure_axis properties save"),
        starred=_words("Chart"),
    ),
    PlottingLibrary(
        name="bokeh",
        roots=("bokeh",),
        setup=_words(
            "__version__ output_file output_notebook palettes reset_output sampledata settings"
        ),
        prepares=_words(
            """ColumnDataSource column export_png figure gridplot output_file output_notebook row
            save show"""
        ),
        starred=_words("figure show"),
    ),
    PlottingLibrary(
        name="holoviews",
        roots=("holoviews", "geoviews", "hvplot"),
        setup=_words("__version__ Store extension notebook_extension renderer"),
        frame_methods={"hvplot": "hvplot"},
    ),
    PlottingLibrary(
        name="networkx",
        helpers=("networkx",),
        helper_draws=r"(?:^|\.)draw\w*$",
        helper_words=("draw",),
        helper_text=r"draw(?<!\wdraw)",
        facts="matplotlib",
    ),
    PlottingLibrary(
        name="pandas",
        frames=True,
        setup=_words("deregister_matplotlib_converters plot_params register_matplotlib_converters"),
        aliases={"pd": "pandas"},
        facts="matplotlib",
    ),
    PlottingLibrary(
        name="plotnine",
        roots=("plotnine",),
        setup=_words("__version__ data options theme_set"),
        prepares=_words("ggsave labs save_as_pdf_pages theme"),
        starred=_words("ggplot"),
    ),
    PlottingLibrary(name="pygal", roots=("pygal",), setup=_words("__version__ Config style")),
)

BY_NAME = {one.name: one for one in LIBRARIES}
BENCHMARKED = {one.name: one.benchmark for one in LIBRARIES if one.benchmark is not None}
"""Those that the benchmark asks for, in the order of the paper's tables."""
ENVIRONMENT = {k: v for one in LIBRARIES for k, v in one.environment.items()}
ROOTS = {root: one for one in LIBRARIES for root in one.roots}
HELPERS = {helper: one for one in LIBRARIES for helper in one.helpers}
FRAME_ROOTS = tuple(one.name for one in LIBRARIES if one.frames)
FRAME_SETUP = frozenset().union(*(one.setup for one in LIBRARIES if one.frames))
FRAME_METHODS = {k: v for one in LIBRARIES for k, v in one.frame_methods.items()}
BY_MODULE = {**ROOTS, **HELPERS, **{name: BY_NAME[name] for name in FRAME_ROOTS}}
MODULES = frozenset(BY_MODULE)
"""Every top-level module whose import can mean plotting."""
DRAWING_NAMES = frozenset().union(*(one.marks for one in LIBRARIES))
PREPARES = frozenset().union(*(one.prepares for one in LIBRARIES))
STARRED = DRAWING_NAMES.union(*(one.starred for one in LIBRARIES))
CUSTOMARY = {"np": "numpy"} | {k: v for one in LIBRARIES for k, v in one.aliases.items()}
"""What these names mean where nothing binds them."""
PREPARES_UNDER = tuple(path for one in LIBRARIES for path in one.prepares_under)
SHOWS_GIVEN = tuple(path for one in LIBRARIES for path in one.shows_given)
FETCHES = tuple(path for one in LIBRARIES for path in one.fetches)
DATASETS = tuple(path for one in LIBRARIES for path in one.datasets)
DATASET_ROOTS = frozenset(path.partition(".")[0] for path in DATASETS)
FIGURE_MIMES = {one.figure_mime: one for one in LIBRARIES if one.figure_mime}
