// The system's share sheet for chosen photos, where the browser can share files.
const probe = new File(["x"], "x.jpg", { type: "image/jpeg" });
export const canShare = Boolean(navigator.canShare?.({ files: [probe] }));

// Fetches the photos of a form (`as=files`); throws an Error with words for people.
export async function filesOf(form, failed) {
  const body = new FormData(form);
  body.set("as", "files");
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.error || failed);
  return Promise.all(told.files.map(async ({ url, name, type }) => {
    const picture = await fetch(url);
    if (!picture.ok) throw new Error(failed);
    const ending = url.slice(url.lastIndexOf("."));
    return new File([await picture.blob()], name.endsWith(ending) ? name : name + ending, { type });
  }));
}

// Lets a button share what is chosen in the form, and says in `said` what goes on.
export function shareBy(button, form, said) {
  const { ready, failed, wait } = said.dataset;
  let files = null;
  button.hidden = !canShare;
  form.addEventListener("change", () => { files = null; said.textContent = ""; });
  button.addEventListener("click", async () => {
    try {
      said.textContent = files ? "" : wait;
      files ??= await filesOf(form, failed);
      said.textContent = "";
      await navigator.share({ files });
    } catch (error) {
      if (error.name === "AbortError") return; // the person has changed their mind
      if (error.name === "NotAllowedError" && files) said.textContent = ready; // the tap was too long ago
      else { files = null; said.textContent = error instanceof TypeError ? failed : error.message; }
    }
  });
}

const form = document.getElementById("some-form");
if (form) shareBy(document.getElementById("share"), form, document.getElementById("said"));
