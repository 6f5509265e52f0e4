"""The report's pages in headless Chromium, opened from the disk, with 1,500 samples
(bench/report.py measures search and size with 5,000)."""

import json
import shutil
import threading
from importlib.metadata import files
from statistics import median
from urllib.parse import unquote, urldefrag

import pytest
from chromium import browser, executable
from many_samples import KINDS, TRICKY, many, tricky
from report_samples import HOSTILE, write_unmade

from viscode.cli.serve import server
from viscode.core import tables
from viscode.core.records import ChatSample
from viscode.report.build import build_report
from viscode.report.listings import LIMIT, visible

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        executable() is None,
        reason="no Chromium here: apt-get install chromium, or put chromium on PATH",
    ),
]
SAMPLES = 1_500  # several files of texts, and two folders of pictures
SEARCH_MS = 200
# types into the search field; the value is how long it takes until the next frame is laid out
TYPE = """(async words => {{
  const field = document.getElementById("search"), begun = performance.now();
  field.value = words;
  field.dispatchEvent(new Event("input"));
  document.body.offsetHeight;
  const took = performance.now() - begun;
  await new Promise(done => setTimeout(done));
  return took;
}})({words})"""
CHOOSE = """(label => {{
  const select = [...document.querySelectorAll("#facets label")]
    .find(found => found.firstChild.textContent === label).querySelector("select");
  const begun = performance.now();
  select.value = {value};
  select.dispatchEvent(new Event("change"));
  document.body.offsetHeight;
  return performance.now() - begun;
}})({label})"""
FOUND = "document.getElementById('found').textContent"
DETAIL_OPEN = "document.getElementById('detail').open"
SEARCHABLE = "document.body.dataset.searchable === 'all'"


@pytest.fixture(scope="module")
def samples():
    return [*many(SAMPLES - len(TRICKY)), *tricky()]


@pytest.fixture(scope="module")
def root(finished, samples, tmp_path_factory, places):
    """The finished run with many samples, and its report."""
    root = shutil.copytree(finished, tmp_path_factory.mktemp("site") / "project")
    tables.write_table(root / "data/viscode", ChatSample, samples)
    write_unmade(root)
    build_report(places(root), samples=SAMPLES, rejected=100, workers=2)
    return root


@pytest.fixture(scope="module")
def report(root):
    return root / "report"


@pytest.fixture(scope="module")
def page():
    with browser() as opened:
        yield opened


@pytest.fixture(autouse=True)
def no_errors(page):
    page.errors.clear()
    yield
    assert page.errors == []


def address(path):
    return path.resolve().as_uri()


@pytest.fixture
def samples_page(page, report):
    page.open(address(report / "site/samples.html"))
    return page


def pages_of(report):
    return sorted(report.rglob("*.html"))


@pytest.mark.parametrize("width", [1200, 390])
def test_every_image_loads_and_nothing_is_wider_than_the_page(page, report, width):
    for path in pages_of(report):
        page.open(address(path), width=width)
        page.run("for (const image of document.images) image.loading = 'eager'")
        page.until("[...document.images].every(image => image.complete)")
        assert page.run("[...document.images].filter(image => !image.naturalWidth).length") == 0
        assert page.run("document.documentElement.scrollWidth <= innerWidth"), path.name
    assert page.run("document.images.length") >= 0


def test_links_resolve(page, report):
    found, anchors = set(), {}
    for path in pages_of(report):
        page.open(address(path))
        anchors[address(path)] = set(
            page.run("[...document.querySelectorAll('[id]')].map(e => e.id)")
        )
        found |= {(path.name, link) for link in page.run("[...document.links].map(a => a.href)")}
    assert len(found) > 40
    for name, link in found:
        if not link.startswith("file:"):
            assert link.startswith("https://"), (name, link)
            continue
        target, fragment = urldefrag(link)
        assert target in anchors, (name, link)
        assert "=" in fragment or not fragment or unquote(fragment) in anchors[target], (name, link)


def searched(samples, *words):
    """How many samples hold all the words, counted without the page."""
    texts = (
        " ".join([m.content for m in s.messages] + [s.origin.path, s.licence, s.source]).lower()
        for s in samples
    )
    return sum(all(word in text for word in words) for text in texts)


def typed(page, words):
    return page.run(TYPE.format(words=json.dumps(words)))


def test_search_in_many_samples(samples_page, samples):
    page = samples_page
    typed(page, "u")
    page.until(SEARCHABLE)
    times = []
    for words, expected in [
        ("unique_1234", searched(samples, "unique_1234")),
        ("violin plot", searched(samples, "violin", "plot")),
        ('"a violin plot"', searched(samples, "a violin plot")),
        ("RESIDUAL forecast mit", searched(samples, "residual", "forecast", "mit")),
        ("e", searched(samples, "e")),
        ("src/plot_77.py", 1),
        ("no such words", 0),
        ("", SAMPLES),
    ]:
        times.append(typed(page, words))
        assert page.run(FOUND) == f"{expected:,} of {SAMPLES:,} samples", words
    assert median(times) < SEARCH_MS  # one may have waited for a processor
    assert page.run("document.getElementById('nothing').hidden")


def test_filters_on_many_samples(samples_page, samples):
    page = samples_page
    drawn = [s for s in samples if f'"{KINDS[2]}"' in s.facts]
    both = [s for s in drawn if s.licence == "MIT"]
    times = []
    for label, value, expected in [
        ("Chart kind", KINDS[2], len(drawn)),
        ("Licence", "MIT", len(both)),
        ("Chart kind", "", sum(s.licence == "MIT" for s in samples)),
        ("Licence", "", SAMPLES),
    ]:
        script = CHOOSE.format(label=json.dumps(label), value=json.dumps(value))
        times.append(page.run(script))
        assert page.run(FOUND) == f"{expected:,} of {SAMPLES:,} samples"
    assert median(times) < SEARCH_MS  # one may have waited for a processor
    options = page.run("[...document.querySelectorAll('#facets select')][0].innerText")
    assert f"files ({sum(s.source == 'files' for s in samples):,})" in options


def test_keys_lead_from_the_list_to_an_entry_and_back(samples_page, samples):
    page = samples_page
    in_order = sorted(s.id for s in samples)
    page.press("/")
    assert page.run("document.activeElement.id") == "search"
    page.run("document.activeElement.blur()")
    page.press("n")
    assert page.run("document.getElementById('where').textContent") == "Page 2 of 32"
    assert page.run("document.activeElement.dataset.entry") == "48"
    page.press("j")
    page.press("Enter")
    page.until(DETAIL_OPEN)
    assert in_order[49] in page.run("location.hash")
    page.press("j")
    page.until(f"location.hash.includes({in_order[50]!r})")
    page.until(f"document.querySelector('#detail dl').textContent.includes({in_order[50]!r})")
    page.press("Escape")
    page.until("!document.getElementById('detail').open && !location.hash.includes('id=')")
    assert "page=2" in page.run("location.hash")
    assert page.run("document.activeElement.dataset.entry") == "49"
    page.press("?")
    assert page.run("document.getElementById('help').open")
    page.press("Escape")
    page.run("document.querySelector('#list a').click()")
    page.until(DETAIL_OPEN)
    page.run("void setTimeout(() => history.back())")
    page.until("!document.getElementById('detail').open")
    assert "page=2" in page.run("location.hash")


def open_sample(page, report, name):
    page.open(f"{address(report / 'site/samples.html')}#id={name}")
    page.until(DETAIL_OPEN)


def test_an_entry_shows_what_the_sample_holds(page, report, samples):
    one = next(s for s in samples if s.image)
    open_sample(page, report, one.id)
    code = one.messages[1].content.removeprefix("```python\n").removesuffix("\n```")
    assert page.run("document.querySelector('#detail pre').textContent") == code
    assert page.run("document.querySelector('#detail .k').textContent") == "import"
    last = "[...document.querySelectorAll('#detail .c')].pop().textContent"
    assert page.run(last) == "# \U0001f4c8 note 23"  # two UTF-16 units are one character
    assert (
        page.run("document.querySelector('#detail .prose').textContent") == one.messages[0].content
    )
    page.until("document.querySelector('#detail img').naturalWidth === 320")
    link = page.run("document.querySelector('#detail dd a').href")
    assert link == "https://github.com/somebody/plots"


@pytest.mark.parametrize("one", tricky(), ids=TRICKY)
def test_no_text_does_anything_but_be_shown(page, report, one):
    open_sample(page, report, one.id)
    text = list(TRICKY.values())[[s.id for s in tricky()].index(one.id)]
    shown = page.run("document.querySelector('#detail pre').textContent")
    assert shown.startswith(visible(text)[: LIMIT - 200])
    if len(text) > LIMIT:
        assert shown.endswith("more characters)")
    assert page.run("typeof window.pwned") == "undefined"
    assert page.run("document.querySelectorAll('#detail script, #detail [onerror]').length") == 0
    assert not set(shown) & set("\u202e\u2066\u2069\u200b\x00\x1b\u2028")
    assert page.run("document.documentElement.scrollWidth <= innerWidth")


def test_a_rejected_file_shows_its_figures_one_below_the_other(page, report):
    page.open(f"{address(report / 'site/rejects.html')}#id=file2")
    page.until(DETAIL_OPEN)
    heads = page.run("[...document.querySelectorAll('#detail .turn h3')].map(e => e.textContent)")
    assert heads[1:3] == [
        "no block for the figure at line 3",
        "no block for the figure at f, line 9",
    ]
    assert page.run("document.querySelector('#detail pre').textContent") == HOSTILE
    boxes = page.run("""[...document.querySelectorAll('#detail .turn')]
      .map(e => e.getBoundingClientRect()).map(box => [box.left, box.width])""")
    assert len(boxes) == 5 and all(box == boxes[0] for box in boxes)


def test_a_text_file_that_is_gone_is_said(page, report, samples, tmp_path):
    copy = shutil.copytree(report / "site", tmp_path / "site")
    (copy / "samples/text-00000.js").unlink()
    first = sorted(s.id for s in samples)[0]
    page.open(f"{address(copy / 'samples.html')}#id={first}")
    page.until("!document.getElementById('broken').hidden")
    assert "dvc checkout report" in page.run("document.getElementById('broken').textContent")
    assert any("ERR_FILE_NOT_FOUND" in error for error in page.errors)
    page.errors.clear()


def test_tasks_can_be_narrowed_down(page, report):
    page.open(address(report / "index.html"))
    count = "document.getElementById('tasks-found').textContent"
    assert page.run(count) == "4 of 4"
    page.run("""(select => {
      select.value = "repaired"; select.dispatchEvent(new Event("change"));
    })(document.getElementById("task-filter"))""")
    assert page.run(count) == "2 of 4"


def test_served_pages_show_the_full_image(page, root, samples):
    one = next(s for s in samples if s.image)
    with server(root / "report", 0, root / "data/viscode") as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        base = f"http://127.0.0.1:{running.server_port}"
        page.open(f"{base}/index.html")
        page.open(f"{base}/site/samples.html#id={one.id}")
        page.until(DETAIL_OPEN)
        page.until("document.querySelector('#detail img').naturalWidth > 0")
        assert f"/original/{one.id}" in page.run("document.querySelector('#detail img').src")
        page.open("about:blank")
        running.shutdown()


AXE = next(f for f in files("axe-playwright-python") if f.name == "axe.min.js").locate()
VIOLATIONS = """axe.run(document, {resultTypes: ["violations"], preload: false, %s})
  .then(found => found.violations
  .filter(one => ["serious", "critical"].includes(one.impact))
  .map(one => [one.id, one.nodes.length, one.nodes[0].html.slice(0, 200),
               one.nodes[0].failureSummary]))"""


@pytest.mark.parametrize(
    ("scheme", "rules"),
    [("light", ""), ("dark", 'runOnly: {type: "rule", values: ["color-contrast"]}')],
    ids=["light", "dark"],
)
def test_no_serious_violation_of_accessibility(page, report, scheme, rules, samples):
    """All rules once; of another scheme only the colors are others."""
    feature = [{"name": "prefers-color-scheme", "value": scheme}]
    page.call("Emulation.setEmulatedMedia", features=feature)
    first = sorted(s.id for s in samples)[0]
    addresses = [address(path) for path in pages_of(report)]
    for place in [*addresses, f"{address(report / 'site/samples.html')}#id={first}"]:
        page.open(place)
        if "#" in place:
            page.until(DETAIL_OPEN)
        page.run(AXE.read_text(encoding="utf-8"))
        assert page.run(VIOLATIONS % rules) == [], place
