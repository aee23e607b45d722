// Asks the server for a small JSON, less and less often, until it says that nothing changes any longer.
const FIRST = 1000;
const SLOWEST = 30000;
const GIVE_UP = 30 * 60 * 1000;

export function until(url, isOver, whenOver, onState = () => {}) {
  const since = Date.now();
  let pause = FIRST;
  const ask = async () => {
    if (document.hidden) {
      document.addEventListener("visibilitychange", () => ask(), { once: true });
      return;
    }
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      if (answer.status === 401 || answer.status === 404) return;
      if (answer.ok) {
        const state = await answer.json();
        if (onState(state)) pause = FIRST;
        if (isOver(state)) {
          whenOver(state);
          return;
        }
      }
    } catch {
      // The network is gone for a while: ask again later.
    }
    pause = Math.min(pause * 1.5, SLOWEST);
    if (Date.now() - since < GIVE_UP) setTimeout(ask, pause);
  };
  setTimeout(ask, pause);
}
