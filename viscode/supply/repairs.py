"""What to change in values for each message of an error.

A table of messages, as the libraries write them, each with a function that changes the cells that
the failing statement uses. A function says whether it found anything to change.
"""

import re

from viscode.supply.case import SEQUENCES, WORDS, Case, Repair
from viscode.supply.repair_kinds import (
    accessor,
    date_format,
    every,
    first,
    not_a,
    not_subscriptable,
    numbers,
    operands,
    positive,
    truth,
)
from viscode.supply.repair_names import missing_name, missing_place, no_attribute
from viscode.supply.repair_sizes import longer, more_axes, reshaped, same_size, unpacked, with_axes


def repair(error_type: str, case: Case) -> bool:
    """Change the cells as the message says; whether anything was changed."""
    for kinds, pattern, change in TABLE:
        if kinds and error_type not in kinds.split():
            continue
        match = re.search(pattern, case.message)
        if match is not None and change(case, match):
            return True
    return False


TABLE: tuple[tuple[str, str, Repair], ...] = (
    ("KeyError", r"^(-?\d+)$", missing_place),
    ("KeyError", r"\[(.+)\] not in index|not found in axis", missing_name),
    ("KeyError", r"None of \[Index\(\[(.+?)\]", missing_name),
    ("KeyError", r"\[(.+)\] not found in axis", missing_name),
    ("KeyError", r"Column\(s\) \[(.+)\] do not exist|Columns? not found: (.+)", missing_name),
    ("KeyError", r"^(['\"].+['\"])$", missing_name),
    ("KeyError", r"^(.+)$", missing_name),
    ("", r"Could not interpret (?:value|input) (['\"`].+?['\"`]) for", missing_name),
    ("", r"is not the name of a column in .* but received: (\S+)", missing_name),
    ("UndefinedVariableError", r"name ('\w+') is not defined", missing_name),
    ("ValueError", r"^([^\W\d]\w*) is not in list", missing_name),
    ("AttributeError", r"^'([\w.]+)' object has no attribute '(\w+)'", no_attribute),
    ("AttributeError", r"Can only use \.dt accessor", accessor("date")),
    ("AttributeError", r"Can only use \.str accessor", accessor("text")),
    ("TypeError", r"'([\w.]+)' object is not subscriptable", not_subscriptable),
    ("TypeError", r"'([\w.]+)' object is not callable", not_a("function")),
    ("TypeError", r"'([\w.]+)' object is not iterable", not_a("array")),
    ("TypeError", r"non-iterable ([\w.]+) object", not_a("array")),
    ("TypeError", r"object of type '([\w.]+)' has no len", not_a("array")),
    ("TypeError", r"len\(\) of unsized object", first(("number", "integer", "unknown"), "array")),
    (
        "TypeError",
        r"indices must be integers.*not (?:'str'|str)",
        first(("list", "array"), "mapping"),
    ),
    ("TypeError", r"indices must be integers.*not .?tuple", first(("list",), "array")),
    ("TypeError", r"unhashable type: '([\w.]+)'", not_a("text")),
    ("TypeError", r"operand type\(s\) for \S+ '([\w.]+)' and '([\w.]+)'", operands),
    ("TypeError", r"bad operand type for \w+ \S+: '([\w.]+)'", operands),
    ("TypeError", r"not supported between instances of '([\w.]+)' and '([\w.]+)'", operands),
    ("TypeError", r"can only concatenate str \(not \"([\w.]+)\"\)", not_a("text")),
    ("TypeError", r"can only concatenate list \(not \"([\w.]+)\"\)", not_a("list")),
    ("TypeError", r"can't multiply sequence by non-int", every(("list",), "array")),
    ("TypeError", r"can't multiply sequence by non-int", every(("text",), "number")),
    ("TypeError", r"must be real number, not (\w+)", not_a("number")),
    ("TypeError", r"only (?:length-1|0-dimensional) arrays", first(SEQUENCES, "number")),
    ("TypeError", r"expected str, bytes or os.PathLike object, not (\w+)", not_a("text")),
    ("", r"'(float)' object cannot be interpreted as an integer", not_a("integer")),
    ("TypeError", r"slice indices must be integers", first(("number", "unknown"), "integer")),
    ("", r"only integer|must be an integer|integer is required", first(("number",), "integer")),
    ("TypeError", r"[Ii]mage data of dtype", numbers),
    ("TypeError", r"ufunc .* not supported for the input types", numbers),
    ("", r"no numeric data to plot|ould not convert string|agg function failed", numbers),
    (
        "",
        r"loop of ufunc does not support|dtype (?:<U|object|str)|[Uu]nable to parse string",
        numbers,
    ),
    ("", r"must be numeric|not numeric|numeric types|Cannot perform reduction", numbers),
    ("ValueError", r"invalid literal for int", first(("text", "unknown"), "integer")),
    ("", r"Invalid RGBA argument|not a valid (?:value for )?color", first(WORDS, "color")),
    ("ValueError", r"'c' argument must be a color|argument must be a color", numbers),
    (
        "ValueError",
        r"not a valid value for (?:cmap|name)|not a known colormap",
        first(WORDS, "colormap"),
    ),
    ("ValueError", r"does not match format '(.+?)'", date_format),
    (
        "",
        r"Unknown datetime string|not likely a datetime|Unknown string format",
        every(WORDS, "date"),
    ),
    ("ValueError", r"truth value of an? ", truth),
    ("ValueError", r"cannot reshape array of size \d+ into shape (\(.+\))", reshaped),
    ("ValueError", r"values to unpack \(expected (\d+)", unpacked),
    ("", r"Input z must be|must be 2-?D|2 dimensional|Expected 2D array", with_axes(2)),
    ("", r"Invalid shape .* for image data", with_axes(2)),
    ("", r"must be 1-?[Dd]|1-dimensional|1d array|no greater than 2D|too deep", with_axes(1)),
    ("IndexError", r"too many indices.*but (\d+) were", more_axes),
    ("IndexError", r"index (-?\d+) is out of bounds for axis (\d+)", longer),
    ("IndexError", r"out of range|out-of-bounds|out of bounds", longer),
    ("", r"same first dimension.*|same size.*|[Ss]hape mismatch.*|broadcast.*", same_size),
    ("", r"same length.*|[Ll]ength mismatch.*|does not match (?:length|the number).*", same_size),
    (
        "",
        r"inconsistent.*|must be of length.*|incompatible sizes.*|\d+.*does not match.*",
        same_size,
    ),
    ("", r"[Bb]oolean index did not match.*|must have the same.*|lengths must match.*", same_size),
    ("ZeroDivisionError", r"", positive),
    ("ValueError", r"math domain error|must be (?:strictly )?positive$", positive),
)
