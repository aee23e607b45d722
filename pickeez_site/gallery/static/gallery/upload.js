// A queue of files that are sent by the tus protocol (views/uploads.py): each goes on where it stopped.
const PARALLEL = 3, LEAST = 256 * 1024, MOST = 8 * 1024 * 1024;
const FAST = 2000, SLOW = 8000, STALLED = 45000, LONGEST_PAUSE = 30000; // milliseconds
const HASHED = 64 * 1024 * 1024; // bytes; a browser can hash a file only as a whole
const DAY = 24 * 3600 * 1000; // how long the server keeps what has arrived

export class Refused extends Error {} // this file is not taken
export class Stopped extends Error { // no file is taken for now
  constructor(message, { signedOut = false } = {}) { super(message); this.signedOut = signedOut; }
}

export class UploadQueue {
  // `onchange(item, queue)` is told of each step; `item.state` is waiting, sending, added or refused.
  constructor({ uploads, album, token, refreshToken, words, most, onchange }) {
    Object.assign(this, { uploads, album, token, refreshToken, words, most, onchange });
    this.items = []; this.running = 0; this.chunk = 1024 * 1024; this.stopped = null; this.waking = new Set();
    addEventListener("online", () => this.wake());
  }

  add(files) {
    for (const file of files) {
      const key = `upload:${this.album}:${file.name}:${file.size}:${file.lastModified}`;
      if (this.items.some((item) => item.key === key && item.state !== "refused")) continue;
      const item = { file, key, state: "waiting", sent: 0, words: "" };
      this.items.push(item);
      if (!file.size) this.refuse(item, this.words.empty);
      else if (file.size > this.most) this.refuse(item, this.words.large);
      else this.onchange(item, this);
    }
    this.fill();
  }

  get open() { return this.items.filter((item) => item.state === "waiting" || item.state === "sending"); }

  refuse(item, words) { item.state = "refused"; item.words = words; this.onchange(item, this); }

  resume() { this.stopped = null; this.wake(); this.fill(); }

  wake() { for (const wake of [...this.waking]) wake(); }

  fill() {
    while (!this.stopped && this.running < PARALLEL) {
      const item = this.items.find((each) => each.state === "waiting");
      if (!item) break;
      this.running += 1;
      item.state = "sending"; this.onchange(item, this);
      this.send(item).then(
        () => { item.state = "added"; item.sent = item.file.size; forget(item.key); },
        (error) => {
          if (error instanceof Refused) { item.state = "refused"; item.words = error.message; forget(item.key); }
          else { item.state = "waiting"; this.stopped = error; this.wake(); }
        },
      ).finally(() => { this.running -= 1; this.onchange(item, this); this.fill(); });
    }
  }

  // Sends the file, however often the connection is lost. Throws Refused or Stopped.
  async send(item) {
    let url = recall(item.key), offset = url ? null : 0, failures = 0, begun = 0;
    for (;;) {
      if (this.stopped) throw this.stopped;
      try {
        if (!url) {
          if ((begun += 1) > 3) throw new Refused(this.words.failed);
          ({ url, offset } = await this.begin(item));
          if (offset < item.file.size) remember(item.key, url);
        } else if (offset === null) {
          const answer = await this.request("HEAD", url);
          if (answer.status === 404) { forget(item.key); url = null; continue; }
          offset = this.offsetOf(answer);
        } else if (offset < item.file.size) {
          offset = await this.sendChunk(item, url, offset);
          if (offset === null) continue;
        }
        failures = 0; item.words = ""; item.sent = Math.max(offset ?? 0, 0);
        this.onchange(item, this);
        if (offset >= item.file.size) return;
      } catch (error) {
        if (error instanceof Refused || error instanceof Stopped) throw error;
        if (error.unreadable) throw new Refused(this.words.unreadable);
        if (error.mismatch) { forget(item.key); url = null; offset = 0; continue; }
        failures += 1; offset = null;
        this.chunk = Math.max(LEAST, this.chunk / 2);
        item.words = error.words || (navigator.onLine ? this.words.retrying : this.words.offline);
        this.onchange(item, this);
        await this.pause(failures, error.retryAfter);
      }
    }
  }

  async begin(item) {
    const { file } = item, meta = [["filename", file.name], ["sha256", await this.hash(file)]];
    const headers = {
      "Upload-Length": file.size,
      "Upload-Metadata": meta.filter(([, value]) => value).map(([name, value]) => `${name} ${base64(value)}`).join(","),
    };
    const whole = file.size <= this.chunk; // a small file needs no second request
    if (whole) headers["Content-Type"] = "application/offset+octet-stream";
    const answer = await this.request("POST", this.uploads, headers, whole ? file : null, item, 0);
    return { url: answer.header("Location"), offset: this.offsetOf(answer) };
  }

  async sendChunk(item, url, offset) {
    const started = performance.now(), part = item.file.slice(offset, offset + this.chunk);
    const headers = { "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream" };
    const answer = await this.request("PATCH", url, headers, part, item, offset);
    if (answer.status === 404) { forget(item.key); return null; }
    if (answer.status !== 409) {
      const took = performance.now() - started;
      if (took < FAST) this.chunk = Math.min(MOST, this.chunk * 2);
      if (took > SLOW) this.chunk = Math.max(LEAST, this.chunk / 2);
    }
    return this.offsetOf(answer);
  }

  offsetOf(answer) {
    const offset = Number.parseInt(answer.header("Upload-Offset"), 10);
    if (Number.isNaN(offset)) throw new Error("no offset");
    return offset;
  }

  // Answers of 2xx and 409 are returned, of 404 for an upload that has ended, too. All else is thrown.
  async request(method, url, headers = {}, body = null, item = null, from = 0) {
    if (body) await readable(body);
    const answer = await this.exchange(method, url, headers, body, item, from);
    const { status } = answer, words = answer.error || "";
    if ((status >= 200 && status < 300) || status === 409) return answer;
    if (status === 404 && url !== this.uploads) return answer;
    if (status === 401) throw new Stopped(words || this.words.signed_out, { signedOut: true });
    if (status === 403 && !answer.header("Tus-Resumable")) { // the token is of an older session
      if (await this.refreshToken()) throw Object.assign(new Error("token"), { retryAfter: 0 });
      throw new Stopped(this.words.signed_out, { signedOut: true });
    }
    if (status === 404 || status === 429) throw new Stopped(words);
    if (status === 460) throw Object.assign(new Error(words), { mismatch: true });
    if (status === 0 || status >= 500) {
      const retryAfter = Number.parseFloat(answer.header("Retry-After")) * 1000 || 0;
      throw Object.assign(new Error("unreachable"), { retryAfter, words });
    }
    throw new Refused(words || this.words.failed);
  }

  exchange(method, url, headers, body, item, from) {
    return new Promise((resolve) => {
      const xhr = new XMLHttpRequest();
      let stall;
      const alive = () => { clearTimeout(stall); stall = setTimeout(() => xhr.abort(), STALLED); };
      xhr.open(method, url);
      const all = { "Tus-Resumable": "1.0.0", Accept: "application/json", "X-CSRFToken": this.token(), ...headers };
      for (const [name, value] of Object.entries(all)) xhr.setRequestHeader(name, String(value));
      xhr.upload.onprogress = (event) => {
        alive();
        if (item) { item.sent = from + event.loaded; this.onchange(item, this); }
      };
      xhr.onloadend = () => {
        clearTimeout(stall);
        let error = "";
        try { ({ error } = JSON.parse(xhr.responseText)); } catch { /* not every answer has a text */ }
        resolve({ status: xhr.status, error, header: (name) => xhr.getResponseHeader(name) });
      };
      alive();
      xhr.send(body);
    });
  }

  // Waits longer each time, and no longer than until the connection is back.
  pause(failures, retryAfter) {
    const longest = Math.min(LONGEST_PAUSE, 1000 * 2 ** Math.min(failures, 5));
    const wait = retryAfter ?? 0 ? Math.max(retryAfter, longest / 2) : longest * (0.5 + Math.random() / 2);
    return new Promise((resolve) => {
      const wake = () => { clearTimeout(timer); this.waking.delete(wake); resolve(); };
      const timer = setTimeout(wake, wait);
      this.waking.add(wake);
    });
  }

  async hash(file) {
    if (!globalThis.crypto?.subtle || file.size > HASHED) return "";
    try {
      const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
      return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    } catch { throw Object.assign(new Error(file.name), { unreadable: true }); }
  }
}

async function readable(body) { // a file may have been removed, or be a folder
  try { await body.slice(0, 1).arrayBuffer(); } catch { throw Object.assign(new Error(), { unreadable: true }); }
}

function base64(text) { return btoa(String.fromCharCode(...new TextEncoder().encode(text))); }

// What has been begun is remembered by name, size and time, each upload under a key of its own: tabs do not disturb
// each other. Storage may be switched off: then nothing is remembered.
function remember(key, url) { try { localStorage.setItem(key, `${Date.now()} ${url}`); } catch { /* off */ } }
function forget(key) { try { localStorage.removeItem(key); } catch { /* off */ } }
function recall(key) {
  try {
    const [time, url] = (localStorage.getItem(key) || "").split(" ");
    if (url && Date.now() - time < DAY) return url;
    localStorage.removeItem(key);
  } catch { /* off */ }
  return null;
}

// How many uploads into the album were begun in this browser, and not finished.
export function unfinished(album) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(`upload:${album}:`) && recall(key)).length;
  } catch { return 0; }
}
