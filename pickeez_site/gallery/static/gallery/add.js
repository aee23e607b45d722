// The page on which photos are added: chooses, drops and pastes files into the queue, and shows how far it is.
import { UploadQueue, unfinished } from "./upload.js";

const form = document.getElementById("add"), find = (id) => document.getElementById(id);
const words = JSON.parse(find("words").textContent), csrf = form.elements.csrfmiddlewaretoken;
const rows = new Map();
let sending = false, live = 0;

async function refreshToken() { // after signing in again, in this tab or another
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("#add [name=csrfmiddlewaretoken]");
  if (fresh) csrf.value = fresh.value;
  return Boolean(fresh);
}

const queue = new UploadQueue({
  uploads: form.dataset.uploads, album: form.dataset.album, most: Number(form.dataset.most),
  token: () => csrf.value, refreshToken, words, onchange: show,
});

function row(item) {
  let parts = rows.get(item);
  if (!parts) {
    const li = document.createElement("li"), name = document.createElement("span");
    const bar = document.createElement("progress"), state = document.createElement("span");
    name.className = "what"; name.textContent = item.file.name; name.dir = "auto";
    state.className = "state small"; bar.max = item.file.size || 1; bar.setAttribute("aria-label", item.file.name);
    li.append(name, bar, state); find("files-list").append(li);
    rows.set(item, (parts = { li, bar, state }));
  }
  return parts;
}

let drawn = 0;
function show(item) {
  const { li, bar, state } = row(item);
  bar.value = item.sent; bar.hidden = item.state !== "sending";
  state.textContent = item.words || words[item.state];
  if (li.className !== item.state) {
    li.className = item.state;
    if (item.state === "refused") find("files-list").prepend(li); // what needs attention comes first
  }
  drawn ||= requestAnimationFrame(showAll);
}

function showAll() {
  drawn = 0;
  const { items, open, stopped } = queue, count = (state) => items.filter((item) => item.state === state).length;
  const refused = count("refused"), sum = words.sum.replace("{done}", count("added")).replace("{all}", items.length);
  find("queue").hidden = false;
  find("total").max = items.reduce((all, item) => all + item.file.size, 0) || 1;
  find("total").value = items.reduce((all, item) => all + (item.state === "refused" ? item.file.size : item.sent), 0);
  const text = refused ? `${sum} · ${words.refused.replace("{refused}", refused)}` : sum;
  const ended = !open.length && !refused ? `${sum}. ${words.all}` : text;
  if (find("sum").textContent !== ended) find("sum").textContent = ended;
  find("trouble").hidden = !stopped;
  if (stopped) find("trouble").firstElementChild.textContent = stopped.message;
  find("sign-in").hidden = !stopped?.signedOut;
  if (open.length) sending = true;
  else if (sending) { sending = false; finish(count("added")); }
}

async function finish(added) {
  if (!added) return;
  find("finished").hidden = false;
  const token = { Accept: "application/json", "X-CSRFToken": csrf.value };
  for (let tries = 0; tries < 5; tries += 1) {
    const answer = await fetch(form.dataset.done, { method: "POST", headers: token }).catch(() => null);
    if (answer && answer.status < 500) break; // else the server notices by itself, a minute later
    await new Promise((resolve) => { setTimeout(resolve, 1000 * 2 ** tries); });
  }
  if (form.dataset.state) watch();
}

async function watch() { // how far the processing is; ends by itself
  const mine = (live += 1), box = find("live"), bar = box.querySelector("progress");
  for (let pause = 1500; mine === live; pause = Math.min(10000, pause * 1.2)) {
    const answer = document.hidden ? null : await fetch(form.dataset.state).catch(() => null);
    if (answer && !answer.ok) break;
    if (answer) {
      const { total, done, failed, settled, words: said } = await answer.json();
      bar.max = total || 1; bar.value = done + failed; box.hidden = !said;
      if (box.lastElementChild.textContent !== said) box.lastElementChild.textContent = said;
      if (settled) break;
    }
    await new Promise((resolve) => { setTimeout(resolve, pause); });
  }
}

form.classList.add("live");
form.querySelector(".scripted").hidden = false;
for (const input of form.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => { queue.add([...input.files]); input.value = ""; });
}
form.addEventListener("submit", (event) => event.preventDefault());
const files = (data) => [...(data?.files ?? [])];
addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) form.classList.remove("over"); });
addEventListener("drop", (event) => {
  event.preventDefault(); form.classList.remove("over"); queue.add(files(event.dataTransfer));
});
addEventListener("paste", (event) => queue.add(files(event.clipboardData)));
addEventListener("beforeunload", (event) => { if (queue.open.length) event.preventDefault(); });
async function again() { if (queue.stopped && await refreshToken().catch(() => false)) queue.resume(); showAll(); }
find("again").addEventListener("click", again);
addEventListener("focus", () => { if (queue.stopped?.signedOut) again(); });

const left = unfinished(form.dataset.album);
if (left) {
  find("unfinished").textContent = words.unfinished.replace("{number}", left);
  find("unfinished").hidden = false;
}
