"""Methods of models: fit, predict, transform."""

from viscode.supply.calculating import Apply, number, row
from viscode.supply.cells import AnyLink, Cell, Size, equal_sizes
from viscode.supply.drawing import Call
from viscode.supply.wanted import IN_A_ROW


def fitted(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    """`model.fit(X, y)` and what else takes samples."""
    given = [one.real() for one in call.arguments[:2]]
    samples = call.argument(0, "X")
    if samples is not None and not samples.real().path and not samples.is_scalar:
        _samples(samples)
        target = call.argument(1, "y")
        if (target is not None and target.real().inner is not None) or len(given) > 1:
            target = target if target is not None else given[1]
            if not target.is_scalar and not target.real().path:
                target.item()
                equal_sizes(samples.length(), target.length())
                target.near.append(samples)
    if call.name == "fit":
        found = cell.attributes.get("fit", Cell()).real()
        found.result = found.result or Cell()
        return cell if cell.path else found.result
    size = samples.length() if samples is not None and samples.is_sequence else Size()
    if call.name in ("predict", "fit_predict", "decision_function", "score_samples"):
        result = row(size)
        return _result_of(cell, call.name, result)
    if call.name in ("transform", "fit_transform", "predict_proba", "inverse_transform"):
        result = Cell(inner=Cell(inner=number(), size=Size()), size=size, votes={"array": 1})
        return _result_of(cell, call.name, result)
    return number()


def _samples(samples: Cell) -> None:
    if not samples.is_frame and samples.depth() < 2:
        if samples.real().role in IN_A_ROW:
            samples.item().length().value = 1
        samples.item().item()
    samples.scalar().vote("number", 1)
    samples.length().least = max(samples.length().least, 20)


def _result_of(cell: Cell, name: str, result: Cell) -> Cell:
    found = cell.attributes.get(name)
    if found is None or cell.path:
        return result
    found = found.real()
    found.uses.add("call")
    if found.result is None:
        found.result = result
    return found.result.real()
