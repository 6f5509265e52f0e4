"""What is seen around the data of matplotlib axes: hidden axes and borders, names along an axis,
colour bars, backgrounds, axes that are shared, and the texts of the whole figure."""

from __future__ import annotations

import contextlib
from typing import Any

Entry = dict[str, Any]
NAMES_LIMIT = 50
SIDES = ("top", "right", "bottom", "left")
NAMING = ("StrCategoryFormatter", "FixedFormatter", "FuncFormatter")
PLACED = ("StrCategoryLocator", "FixedLocator")


def frame_of(axes: Any) -> Entry:
    """What can be read of it; what fails is left out."""
    found: Entry = {}
    for name, read in READERS.items():
        with contextlib.suppress(TypeError, ValueError, ArithmeticError, AttributeError, KeyError):
            found[name] = read(axes)
    return found


def hidden_of(axes: Any) -> str:
    """The axes of which nothing is drawn: "xy", "x", "y" or ""."""
    if not is_framed(axes):
        return "xy"
    return "".join(name for name in "xy" if not getattr(axes, f"{name}axis").get_visible())


def is_framed(axes: Any) -> bool:
    return bool(getattr(axes, "_axis3don", axes.axison))


def tickless_of(axes: Any) -> str:
    """The axes that are drawn without ticks."""
    axis = {name: getattr(axes, f"{name}axis") for name in "xy"}
    return "".join(n for n, one in axis.items() if one.get_visible() and has_no_ticks(one))


def second_of(axes: Any) -> str:
    """The axes that have a second scale at the other side."""
    sides = {str(getattr(one, "_orientation", "")) for one in axes.child_axes if is_scale(one)}
    return "".join(sorted(side for side in sides if side in ("x", "y")))


def is_scale(axes: Any) -> bool:
    """Whether it is a second scale along a side of its axes."""
    return hasattr(axes, "_functions")


def has_no_ticks(axis: Any) -> bool:
    locator = axis.get_major_locator()
    none = type(locator).__name__ == "NullLocator"
    return none or len(getattr(locator, "locs", (1,))) == 0


def open_sides(axes: Any) -> list[str]:
    """The sides without a border, where other sides have one or the axis is drawn."""
    if not axes.axison or axes.name != "rectilinear":
        return []
    spines = axes.spines
    return [side for side in SIDES if side in spines and not spines[side].get_visible()]


def shared_of(axes: Any) -> str:
    """The axes that it shares with others in another place: "xy", "x", "y" or ""."""
    twins = getattr(axes, "_twinned_axes", None)
    shared = ""
    for name in "xy":
        group = getattr(axes, f"get_shared_{name}_axes")().get_siblings(axes)
        others = [one for one in group if one is not axes and one in axes.figure.axes]
        if any(twins is None or not twins.joined(axes, one) for one in others):
            shared += name
    return shared


def names_of(axes: Any, name: str) -> list[str]:
    """The texts at fixed places along an axis, in the order of the axis; [] for numbers."""
    axis = getattr(axes, f"{name}axis")
    formatter, locator = axis.get_major_formatter(), axis.get_major_locator()
    if type(formatter).__name__ not in NAMING or type(locator).__name__ not in PLACED:
        return []
    if not axis.get_visible() or not is_framed(axes) or not labelled(axis):
        return []
    low, high = sorted(getattr(axes, f"get_{name}lim")())
    places = list(locator())[:NAMES_LIMIT]
    texts = formatter.format_ticks(places)
    pairs = ((float(p), str(t)) for p, t in zip(places, texts, strict=True))
    return [text for place, text in sorted(pairs) if low <= place <= high and text]


def labelled(axis: Any) -> bool:
    """Whether the labels of the ticks are drawn."""
    kw = getattr(axis, "_major_tick_kw", {})
    return bool(kw.get("label1On", True) or kw.get("label2On", False))


def rotation_of(axes: Any) -> float:
    """By how many degrees the labels of the x-axis are turned."""
    ticks = axes.xaxis.majorTicks
    turned = float(ticks[0].label1.get_rotation()) if ticks else 0.0
    shown = axes.xaxis.get_visible() and labelled(axes.xaxis) and not has_no_ticks(axes.xaxis)
    return turned if shown else 0.0


def background_of(owner: Any) -> str:
    """The colour behind the data, "" for white or none."""
    from matplotlib.colors import to_hex

    patch = owner.patch
    if not patch.get_visible() or patch.get_facecolor()[3] == 0:
        return ""
    color = str(to_hex(patch.get_facecolor()))
    return "" if color == "#ffffff" else color


def axes_background(axes: Any) -> str:
    return background_of(axes) if is_framed(axes) else ""


def annotations_of(axes: Any) -> list[str]:
    """The texts on axes, without the values of contours."""
    values = {id(text) for one in axes.collections for text in getattr(one, "labelTexts", ())}
    return [one.get_text() for one in axes.texts if one.get_text() and id(one) not in values]


def arrows_of(axes: Any) -> int:
    return sum(getattr(one, "arrow_patch", None) is not None for one in axes.texts)


def legend_title(axes: Any) -> str:
    legend = axes.get_legend()
    return legend.get_title().get_text() if legend else ""


def has_equal_scales(axes: Any) -> bool:
    return bool(axes.get_aspect() == 1.0)


READERS = {
    "hidden": hidden_of,
    "tickless": tickless_of,
    "second": second_of,
    "open_sides": open_sides,
    "shared": shared_of,
    "xnames": lambda axes: names_of(axes, "x"),
    "ynames": lambda axes: names_of(axes, "y"),
    "rotation": rotation_of,
    "background": axes_background,
    "arrows": arrows_of,
    "legend_title": legend_title,
    "equal_scales": has_equal_scales,
}


def bar_label(bar: Any) -> str:
    """The label of a colour bar, at its side or above it."""
    axes = bar.ax
    return str(axes.get_ylabel() or axes.get_xlabel() or axes.get_title())


def texts_of(figure: Any) -> Entry:
    """The labels and texts of a whole figure, and the colour behind it."""
    own = ("_suptitle", "_supxlabel", "_supylabel")
    labels = {name: getattr(figure, name, None) for name in own}
    texts = [one for one in figure.texts if one not in labels.values()]
    return {
        "xlabel": labels["_supxlabel"].get_text() if labels["_supxlabel"] else "",
        "ylabel": labels["_supylabel"].get_text() if labels["_supylabel"] else "",
        "texts": [t.get_text() for t in texts if t.get_text().strip()][:NAMES_LIMIT],
        "background": background_of(figure),
    }
