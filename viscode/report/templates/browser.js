"use strict";
// The browser of samples and of rejects: search, filters, pages, one entry at a time.
// Its data come as scripts (see entries.py) and are put into the page as text, never as markup.
const viscode = (() => {
  const PAGE = 48;
  const COLORS = "kscmf";
  const ORIGINALS = "viscode_originals=1"; // set by `viscode serve`, which has the full images
  const { folder, kind, noun } = document.body.dataset;
  const $ = id => document.getElementById(id);
  const search = $("search"), list = $("list"), detail = $("detail");

  let entries = [], facets = [], chunk = 1, perFolder = 1;
  let hay = [];               // what is searched, lower case: at first titles, later whole texts
  const texts = new Map();    // chunk -> texts of its entries
  const loading = new Map();  // chunk -> promise
  let found = [];             // numbers of the entries that fit
  let state = { q: "", filters: new Map(), page: 1, id: "" };
  let opener = null;

  const make = (tag, properties = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };
  const number = n => n.toLocaleString("en");

  // ---- the data

  function index(data) {
    entries = data.entries;
    chunk = data.chunk;
    perFolder = data.folder;
    facets = data.facets.map(([name, values], at) => ({ name, values, at, select: null }));
    hay = entries.map(([id, title, given]) => {
      const words = facets.flatMap(f => given[f.at].map(value => f.values[value]));
      return [id, title, ...words].join("\n").toLowerCase();
    });
    start();
  }

  function text([n, given]) {
    texts.set(n, given);
    given.forEach(([turns, facts], i) => {
      const parts = turns.flatMap(([, pieces]) => pieces.map(piece => piece[0]));
      hay[n * chunk + i] += "\n" + [...parts, ...facts.map(fact => fact[1])].join("\n").toLowerCase();
    });
  }

  function load(n) {
    if (!loading.has(n)) {
      loading.set(n, new Promise((resolve, reject) => {
        const script = make("script", { src: `${folder}/text-${String(n).padStart(5, "0")}.js` });
        script.onload = resolve;
        script.onerror = () => reject(new Error(script.src));
        document.head.append(script);
      }));
    }
    return loading.get(n);
  }

  async function loadAll() {
    const chunks = Math.ceil(entries.length / chunk);
    for (let n = 0; n < chunks; n++) {
      if (texts.has(n)) continue;
      await load(n);
      if (state.q) refresh();
    }
    document.body.dataset.searchable = "all";
    refresh();
  }
  const missing = error => {
    $("broken").textContent = `Could not read ${error.message}: run dvc checkout report, or dvc repro report.`;
    $("broken").hidden = false;
  };
  let whole = null;
  const readAll = () => { whole ??= loadAll().catch(missing); };

  // ---- what fits

  const terms = q => [...q.toLowerCase().matchAll(/"([^"]+)"?|(\S+)/g)].map(m => m[1] ?? m[2]);
  const holds = (entry, facet, value) => entry[2][facet.at].includes(value);

  function fits() {
    const words = terms(state.q);
    const chosen = facets.filter(f => state.filters.has(f.name))
      .map(f => [f, f.values.indexOf(state.filters.get(f.name))]);
    const counts = facets.map(f => new Array(f.values.length).fill(0));
    found = [];
    entries.forEach((entry, n) => {
      if (!words.every(word => hay[n].includes(word))) return;
      const failing = chosen.filter(([f, value]) => !holds(entry, f, value));
      if (!failing.length) found.push(n);
      // a facet counts what its own choice does not take away
      for (const f of facets) {
        if (failing.every(([other]) => other === f)) for (const v of entry[2][f.at]) counts[f.at][v]++;
      }
    });
    return counts;
  }

  // ---- the list

  function picture(n, shown) {
    const [, title, given, size] = entries[n];
    if (!size.length) return null;
    if (!size[0]) return make("span", { className: "empty" }, "Image not readable");
    const what = facets.find(f => f.name === "Chart kind");
    const kinds = what ? given[what.at].map(v => what.values[v]).join(", ") : "";
    const small = `${folder}/images/${Math.floor(n / perFolder)}/${n}.webp`;
    const image = make("img", {
      alt: `Plot${kinds ? ` (${kinds})` : ""}: ${title.slice(0, 80)}`, width: size[0], height: size[1],
      loading: shown ? "eager" : "lazy", decoding: "async",
    });
    const original = shown && folder === "samples" && document.cookie.includes(ORIGINALS);
    image.src = original ? `/original/${encodeURIComponent(entries[n][0])}` : small;
    return image;
  }

  const values = (n, facet) => entries[n][2][facet.at].map(v => facet.values[v]);

  function card(n) {
    const image = picture(n, false);
    const [first, second] = facets;
    const tags = make("span", { className: "tags" },
      ...values(n, first).map(v => make("span", { className: "tag" }, v)),
      ...values(n, second).filter(v => v !== "none").map(v => make("span", { className: "tag plain" }, v)));
    const title = make("span", { className: "title", dir: "auto" }, entries[n][1]);
    const frame = kind === "cards"
      ? [make("span", { className: "frame" }, image ?? make("span", { className: "empty" }, "Dialogue, no image"))] : [];
    const link = make("a", { className: "card", href: address({ ...state, id: entries[n][0] }) }, ...frame, tags, title);
    link.dataset.entry = n;
    return make("li", {}, link);
  }

  function refresh() {
    const counts = fits();
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    state.page = Math.min(Math.max(1, state.page), pages);
    const shown = found.slice((state.page - 1) * PAGE, state.page * PAGE);
    list.replaceChildren(...shown.map(card));
    for (const f of facets) options(f, counts[f.at]);
    const part = texts.size * chunk < entries.length && state.q ? ", texts still being read" : "";
    $("found").textContent = `${number(found.length)} of ${number(entries.length)} ${noun}${entries.length === 1 ? "" : "s"}${part}`;
    $("nothing").hidden = found.length > 0;
    $("pager").hidden = pages === 1;
    $("where").textContent = `Page ${state.page} of ${number(pages)}`;
    $("previous").disabled = state.page === 1;
    $("next").disabled = state.page === pages;
    $("clear").disabled = !state.q && !state.filters.size;
  }

  function options(facet, counts) {
    const chosen = state.filters.get(facet.name) ?? "";
    const order = facet.values.map((value, v) => [value, counts[v]])
      .filter(([value, count]) => count || value === chosen)
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    facet.select.replaceChildren(
      make("option", { value: "" }, "all"),
      ...order.map(([value, count]) => make("option", { value }, `${value} (${number(count)})`)));
    facet.select.value = chosen;
  }

  // ---- one entry

  function colored(code, runs) {
    const node = make("code");
    const characters = Array.from(code); // `runs` counts these, not UTF-16 units
    const next = count => characters.splice(0, count).join("");
    for (let i = 0; i < runs.length; i += 3) {
      node.append(next(runs[i]));
      node.append(make("span", { className: COLORS[runs[i + 2]] }, next(runs[i + 1])));
    }
    node.append(next(characters.length));
    return node;
  }

  function turn([role, pieces]) {
    const shown = pieces.map(([words, runs]) => runs
      ? make("pre", { className: "code", tabIndex: 0, ariaLabel: `Code, ${role}` }, colored(words, runs))
      : make("p", { className: "prose", dir: "auto" }, words));
    const node = make("div", { className: "turn" }, make("h3", {}, role), ...shown);
    node.dataset.role = role; // words of it would be classes of other things
    return node;
  }

  const fact = ([name, words, link]) => make("div", {}, make("dt", {}, name),
    make("dd", {}, link ? make("a", { href: link, rel: "noopener noreferrer" }, words) : words));

  async function open(id) {
    const n = entries.findIndex(entry => entry[0] === id);
    if (n < 0) return close();
    await load(Math.floor(n / chunk)).catch(missing);
    const given = texts.get(Math.floor(n / chunk));
    if (!given || state.id !== id) return;
    const [turns, facts] = given[n % chunk];
    const at = found.indexOf(n);
    const step = (label, by, key) => {
      const to = found[at + by];
      const button = make("button", { type: "button", disabled: at < 0 || to === undefined }, label);
      button.setAttribute("aria-keyshortcuts", key);
      button.onclick = () => go({ id: entries[to][0] }, true);
      button.dataset.key = key;
      return button;
    };
    const shut = make("button", { type: "button" }, "Close");
    shut.onclick = () => detail.close();
    const labels = facets.map(f => [f.name, values(n, f).join(", ")]).filter(([name]) => !facts.some(([known]) => known === name));
    const image = picture(n, true);
    const pressed = detail.contains(document.activeElement) && document.activeElement.dataset.key;
    detail.replaceChildren(
      make("div", { className: "detail-head" }, step("Previous", -1, "k"), step("Next", 1, "j"),
        make("span", { className: "muted" }, at < 0 ? "" : `${number(at + 1)} of ${number(found.length)}`), shut),
      make("h2", { id: "detail-title", dir: "auto" }, entries[n][1]),
      make("div", { className: image ? "detail-body with-image" : "detail-body" },
        make("div", { className: "aside" }, ...(image ? [make("div", { className: "frame" }, image)] : []),
          make("dl", { className: "facts" }, ...[...labels, ...facts].map(fact), fact(["Id", id]))),
        make("div", { className: "turns" }, ...turns.map(turn))));
    if (!detail.open) detail.showModal();
    detail.scrollTop = 0;
    if (pressed) detail.querySelector(`[data-key="${pressed}"]:enabled`)?.focus();
  }

  function close() {
    if (detail.open) detail.close();
  }

  // ---- the address is the state

  function address({ q, filters, page, id }) {
    const parts = new URLSearchParams();
    if (q) parts.set("q", q);
    for (const [name, value] of filters) parts.set(name, value);
    if (page > 1) parts.set("page", page);
    if (id) parts.set("id", id);
    return `#${parts}`;
  }

  function read() {
    const parts = new URLSearchParams(location.hash.slice(1));
    const filters = new Map();
    for (const f of facets) if (f.values.includes(parts.get(f.name))) filters.set(f.name, parts.get(f.name));
    return { q: parts.get("q") ?? "", filters, page: Number(parts.get("page")) || 1, id: parts.get("id") ?? "" };
  }

  function go(change, keep = false) {
    state = { ...state, ...change };
    history[keep ? "replaceState" : "pushState"](null, "", address(state));
    if (change.id !== undefined) state.id ? open(state.id) : close();
    else refresh();
  }

  function fromAddress() {
    state = read();
    if (search.value !== state.q) search.value = state.q;
    if (state.q) readAll();
    refresh();
    state.id ? open(state.id) : close();
  }

  // ---- keys

  const typing = event => event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey;
  const turnPage = by => { go({ page: state.page + by }); list.querySelector("a")?.focus(); scrollTo(0, 0); };
  function step(by) {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    links[Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
  }
  function key(event) {
    if (event.key === "Escape" && event.target === search && search.value) {
      search.value = "";
      go({ q: "", page: 1 }, true);
      return event.preventDefault();
    }
    if (typing(event)) return;
    if (detail.open) {
      const name = { j: "j", k: "k", ArrowRight: "j", ArrowLeft: "k" }[event.key];
      if (name && !(event.key.startsWith("Arrow") && event.target.matches("pre"))) detail.querySelector(`[data-key="${name}"]`)?.click();
      return;
    }
    if ($("help").open) return;
    const does = {
      "/": () => { search.focus(); search.select(); }, j: () => step(1), k: () => step(-1),
      n: () => $("next").disabled || turnPage(1), p: () => $("previous").disabled || turnPage(-1),
      "?": () => $("help").showModal(),
    }[event.key];
    if (does) { event.preventDefault(); does(); }
  }

  function start() {
    for (const f of facets) {
      f.select = make("select");
      f.select.onchange = () => {
        const filters = new Map(state.filters);
        f.select.value ? filters.set(f.name, f.select.value) : filters.delete(f.name);
        go({ filters, page: 1 }, true);
      };
      $("facets").append(make("label", {}, make("span", {}, f.name), f.select));
    }
    $("filters").hidden = false;
    $("filters").onsubmit = event => event.preventDefault();
    search.onfocus = readAll;
    search.oninput = () => { readAll(); go({ q: search.value, page: 1 }, true); };
    $("clear").onclick = () => { search.value = ""; go({ q: "", filters: new Map(), page: 1 }, true); search.focus(); };
    $("previous").onclick = () => turnPage(-1);
    $("next").onclick = () => turnPage(1);
    $("keys").onclick = () => $("help").showModal();
    list.onclick = event => {
      const link = event.target.closest("a[data-entry]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      opener = link.dataset.entry;
      go({ id: entries[link.dataset.entry][0] });
    };
    detail.onclose = () => {
      if (state.id) go({ id: "" }, true);
      list.querySelector(`a[data-entry="${opener}"]`)?.focus();
    };
    detail.onclick = event => { if (event.target === detail) detail.close(); };
    addEventListener("keydown", key);
    addEventListener("popstate", fromAddress);
    fromAddress();
  }

  return { index, text };
})();
