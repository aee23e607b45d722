// Shows how far an archive is, until it is ready or has failed.
const find = (id) => document.getElementById(id), sheet = find("zip");
let { status } = sheet.dataset, pause = 800;
while (status === "new") {
  await new Promise((resolve) => { setTimeout(resolve, pause); });
  pause = Math.min(8000, pause * 1.25);
  const answer = document.hidden ? null : await fetch(location.pathname, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer || answer.status >= 500) continue; // tries again
  if (!answer.ok) { location.reload(); break; }
  const { status: now, done, total, link, words } = await answer.json();
  status = now; find("zip-bar").max = total; find("zip-bar").value = done; find("zip-bar").hidden = status !== "new";
  if (find("zip-words").textContent !== words) find("zip-words").textContent = words;
  if (link) { find("zip-link").hidden = false; find("zip-link").firstElementChild.href = link; }
}
