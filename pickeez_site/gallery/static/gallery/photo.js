// What one can do with a photo, on its own page and in the viewer: like, share, and delete.
const sent = (form) =>
  fetch(form.action, {
    method: "POST",
    keepalive: true, // who goes on at once has liked it nevertheless
    body: new FormData(form),
    headers: { Accept: "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
  });

const like = async (form) => {
  const [button, wish] = [form.querySelector("button"), form.elements.like];
  const wanted = wish.value === "yes";
  const answer = sent(form); // reads the form first: what follows changes it
  const show = (liked) => {
    button.setAttribute("aria-pressed", liked);
    wish.value = liked ? "no" : "yes";
    form.dispatchEvent(new CustomEvent("liked", { bubbles: true, detail: liked }));
  };
  show(wanted);
  const accepted = await answer.then((found) => found.ok, () => false);
  if (!accepted) show(!wanted);
};

const remove = async (form) => {
  const answer = await sent(form).catch(() => undefined);
  if (!answer?.ok) return form.submit(); // the page says what is wrong
  form.dispatchEvent(new CustomEvent("deleted", { bubbles: true }));
};

const share = async (button) => {
  const page = { url: new URL(button.dataset.page, location.href).href, title: document.title };
  let wanted = page;
  try {
    const file = await fetch(button.dataset.file).then((answer) => answer.blob());
    const files = [new File([file], "photo.jpg", { type: file.type })];
    if (navigator.canShare?.({ files })) wanted = { files };
  } catch {
    // Without the picture, its page is shared.
  }
  await navigator.share(wanted).catch(() => undefined); // closed without sharing
};

export const enable = (panel) => {
  for (const button of panel.querySelectorAll(".share")) button.hidden = !navigator.share;
};

export const listen = (place, { inPlace }) => {
  place.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches(".like")) {
      event.preventDefault();
      like(form);
    } else if (inPlace && form.matches(".delete form")) {
      event.preventDefault();
      remove(form);
    }
  });
  place.addEventListener("click", (event) => {
    const button = event.target.closest(".share");
    if (button) share(button);
  });
};

// Zoomed in, the file itself is shown, where browsers can.
export const sharpen = (picture, panel) => {
  const original = panel.querySelector("[data-original]")?.dataset.original;
  if (!original || picture.dataset.sharp) return;
  picture.dataset.sharp = "yes";
  const sharp = new Image();
  sharp.src = original;
  const put = () => {
    picture.srcset = "";
    picture.src = original;
  };
  sharp.decode().then(put, () => undefined);
};
