// Choosing photos on the grid, to download or share them. Each tile gets a checkbox of the form `#select`.
import { canShare, shareBy } from "./share.js";

const grid = document.getElementById("grid"), form = document.getElementById("select");
const part = (name) => document.getElementById(`select-${name}`), bar = form.querySelector(".select-bar");
const boxes = () => [...grid.querySelectorAll("input[name=photos]")];
let choosing = false;

function equip() { // also the tiles that come later
  for (const tile of grid.querySelectorAll("li[id^='p-']")) {
    const picture = tile.querySelector("img");
    if (!picture || tile.querySelector("input[name=photos]")) continue;
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", name: "photos", value: tile.id.slice(2), className: "choose" });
    box.setAttribute("form", "select");
    box.setAttribute("aria-label", picture.alt);
    tile.prepend(box);
  }
}

function count() {
  const number = boxes().filter((box) => box.checked).length;
  part("count").textContent = part("count").dataset.words.replace("{number}", number);
  part("take").disabled = part("share").disabled = !number;
}

function turn(on) {
  choosing = on;
  part("start").hidden = on; bar.hidden = !on;
  grid.classList.toggle("choosing", on);
  if (on) { equip(); part("all").focus(); } else { for (const box of boxes()) box.remove(); part("start").focus(); }
  part("said").textContent = "";
  count();
}

new MutationObserver(() => { if (choosing) equip(); }).observe(grid, { childList: true, subtree: true });
part("start").addEventListener("click", () => turn(true));
part("end").addEventListener("click", () => turn(false));
part("all").addEventListener("click", () => {
  const all = boxes(), check = all.some((box) => !box.checked);
  for (const box of all) box.checked = check;
  form.dispatchEvent(new Event("change"));
  count();
});
addEventListener("keydown", (event) => { if (choosing && event.key === "Escape") turn(false); });
addEventListener("pageshow", () => { if (choosing) turn(false); }); // back from the archive
grid.addEventListener("click", (event) => { // before the viewer opens
  if (!choosing) return;
  const box = event.target.closest("li")?.querySelector("input[name=photos]");
  if (!box) return;
  if (event.target !== box) { event.preventDefault(); box.checked = !box.checked; }
  event.stopPropagation();
  form.dispatchEvent(new Event("change"));
  count();
}, true);
if (canShare) shareBy(part("share"), form, part("said"));
form.hidden = !grid.querySelector("li[id^='p-'] img");
form.classList.remove("waiting"); // its place was kept, so that the photos do not move
