"""Errors meant for the person at the terminal: one line that says what, where and what to do."""


class UserError(Exception):
    """A foreseeable failure of input, parameters or machine.

    A stage prints it as one line and exits with status 1; it never shows a traceback for it.
    """

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        self.what = what
        self.where = where
        self.todo = todo
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        advice = f" -> {self.todo}" if self.todo else ""
        return _printable(" ".join(f"{self.what}{place}{advice}".split()))


def _printable(text: str) -> str:
    """One line that any terminal takes: strangers' names and messages are part of it."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
