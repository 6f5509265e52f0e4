"""Names by which plotting is told: modules, what only configures them, and words of drawing.

Plain tables, read by the scan of the text (`scan`) and of the tree (`libraries`). Ten libraries
are told apart; what draws by means of one of them counts as that one.
"""

ROOTS = {
    "matplotlib": "matplotlib",
    "mpl_toolkits": "matplotlib",
    "pylab": "matplotlib",
    "mplfinance": "matplotlib",
    "mpl_finance": "matplotlib",
    "matplotlib_venn": "matplotlib",
    "missingno": "matplotlib",
    "scikitplot": "matplotlib",
    "joypy": "matplotlib",
    "yellowbrick": "matplotlib",
    "seaborn": "seaborn",
    "plotly": "plotly",
    "plotly_express": "plotly",
    "chart_studio": "plotly",
    "cufflinks": "plotly",
    "bokeh": "bokeh",
    "altair": "altair",
    "plotnine": "plotnine",
    "holoviews": "holoviews",
    "geoviews": "holoviews",
    "hvplot": "holoviews",
    "pygal": "pygal",
}
"""Top-level module -> plotting library. pandas and networkx are told by what they call."""

SETUP = {
    "matplotlib": frozenset(
        {
            "__version__",
            "cbook",
            "close",
            "cm",
            "colormaps",
            "colors",
            "datasets",
            "dates",
            "font_manager",
            "fignum_exists",
            "get_backend",
            "get_cachedir",
            "get_cmap",
            "get_configdir",
            "get_data_path",
            "get_figlabels",
            "get_fignums",
            "interactive",
            "ioff",
            "ion",
            "is_interactive",
            "isinteractive",
            "make_marketcolors",
            "make_mpf_style",
            "matplotlib_fname",
            "path",
            "rc",
            "rcdefaults",
            "rcParams",
            "rcParamsDefault",
            "rc_context",
            "set_loglevel",
            "style",
            "switch_backend",
            "testing",
            "ticker",
            "transforms",
            "use",
        }
    ),
    "seaborn": frozenset(
        {
            "__version__",
            "axes_style",
            "blend_palette",
            "cm",
            "color_palette",
            "crayon_palette",
            "cubehelix_palette",
            "dark_palette",
            "desaturate",
            "despine",
            "diverging_palette",
            "get_dataset_names",
            "hls_palette",
            "husl_palette",
            "light_palette",
            "load_dataset",
            "mpl_palette",
            "plotting_context",
            "reset_defaults",
            "reset_orig",
            "set",
            "set_color_codes",
            "set_context",
            "set_hls_values",
            "set_palette",
            "set_style",
            "set_theme",
            "xkcd_palette",
            "xkcd_rgb",
        }
    ),
    "plotly": frozenset(
        {
            "__version__",
            "colors",
            "data",
            "datagen",
            "go_offline",
            "go_online",
            "init_notebook_mode",
            "kaleido",
            "renderers",
            "set_config_file",
            "set_credentials_file",
            "templates",
        }
    ),
    "bokeh": frozenset(
        {
            "__version__",
            "output_file",
            "output_notebook",
            "palettes",
            "reset_output",
            "sampledata",
            "settings",
        }
    ),
    "altair": frozenset({"__version__", "data_transformers", "renderers", "themes"}),
    "plotnine": frozenset({"__version__", "data", "options", "theme_set"}),
    "holoviews": frozenset({"__version__", "Store", "extension", "notebook_extension", "renderer"}),
    "pygal": frozenset({"__version__", "Config", "style"}),
}
"""Attributes that configure a library or give data and colours, and draw nothing themselves."""

STARRED = frozenset(
    {
        "axes",
        "bar",
        "barh",
        "boxplot",
        "contour",
        "contourf",
        "errorbar",
        "figure",
        "fill",
        "fill_between",
        "ggplot",
        "hexbin",
        "hist",
        "hist2d",
        "imshow",
        "loglog",
        "matshow",
        "pcolor",
        "pcolormesh",
        "pie",
        "plot",
        "plot_surface",
        "polar",
        "quiver",
        "scatter",
        "semilogx",
        "semilogy",
        "show",
        "specgram",
        "stackplot",
        "stem",
        "step",
        "streamplot",
        "subplot",
        "subplots",
        "violinplot",
        "Chart",
        "Figure",
    }
)
"""Names that mark drawing where `from LIBRARY import *` hides where they come from."""

DRAWERS = ("statsmodels", "sklearn", "scipy")
"""Packages that draw on matplotlib themselves: `sm.qqplot`, `plot_tree`, `dendrogram`."""
FRAME_ROOTS = ("pandas",)
"""Packages whose frames draw: `df.plot()`."""

FRAME_SETUP = frozenset(
    {
        "deregister_matplotlib_converters",
        "plot_params",
        "register_matplotlib_converters",
    }
)
"""What `pandas.plotting` offers that draws nothing."""

FRAME_METHODS = {"hvplot": "hvplot", "cufflinks": "iplot"}
"""Package that gives frames a method which draws -> that method."""

KNOWN = frozenset({*ROOTS, *DRAWERS, *FRAME_ROOTS, "networkx"})
"""Every top-level module whose import can mean plotting."""

CUSTOMARY = {
    "np": "numpy",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "mpl": "matplotlib",
    "sns": "seaborn",
    "px": "plotly.express",
    "go": "plotly.graph_objects",
}
"""What these names mean where nothing binds them: fragments leave out their imports."""
