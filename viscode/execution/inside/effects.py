"""What importing a module does to other modules, for vault.py: {name: (undo, redo)}.

Each function takes the module and a mapping of modules by name in which to find the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Effect = Callable[[Any, Mapping[str, Any]], None]


def nothing(module: Any, modules: Mapping[str, Any]) -> None:
    pass


def forget_colormaps(module: Any, modules: Mapping[str, Any]) -> None:
    for name in colormap_names(module):
        modules["matplotlib"].colormaps.unregister(name)


def register_colormaps(module: Any, modules: Mapping[str, Any]) -> None:
    for name in colormap_names(module):
        modules["matplotlib"].colormaps.register(getattr(module, name), name=name)


def colormap_names(module: Any) -> list[str]:
    return [name for base in module._lut_dict for name in (base, f"{base}_r")]


def remember_settings(module: Any, modules: Mapping[str, Any]) -> None:
    """seaborn.reset_orig goes back to the settings at the time of its import."""
    module._orig_rc_params = modules["matplotlib"].rcParams.copy()


def leave_shell(module: Any, modules: Mapping[str, Any]) -> None:
    """pyplot's import registers a callback with IPython's shell."""
    module._viscode_hooked = module._REPL_DISPLAYHOOK is module._ReplDisplayHook.IPYTHON
    module.uninstall_repl_displayhook()


def join_shell(module: Any, modules: Mapping[str, Any]) -> None:
    if module._viscode_hooked:
        module.install_repl_displayhook()


EFFECTS: dict[str, tuple[Effect, Effect]] = {
    "matplotlib.pyplot": (leave_shell, join_shell),
    "seaborn.cm": (forget_colormaps, register_colormaps),
    "seaborn": (nothing, remember_settings),
}
