// Shows new photos of the viewer as they are found.
import { until } from "./waiting.js";

const page = document.querySelector("[data-unfinished]");

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const id of ["found", "of-me"]) document.getElementById(id).replaceWith(fresh.getElementById(id));
}

if (page) {
  let shown = Number(page.dataset.total);
  until(location.pathname, (state) => !state.unfinished, refresh, (state) => {
    if (state.total === shown) return false;
    shown = state.total;
    refresh();
    return true;
  });
}
