"""Whether a block with supplied values still says something of its source."""

import ast
import re
from collections.abc import Iterator

from viscode.core.records import Execution
from viscode.execution import facts
from viscode.execution.facts import FigureFacts
from viscode.extract.figures import FigureCalls
from viscode.extract.touching import (
    Function,
    Import,
    bound_by_import,
    changed_by_call,
    free_names,
    parameters,
    read,
    stored,
    touched,
    walk,
)
from viscode.text.python_text import parse

WORD = re.compile(r"[^\W_]+")


def says_nothing(own: str, names: tuple[str, ...], execution: Execution) -> bool:
    """Whether all that a block draws was supplied, and no text of the figure is the source's.

    `own` are the block's lines without those that supply the values of `names`. A text is the
    source's where a word of it stands in these lines, in a string or as an attribute or keyword:
    not the column of a supplied frame that only a supplied line names, which pandas or seaborn then
    write on an axis, and not the "Count" that they write themselves. Where the facts of a figure
    are not known, it may say something.
    """
    figures, tree = facts.as_list(execution.facts), parse(own)
    if None in figures or not isinstance(tree, ast.Module):
        return False
    texts = {text for one in figures if one is not None for text in _texts(one)}
    return not _is_of_source(texts, tree) and _draws_supplied(tree, set(names))


def _texts(figure: FigureFacts) -> Iterator[str]:
    """What the figure shows as text."""
    yield from (figure.suptitle, figure.xlabel, figure.ylabel, *figure.legend, *figure.texts)
    for axes in figure.axes:
        yield from (axes.title, axes.xlabel, axes.ylabel, axes.zlabel)
        yield from (axes.colorbar_label, axes.legend_title, *axes.legend)
        yield from (*axes.annotations, *axes.xnames, *axes.ynames)


def _is_of_source(texts: set[str], tree: ast.Module) -> bool:
    """Whether one of the texts, or a word of it, stands in the code."""
    nodes = walk(tree)
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    stands = set[str]()
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            stands.add(node.value)
        elif isinstance(node, ast.keyword) and node.arg:
            stands.add(node.arg)
        elif isinstance(node, ast.Attribute) and id(node) not in called:
            stands.add(node.attr)
    words = {word for text in stands for word in _words(text)}
    return any(text.strip() and (text in stands or words & _words(text)) for text in texts)


def _words(text: str) -> set[str]:
    """The words of a text, numbers left out."""
    return {word.casefold() for word in WORD.findall(text) if not word.isdecimal()}


def _draws_supplied(tree: ast.Module, names: set[str]) -> bool:
    """Whether each call that puts something on the figure takes what hangs on these names."""
    calls = FigureCalls(tree)
    nodes = walk(tree)
    modules = {name for one in nodes if isinstance(one, Import) for name in bound_by_import(one)}
    hanging = _hanging(tree, names) - calls.holders - modules
    for node in nodes:
        if isinstance(node, ast.Call) and any(one.marks for one in calls.drawings.of(node)):
            given = [*node.args, *(one.value for one in node.keywords)]
            data = read(node.func) - calls.holders - modules - calls.functions.keys()
            is_data = bool(data) or not all(isinstance(one, ast.Constant) for one in given)
            if is_data and not data.union(*map(read, given)) & hanging:
                return False
    return True


def _hanging(tree: ast.Module, names: set[str]) -> set[str]:
    """The names, and all whose values hang on theirs: through assignments, loops, functions."""
    nodes = walk(tree)
    functions = {one.name: one for one in nodes if isinstance(one, Function)}
    flows = [(free_names(one), {one.name}) for one in functions.values()]
    for node in nodes:
        match node:
            case ast.For() | ast.AsyncFor() | ast.comprehension():
                flows.append((read(node.iter), set(stored(node.target))))
            case ast.withitem(optional_vars=ast.expr() as target):
                flows.append((read(node.context_expr), set(stored(target))))
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Expr():
                made = touched(node)
                flows.append((made.reads, made.binds | made.changes | changed_by_call(node)))
            case ast.Call(func=ast.Name(id=name)) if name in functions:
                flows.append((read(node), set(parameters(functions[name].args))))
    found, size = set(names), -1
    while size != len(found):
        size = len(found)
        for reads, binds in flows:
            if reads & found:
                found |= binds
    return found
