"""What importing a module does to other modules, for vault.py: {name: (undo, redo)}.

Each function takes the module and a mapping of modules by name in which to find the others.
"""


def nothing(module, modules):
    pass


def forget_colormaps(module, modules):
    for name in colormap_names(module):
        modules["matplotlib"].colormaps.unregister(name)


def register_colormaps(module, modules):
    for name in colormap_names(module):
        modules["matplotlib"].colormaps.register(getattr(module, name), name=name)


def colormap_names(module):
    return [name for base in module._lut_dict for name in (base, f"{base}_r")]


def remember_settings(module, modules):
    """seaborn.reset_orig goes back to the settings at the time of its import."""
    module._orig_rc_params = modules["matplotlib"].rcParams.copy()


def leave_shell(module, modules):
    """pyplot's import registers a callback with IPython's shell."""
    module._viscode_hooked = module._REPL_DISPLAYHOOK is module._ReplDisplayHook.IPYTHON
    module.uninstall_repl_displayhook()


def join_shell(module, modules):
    if module._viscode_hooked:
        module.install_repl_displayhook()


EFFECTS = {
    "matplotlib.pyplot": (leave_shell, join_shell),
    "seaborn.cm": (forget_colormaps, register_colormaps),
    "seaborn": (nothing, remember_settings),
}
