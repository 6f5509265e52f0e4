"""Links from the pages to files of the repository that are no pages of the site: their text stays,
as code, since the site may lie anywhere."""

import re

OUTSIDE = re.compile(r"\[([^\]]+)\]\((\.\./[^)]+)\)")


def on_page_markdown(markdown: str, **_: object) -> str:
    """Called by mkdocs for every page."""
    return OUTSIDE.sub(lambda link: f"{link[1]} (`{link[2].removeprefix('../')}`)", markdown)
