// "Not me" and "this is me, too" without leaving the page. Other scripts hear of it by the event "shows-me".
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form[data-shows-me]") || !event.submitter) return;
  event.preventDefault();
  const sent = new FormData(form, event.submitter);
  event.submitter.disabled = true;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: sent,
      headers: { Accept: "application/json", "X-CSRFToken": sent.get("csrfmiddlewaretoken") },
    });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error);
    const place = document.createElement("template");
    place.innerHTML = said.form.trim();
    const next = place.content.querySelector("form");
    form.replaceWith(next);
    next.querySelector("button").focus();
    next.dispatchEvent(new CustomEvent("shows-me", { bubbles: true, detail: said }));
  } catch (error) {
    event.submitter.disabled = false;
    form.querySelector("[role=status]").textContent = error.message;
  }
});
