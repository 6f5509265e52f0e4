"use strict";
// n and p lead to the next and the previous task.
addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const rel = { n: "next", p: "prev" }[event.key];
  const link = rel && document.querySelector(`a[rel="${rel}"]`);
  if (link) location.assign(link.href);
});
