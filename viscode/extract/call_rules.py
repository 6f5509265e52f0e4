"""Rules of extract/changed_calls.py, applied to a call: which function it is a call of, and what
takes its place."""

import ast
import copy
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from viscode.extract.changed_calls import (
    KEYWORDS,
    OWNERS,
    POSITIONS,
    REPLACED,
    VALUES,
    Keyword,
    Positions,
    Value,
)
from viscode.extract.editing import BUILTINS, Editor, again, last_name


def is_named(editor: Editor, node: ast.expr, function: str) -> bool:
    """Whether an expression is what `function` names (changed_calls.py says how)."""
    owner, _, rest = function.partition(".")
    if owner not in OWNERS:
        path = editor.path(node)
        if path == function:
            return True
        spread = "." not in rest and path.startswith(f"{owner}.") and "()" not in path
        return spread and path.rpartition(".")[2] == rest
    if owner == "PLOT" and editor.path(node) == f"matplotlib.pyplot.{rest}":
        return True
    object_ = below(node, rest)
    if object_ is None:
        return False
    if owner == "ANY":
        return rest.rpartition(".")[2] not in editor.own_functions
    kind = editor.known_methods.get(rest) or editor.kind(object_)
    return kind == ("AXES" if owner == "PLOT" else owner)


def is_exactly(editor: Editor, node: ast.expr, function: str) -> bool:
    """The same, where a name of two parts is of the module itself."""
    methods = function.partition(".")[0] in OWNERS
    return is_named(editor, node, function) if methods else editor.path(node) == function


def below(node: ast.expr, names: str) -> ast.expr | None:
    """What an expression is the attribute, or attributes, `names` of."""
    for name in reversed(names.split(".")):
        if not isinstance(node, ast.Attribute) or node.attr != name:
            return None
        node = node.value
    return node


def label(function: str) -> str:
    """A function's name as edits spell it."""
    owner, _, rest = function.partition(".")
    return f"{OWNERS[owner]}.{rest}".strip(".") if owner in OWNERS else function


@dataclass(frozen=True)
class Replacement:
    """An entry of REPLACED, taken apart. `needed`: keywords that a call must give, each with the
    values that it may have, `...` for all."""

    function: str
    called: bool
    parameters: tuple[str, ...]
    needed: dict[str, list[object]]
    defaults: dict[str, ast.expr]
    new: ast.expr
    name: str


def _replacement(old: str, new: str) -> Replacement:
    pattern, result = (ast.parse(text, mode="eval").body for text in (old, new))
    called = isinstance(pattern, ast.Call)
    function = ast.unparse(pattern.func) if isinstance(pattern, ast.Call) else old
    keywords = pattern.keywords if isinstance(pattern, ast.Call) else []
    positional = pattern.args if isinstance(pattern, ast.Call) else []
    given = {one.arg or "": one.value for one in keywords}
    needed = {name: found for name, value in given.items() if (found := _needed(value))}
    plain = isinstance(result, ast.Call) and _dotted(result.func)
    text = (_dotted(result.func) if isinstance(result, ast.Call) and plain else "") or new
    owner = function.partition(".")[0]
    if owner in OWNERS:
        text = text.replace(f"{owner}.", f"{OWNERS[owner]}." if OWNERS[owner] else "")
    return Replacement(
        function=function,
        called=called,
        parameters=(*map(last_name, positional), *given),
        needed=needed,
        defaults={name: value for name, value in given.items() if name not in needed},
        new=result,
        name=f"{label(function)} -> {text}",
    )


def _needed(value: ast.expr) -> list[object]:
    """The constants that a keyword of a pattern may have; none where it is a default."""
    if isinstance(value, ast.List):
        return [one.value for one in value.elts if isinstance(one, ast.Constant)]
    return [...] if isinstance(value, ast.Constant) and value.value is Ellipsis else []


@dataclass
class _Rules:
    keywords: list[tuple[str, Keyword]]
    values: list[tuple[str, Value]]
    positions: list[tuple[str, Positions]]
    replaced: list[Replacement]


@cache
def rules() -> dict[str, _Rules]:
    """Last name of a function -> the rules for it."""
    found: defaultdict[str, _Rules] = defaultdict(lambda: _Rules([], [], [], []))
    for keyword in KEYWORDS:
        for function in keyword.functions.split():
            found[_last(function)].keywords.append((function, keyword))
    for value in VALUES:
        for function in value.functions.split():
            found[_last(function)].values.append((function, value))
    for positions in POSITIONS:
        for function in positions.functions.split():
            found[_last(function)].positions.append((function, positions))
    for old, new in REPLACED:
        one = _replacement(old, new)
        found[_last(one.function)].replaced.append(one)
    return dict(found)


def _last(function: str) -> str:
    return function.rpartition(".")[2]


def edit_call(editor: Editor, call: ast.Call, name: str) -> None:
    """Change a call's keywords, values and positions, in place."""
    known = rules().get(name)
    if known is None:
        return
    for function, positions in known.positions:
        if is_named(editor, call.func, function):
            _name_positions(editor, call, positions, function)
    for function, keyword in known.keywords:
        given = any(one.arg == keyword.old for one in call.keywords)
        if given and is_named(editor, call.func, function):
            _rename_keyword(editor, call, keyword, name)
    for function, value in known.values:
        if is_named(editor, call.func, function):
            _revalue(editor, call, value, name)


def _name_positions(editor: Editor, call: ast.Call, rule: Positions, function: str) -> None:
    names = rule.parameters.split()
    given = {one.arg for one in call.keywords}
    if rule.moved and not (len(call.args) > 1 or (call.args and rule.moved in given)):
        return
    extra = call.args[rule.allowed :]
    if not extra or len(call.args) > len(names):
        return
    new = names[rule.allowed : len(call.args)]
    if any(isinstance(one, ast.Starred) for one in call.args) or given.intersection(new):
        return
    del call.args[rule.allowed :]
    call.keywords[:0] = [ast.keyword(n, v) for n, v in zip(new, extra, strict=True)]
    editor.note(f"{label(function)}: {', '.join(new)} by keyword")


def _rename_keyword(editor: Editor, call: ast.Call, rule: Keyword, name: str) -> None:
    there = any(one.arg == rule.new for one in call.keywords)
    if rule.new and not there:
        for one in call.keywords:
            if one.arg == rule.old:
                one.arg = rule.new
        editor.note(f"{name}: {rule.old} -> {rule.new}")
        return
    call.keywords = [one for one in call.keywords if one.arg != rule.old]
    editor.note(f"{name}: dropped {rule.old}")


def _revalue(editor: Editor, call: ast.Call, rule: Value, name: str) -> None:
    found = [one.value for one in call.keywords if one.arg == rule.keyword]
    if rule.keyword == "0":
        found = call.args[:1]
    for value in found:
        if isinstance(value, ast.Constant) and value.value == rule.old:
            value.value = rule.new  # type: ignore[assignment]
            editor.note(f"{name}: {rule.old!r} -> {rule.new!r}")


def replacement_of(editor: Editor, node: ast.expr, name: str) -> ast.expr | None:
    """What takes the place of a call, or of an attribute that is not called; None where nothing
    has to."""
    known = rules().get(name)
    for rule in known.replaced if known else ():
        called = isinstance(node, ast.Call)
        if rule.called is not called:
            continue
        function = node.func if isinstance(node, ast.Call) else node
        if not is_named(editor, function, rule.function):
            continue
        new = _replaced(editor, node, function, rule)
        if new is not None:
            editor.note(rule.name)
            return new
    return None


def _replaced(
    editor: Editor, node: ast.expr, function: ast.expr, rule: Replacement
) -> ast.expr | None:
    bound = _bound(node, rule) if isinstance(node, ast.Call) else ({}, [])
    if bound is None:
        return None
    given, further = bound
    owner, _, rest = rule.function.partition(".")
    if owner in OWNERS and (object_ := below(function, rest)) is not None:
        given[owner] = object_
    elif owner == "PLOT":
        given[owner] = ast.Name("plt", ast.Load())
    filling = _Filling(editor, rule, given)
    new = filling.filled(copy.deepcopy(rule.new))
    if new is None:
        return None
    receiver = filling.open_call or new
    if isinstance(receiver, ast.Call):
        there = {one.arg for one in receiver.keywords}
        receiver.keywords += [one for one in further if one.arg is None or one.arg not in there]
    elif further:
        return None
    return filling.settled(new)


def _bound(
    call: ast.Call, rule: Replacement
) -> tuple[dict[str, ast.expr], list[ast.keyword]] | None:
    """Parameter -> argument, and the keywords that are none of the parameters."""
    if len(call.args) > len(rule.parameters):
        return None
    if any(isinstance(one, ast.Starred) for one in call.args):
        return None
    given = dict(rule.defaults)
    given.update(zip(rule.parameters, call.args, strict=False))
    further: list[ast.keyword] = []
    for one in call.keywords:
        if one.arg in rule.parameters:
            given[one.arg] = one.value
        else:
            further.append(one)
    for name, values in rule.needed.items():
        value = given.get(name)
        if value is None or (... not in values and getattr(value, "value", None) not in values):
            return None
    return given, further


class _Filling:
    """A replacement's expression while arguments take the places of its parameters."""

    def __init__(self, editor: Editor, rule: Replacement, given: dict[str, ast.expr]) -> None:
        self.editor = editor
        self.open = (set(rule.parameters) | OWNERS.keys()) - given.keys()
        self.given = given
        self.placed: set[str] = set()
        self.open_call: ast.Call | None = None  # which has `...` for what an old call has beyond
        self.inside: set[int] = set()  # what comes from the script itself, by id
        inner = (node for node in ast.walk(rule.new) if isinstance(node, ast.Name))
        self.local = {node.id for node in inner if isinstance(node.ctx, ast.Store)} | BUILTINS

    def filled(self, node: ast.expr) -> ast.expr | None:
        """The expression with what was left out gone; None where it is needed."""
        if isinstance(node, ast.Name) and node.id in self.given:
            value = self.given[node.id]
            new = again(value) if node.id in self.placed else value
            self.placed.add(node.id)
            self.inside.update(map(id, ast.walk(new)))
            return new
        if isinstance(node, ast.Name) and node.id in self.open:
            return None
        if isinstance(node, ast.Call):
            self._open(node)
            while node.args and last_name(node.args[-1]) in self.open:
                node.args.pop()
            node.keywords = [one for one in node.keywords if not self._left_out(one.value)]
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                new_value = self.filled(value)
                if new_value is None:
                    return None
                setattr(node, field, new_value)
            elif isinstance(value, list):
                for place, one in enumerate(value):
                    if not self._fill_part(value, place, one):
                        return None
        return node

    def _open(self, node: ast.Call) -> None:
        last = node.args[-1] if node.args else None
        if isinstance(last, ast.Constant) and last.value is Ellipsis:
            node.args.pop()
            self.open_call = node

    def _fill_part(self, parts: list[ast.AST], place: int, one: ast.AST) -> bool:
        if isinstance(one, ast.expr):
            new = self.filled(one)
            if new is None:
                return False
            parts[place] = new
        elif isinstance(one, ast.keyword | ast.comprehension):
            field = "value" if isinstance(one, ast.keyword) else "iter"
            new = self.filled(getattr(one, field))
            if new is None:
                return False
            setattr(one, field, new)
        return True

    def _left_out(self, value: ast.expr) -> bool:
        return any(isinstance(one, ast.Name) and one.id in self.open for one in ast.walk(value))

    def settled(self, new: ast.expr) -> ast.expr:
        """With the dotted names of the rule spelled as in this script."""
        return _Settler(self).visit(new)  # type: ignore[no-any-return]


class _Settler(ast.NodeTransformer):
    def __init__(self, filling: _Filling) -> None:
        self.filling = filling

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        path = _dotted(node, self.filling.inside)
        root = path.partition(".")[0]
        if not path or root in self.filling.local:
            self.generic_visit(node)
            return node
        return self.filling.editor.reference(path)


def _dotted(node: ast.expr, inside: frozenset[int] | set[int] = frozenset()) -> str:
    """The text of an attribute of names alone, none of which is in `inside`; "" for others."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or id(node) in inside:
        return ""
    return ".".join((node.id, *reversed(names)))
