// Registers the service worker; on the page "You", switches the pushes of this browser.
const box = document.querySelector("[data-push]");
const worker = document.querySelector("script[data-worker]");

async function register() {
  if (!("serviceWorker" in navigator) || !worker) return;
  const registration = await navigator.serviceWorker.register(worker.dataset.worker, { scope: worker.dataset.scope });
  if (box && "PushManager" in window && "Notification" in window) await offer(registration);
}

async function offer(registration) {
  const form = box.querySelector("form");
  const button = form.querySelector("button");
  const say = box.querySelector("[role=status]");
  let subscription = await registration.pushManager.getSubscription();
  if (subscription && keyOf(subscription) !== box.dataset.push) {
    await subscription.unsubscribe(); // the server has another key now
    subscription = null;
  }

  const send = async (wanted) => {
    const sent = new FormData(form);
    const { endpoint, keys } = subscription.toJSON();
    sent.set("wanted", wanted ? "yes" : "no");
    for (const [name, value] of Object.entries({ endpoint, ...keys })) sent.set(name, value);
    const answer = await fetch(form.action, { method: "POST", body: sent, headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error((await answer.json()).error);
  };
  const show = () => {
    button.textContent = subscription ? box.dataset.off : box.dataset.on;
    button.setAttribute("aria-pressed", String(Boolean(subscription)));
    box.hidden = false;
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    say.textContent = "";
    try {
      if (subscription) {
        await send(false);
        await subscription.unsubscribe();
        subscription = null;
      } else if ((await Notification.requestPermission()) === "granted") {
        await navigator.serviceWorker.ready;
        const options = { userVisibleOnly: true, applicationServerKey: box.dataset.push };
        subscription = await registration.pushManager.subscribe(options);
        await send(true);
      } else {
        say.textContent = box.dataset.denied;
      }
    } catch (error) {
      say.textContent = error.message;
    }
    button.disabled = false;
    show();
  });

  if (subscription) await send(true).catch(() => {}); // keeps the server's copy true
  show();
}

function keyOf(subscription) {
  const bytes = new Uint8Array(subscription.options.applicationServerKey);
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

register();
