"use strict";
(() => {
  const links = new Map([...document.querySelectorAll("header nav a")].filter(a => !a.classList.contains("elsewhere")).map(a => [a.hash.slice(1), a]));
  const watcher = new IntersectionObserver(entries => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const a of links.values()) a.removeAttribute("aria-current");
      links.get(entry.target.id).setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-20% 0px -75% 0px" });
  for (const id of links.keys()) watcher.observe(document.getElementById(id));

  const filter = document.getElementById("task-filter");
  if (!filter) return;
  const rows = [...document.querySelectorAll("#task-rows tr")];
  const apply = () => {
    let shown = 0;
    for (const row of rows) {
      row.hidden = Boolean(filter.value) && !row.dataset.is.split(" ").includes(filter.value);
      shown += !row.hidden;
    }
    document.getElementById("tasks-found").textContent = `${shown} of ${rows.length}`;
    document.getElementById("tasks-nothing").hidden = shown > 0;
  };
  filter.addEventListener("change", apply);
  apply();
})();
