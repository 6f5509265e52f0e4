"use strict";
(() => {
  const openTarget = () => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") {
      target.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", openTarget);
  openTarget();

  const links = new Map([...document.querySelectorAll("nav a")].map(a => [a.hash.slice(1), a]));
  const watcher = new IntersectionObserver(entries => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const a of links.values()) a.removeAttribute("aria-current");
      links.get(entry.target.id).setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-20% 0px -75% 0px" });
  for (const id of links.keys()) watcher.observe(document.getElementById(id));

  const filters = document.getElementById("filters");
  if (!filters) return;
  filters.hidden = false;
  const cards = [...document.querySelectorAll("#cards .card")]
    .map(node => ({ node, source: node.dataset.source, text: node.textContent.toLowerCase() }));
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const nothing = document.getElementById("nothing");
  let source = "";
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const card of cards) {
      const fits = (!source || card.source === source) && words.every(w => card.text.includes(w));
      card.node.hidden = !fits;
      shown += fits;
    }
    found.textContent = `${shown} of ${cards.length}`;
    nothing.hidden = shown > 0;
  };
  const buttons = [...filters.querySelectorAll("button")];
  for (const button of buttons) {
    button.addEventListener("click", () => {
      source = button.dataset.source;
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      apply();
    });
  }
  search.addEventListener("input", apply);
  apply();
})();
