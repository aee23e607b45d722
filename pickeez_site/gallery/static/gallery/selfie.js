// Shows the chosen selfie, sends it, and waits for what the worker says.
import { until } from "./waiting.js";

const form = document.querySelector("[data-selfie]");
const waits = document.querySelector("[data-waits]");

if (form) {
  const file = form.elements.file;
  const problem = form.querySelector("[data-problem]");
  file.addEventListener("change", () => {
    const mark = form.querySelector(".mark, .preview");
    const chosen = file.files[0];
    if (!chosen) return;
    const picture = new Image();
    picture.className = "preview";
    picture.alt = "";
    picture.addEventListener("load", () => mark.replaceWith(picture)); // not for what the browser cannot show
    picture.src = URL.createObjectURL(chosen);
    problem.textContent = "";
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    form.setAttribute("aria-busy", "true");
    try {
      const sent = new FormData(form);
      const answer = await fetch(form.action, {
        method: "POST",
        body: sent,
        headers: { Accept: "application/json", "X-CSRFToken": sent.get("csrfmiddlewaretoken") },
      });
      const said = await answer.json();
      if (!answer.ok) throw new Error(said.error || said.msg);
      location.assign(said.state);
    } catch (error) {
      problem.textContent = error.message;
      button.disabled = false;
      form.removeAttribute("aria-busy");
    }
  });
}

if (waits) until(waits.dataset.waits, (state) => !state.waits, () => location.reload());
