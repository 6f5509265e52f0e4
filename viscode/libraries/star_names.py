"""Which module a name comes from after `from matplotlib.pyplot import *` and the like.

No module is imported to find out: pyplot's functions are listed here (matplotlib 3.11), and any
other name comes from the other star import, if there is one. pylab is both pyplot and numpy.
"""

from collections.abc import Sequence

PYPLOT = "matplotlib.pyplot"
PYLAB_MODULE = "pylab"
PYLABS = ("matplotlib.pylab", PYLAB_MODULE)
NUMPY = "numpy"
PYPLOT_WORDS = """
acorr angle_spectrum annotate arrow autoscale autumn axes axhline axhspan axis axline axvline
axvspan bar bar_label barbs barh bone box boxplot broken_barh cla clabel clf clim close cohere
colorbar connect contour contourf cool copper csd delaxes disconnect draw draw_if_interactive ecdf
errorbar eventplot figimage figlegend fignum_exists figtext figure fill fill_between fill_betweenx
findobj flag gca gcf gci get get_cmap get_current_fig_manager get_figlabels get_fignums
get_plot_commands getp ginput gray grid grouped_bar hexbin hist hist2d hlines hot hsv imread
imsave imshow inferno install_repl_displayhook ioff ion isinteractive jet legend locator_params
loglog magma magnitude_spectrum margins matshow minorticks_off minorticks_on new_figure_manager
nipy_spectral pause pcolor pcolormesh phase_spectrum pie pie_label pink plasma plot polar prism
psd quiver quiverkey rc rc_context rcdefaults rgrids savefig sca scatter sci semilogx semilogy
set_cmap set_loglevel setp show specgram spring spy stackplot stairs stem step streamplot subplot
subplot2grid subplot_mosaic subplot_tool subplots subplots_adjust summer suptitle switch_backend
table text thetagrids tick_params ticklabel_format tight_layout title tricontour tricontourf
tripcolor triplot twinx twiny uninstall_repl_displayhook violinplot viridis vlines
waitforbuttonpress winter xcorr xkcd xlabel xlim xscale xticks ylabel ylim yscale yticks
"""
PYPLOT_NAMES = frozenset(PYPLOT_WORDS.split())


def star_source(name: str, modules: Sequence[str]) -> str:
    """The one of the star-imported `modules` that a name comes from, "" when none is known to have
    it. Of several unknown ones it is the last, which hides the others."""
    drawing = {PYPLOT, *PYLABS} & set(modules)
    if drawing and name in PYPLOT_NAMES:
        return PYPLOT
    others = [module for module in modules if module not in (PYPLOT, *PYLABS)]
    return others[-1] if others else ""


def without_pylab(path: str) -> str:
    """A dotted path with pylab replaced by pyplot or numpy."""
    module = next((m for m in PYLABS if path == m or path.startswith(f"{m}.")), "")
    if not module:
        return path
    first = path[len(module) + 1 :].partition(".")[0].removesuffix("()")
    home = NUMPY if first and first not in PYPLOT_NAMES else PYPLOT
    return home + path[len(module) :]
