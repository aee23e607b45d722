// The album's grid: loads the next photos before one comes to them, shows new ones, and finds the way back.
import { until } from "./waiting.js";
import { Viewer } from "./viewer.js";

const grid = document.querySelector("#grid");
const here = location.pathname + location.search;
const place = `grid ${here}`;
let pages = 1;
let loading;

const part = async (path, more) => {
  const url = new URL(path, location.href);
  url.searchParams.set("part", "grid");
  if (more) url.searchParams.set("pages", more);
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(answer.status);
  const found = document.createElement("template");
  found.innerHTML = await answer.text();
  return found.content;
};

// A day that goes on, on the next page, goes on under its heading.
const append = (found) => {
  const last = [...grid.querySelectorAll(".day")].pop();
  const first = found.querySelector(".day");
  grid.querySelector(".more")?.remove();
  if (last && first?.dataset.day === last.dataset.day) {
    last.querySelector(".tiles").append(...first.querySelectorAll(".tiles > li"));
    first.remove();
  }
  grid.append(found);
  watch();
};

const loadMore = (count = 1) => {
  const link = grid.querySelector(".more a");
  if (!link) return Promise.resolve(false);
  loading ??= part(link.href, count)
    .then((found) => {
      append(found);
      pages += count;
      return true;
    })
    .catch(() => false) // the link stays, and works by hand
    .finally(() => (loading = undefined));
  return loading;
};

const near = new IntersectionObserver(
  (entries) => entries.some((entry) => entry.isIntersecting) && loadMore(),
  { rootMargin: "1800px" },
);
const watch = () => {
  near.disconnect();
  const more = grid.querySelector(".more");
  if (more) near.observe(more);
};

// Who comes back finds the photos that were loaded, and the place where they were.
const remember = () => {
  const top = [...grid.querySelectorAll(".tiles > li")].find((tile) => tile.getBoundingClientRect().bottom > 60);
  if (top) sessionStorage.setItem(place, JSON.stringify({ pages, id: top.id, top: top.getBoundingClientRect().top }));
};
const findBack = async () => {
  const [arrival] = performance.getEntriesByType("navigation");
  const was = JSON.parse(sessionStorage.getItem(place) ?? "null");
  if (!was || !["back_forward", "reload"].includes(arrival?.type)) return;
  history.scrollRestoration = "manual";
  if (was.pages > 1) await loadMore(Math.min(was.pages, 25) - 1);
  const tile = document.getElementById(was.id);
  if (tile) scrollBy({ top: tile.getBoundingClientRect().top - was.top, behavior: "instant" });
};
addEventListener("pagehide", remember);

const viewer = new Viewer(document.querySelector("#viewer"), grid, loadMore);
await findBack();
watch();

// New photos: who is at the top gets them at once, others a button.
const live = document.querySelector("#live");
const arrived = document.querySelector("#arrived");
let deleted = 0;
document.querySelector("#viewer").addEventListener("deleted", () => (deleted += 1));
const refresh = async () => {
  const before = deleted;
  const found = await part(grid.dataset.tab).catch(() => undefined);
  if (!found) return;
  if (viewer.isOpen || deleted !== before) {
    arrived.hidden = false; // a photo was opened or deleted meanwhile: the tiles stay as they are
    return;
  }
  arrived.hidden = true;
  document.querySelector(".empty")?.remove();
  grid.replaceChildren(found);
  pages = 1;
  watch();
};
arrived.addEventListener("click", async () => {
  await refresh();
  scrollTo({ top: 0 });
  grid.querySelector("a")?.focus({ preventScroll: true });
});
const offer = () => {
  if (here !== grid.dataset.tab) return; // a later page: new photos come before it
  if (scrollY < 200 && pages === 1 && !viewer.isOpen && !grid.contains(document.activeElement)) refresh();
  else arrived.hidden = false;
};
const show = (state) => {
  live.querySelector("[role=status]").textContent = state.words;
  live.querySelector("progress").max = state.total || 1;
  live.querySelector("progress").value = state.done + state.failed;
  const ready = state.total + state.done + state.failed;
  const changed = ready !== Number(live.dataset.ready);
  live.dataset.ready = ready;
  if (changed) offer();
  return changed;
};
const settle = () => {
  live.hidden = true;
  offer(); // it is known now who is on the photos
};
if (!live.hidden) until(live.dataset.state, (state) => state.settled, settle, show);
