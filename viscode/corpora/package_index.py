"""Source distributions from a package index, fetched once.

The index is the one that pip is set to use. pip itself is not asked: to fetch a source distribution
it runs the project's build. The Simple API (PEP 503, PEP 691) names the file, the list's sha256
says whether it is the right one.
"""

import ast
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import httpx2

from viscode.core.errors import UserError

ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"
SUFFIXES = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
ARCHIVE_BYTES = 1 << 30
TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Project:
    """One release, as the list pins it. `licence` as SPDX writes it. `folders`: names of those that
    show how it is used, `*` for all; empty where they are called as is customary."""

    name: str
    version: str
    sha256: str
    licence: str
    folders: frozenset[str] = frozenset()


class PackageIndex:
    """`folder` keeps the archives by their sha256. A fetch that was cut short goes on where it
    stopped, if the server can; what is complete is never asked for again."""

    def __init__(self, url: str, folder: Path, ca_bundle: str = "") -> None:
        self.url, self.folder, self._ca_bundle = url.rstrip("/"), folder, ca_bundle

    def __enter__(self) -> "PackageIndex":
        verify = self._ca_bundle or True
        self._http = httpx2.Client(follow_redirects=True, timeout=TIMEOUT_S, verify=verify)
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def archive(self, project: Project) -> Path:
        """The project's source distribution on this machine.

        Raises:
            UserError: the index does not answer, has no such release, or its file is another one.
        """
        target = self.folder / project.sha256
        if not target.exists():
            what = f"{project.name} {project.version}"
            try:
                self._fetch(self._address(project), target, what)
            except (httpx2.HTTPError, httpx2.InvalidURL) as error:
                raise UserError(
                    f"{what} could not be fetched: {error or type(error).__name__}",
                    where=self.url,
                    todo="run the stage again: what came is kept",
                ) from error
        return target

    def _address(self, project: Project) -> str:
        name = re.sub(r"[-_.]+", "-", project.name).lower()
        page = self._http.get(f"{self.url}/{name}/", headers={"Accept": ACCEPT})
        page.raise_for_status()
        for address in _links(page):
            file = unquote(urlsplit(address).path).rpartition("/")[2]
            if _is_release(file, name, project.version):
                return urljoin(str(page.url), address)
        raise UserError(
            f"the index has no source distribution of {project.name} {project.version}",
            where=self.url,
            todo="correct its line in the list",
        )

    def _fetch(self, address: str, target: Path, what: str) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".part")
        there = partial.stat().st_size if partial.exists() else 0
        headers = {"Range": f"bytes={there}-"} if there else {}
        with self._http.stream("GET", address, headers=headers) as answer:
            if answer.status_code != httpx2.codes.RANGE_NOT_SATISFIABLE:
                answer.raise_for_status()
                goes_on = answer.status_code == httpx2.codes.PARTIAL_CONTENT
                with partial.open("ab" if goes_on else "wb") as stream:
                    for chunk in answer.iter_raw():
                        stream.write(chunk)
                        if stream.tell() > ARCHIVE_BYTES:
                            break
        with partial.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != target.name:
            partial.unlink()
            raise UserError(
                f"{what} has the sha256 {found}, not that of the list",
                where=address,
                todo="correct its line in the list if you trust the index",
            )
        partial.replace(target)


def pip_index(folder: Path) -> PackageIndex:
    """The index of pip's own settings, its variables included; else the one that it asks where
    nothing is set."""
    settings: dict[str, str] = {}
    for line in _said_by_python("-m", "pip", "config", "list").splitlines():
        key, _, value = line.partition("=")
        with suppress(ValueError, SyntaxError):
            settings[key] = str(ast.literal_eval(value))

    def setting(name: str) -> str:
        sections = (":env:", "download", "global")
        return next((found for s in sections if (found := settings.get(f"{s}.{name}"))), "")

    default = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    url = setting("index-url") or _said_by_python("-c", default).strip()
    return PackageIndex(url, folder, setting("cert"))


def _said_by_python(*arguments: str) -> str:
    """What a program prints that runs in this environment, in a process of its own."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _links(page: httpx2.Response) -> Iterator[str]:
    if "json" in page.headers.get("content-type", ""):
        yield from (str(file["url"]) for file in page.json()["files"])
    else:
        anchors = _Anchors()
        anchors.feed(page.text)
        yield from anchors.found


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and (address := dict(attrs).get("href")):
            self.found.append(address)


def _is_release(file: str, name: str, version: str) -> bool:
    """Whether a file is named as the source distribution of a release: the name in any of the
    forms that were allowed over the years."""
    stem = next((file.removesuffix(end) for end in SUFFIXES if file.endswith(end)), "")
    project, _, release = stem.rpartition("-")
    return release == version and re.sub(r"[-_.]+", "-", project).lower() == name
