// The viewer over the grid: one photo large, and the next ones of the grid beside it. Each photo has its address.
import { Gestures } from "./gestures.js";
import { enable, listen, sharpen } from "./photo.js";

const turned = document.documentElement.dir === "rtl" ? -1 : 1;

export class Viewer {
  constructor(dialog, grid, loadMore) {
    Object.assign(this, { dialog, grid, loadMore });
    this.slides = dialog.querySelector(".slides");
    this.panel = dialog.querySelector(".panel");
    this.status = dialog.querySelector("[role=status]");
    this.gestures = new Gestures(dialog.querySelector(".stage"), {
      picture: () => this.slides.querySelector(".current"),
      onSwipe: (step) => (step ? this.step(step * turned) : this.close()),
      onDrag: (x) => this.drag(x),
      onZoom: () => sharpen(this.slides.querySelector(".current"), this.panel),
    });
    grid.addEventListener("click", (event) => this.clicked(event));
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    dialog.querySelector(".close").addEventListener("click", () => this.close());
    dialog.querySelector(".newer").addEventListener("click", () => this.step(-1));
    dialog.querySelector(".older").addEventListener("click", () => this.step(1));
    dialog.addEventListener("keydown", (event) => this.key(event));
    addEventListener("popstate", (event) => this.arrive(event.state?.photo));
    listen(dialog, { inPlace: true });
    dialog.addEventListener("liked", (event) => this.mark(event.detail, event.target));
    dialog.addEventListener("deleted", () => this.forget());
  }

  get isOpen() {
    return this.dialog.open;
  }

  get tiles() {
    return [...this.grid.querySelectorAll(".tiles > li")].filter((tile) => tile.querySelector("img"));
  }

  clicked(event) {
    const tile = event.target.closest(".tiles > li");
    if (!tile?.querySelector("img") || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    history.pushState({ photo: tile.id }, "", tile.querySelector("a").href);
    this.show(tile);
  }

  // Back, forward, or the address of a photo: shows what the address says.
  arrive(id) {
    const tile = id && document.getElementById(id);
    if (tile) return this.show(tile);
    if (!this.isOpen) return;
    this.dialog.close();
    this.tile?.scrollIntoView({ block: "nearest" });
    this.tile?.querySelector("a").focus({ preventScroll: true });
  }

  close() {
    history.back();
  }

  show(tile) {
    clearTimeout(this.moving);
    this.moving = undefined;
    this.tile = tile;
    const tiles = this.tiles;
    const at = tiles.indexOf(tile);
    this.around = [tiles[at - 1], tile, tiles[at + 1]];
    this.slides.classList.remove("moving");
    this.slides.style.transform = "";
    this.slides.replaceChildren(...this.around.map((other, place) => this.slide(other, place - 1)).filter(Boolean));
    this.gestures.reset();
    this.dialog.querySelector(".newer").hidden = !this.around[0];
    this.dialog.querySelector(".older").hidden = !this.around[2];
    if (!this.isOpen) {
      this.dialog.showModal();
      this.dialog.querySelector(".close").focus();
    }
    this.status.textContent = tile.querySelector("img").alt;
    this.describe(tile);
    if (at > tiles.length - 8) this.loadMore().then((more) => more && this.tile === tile && this.isOpen && this.show(tile));
  }

  slide(tile, place) {
    if (!tile) return undefined;
    const small = tile.querySelector("img");
    const picture = new Image();
    picture.draggable = false;
    picture.alt = place ? "" : small.alt;
    picture.sizes = "100vw";
    picture.srcset = small.srcset;
    picture.style.left = `${100 * place * turned}%`;
    picture.classList.toggle("current", !place);
    return picture;
  }

  async describe(tile) {
    clearTimeout(this.waiting);
    await new Promise((resolve) => (this.waiting = setTimeout(resolve, this.panel.children.length ? 150 : 0)));
    const url = new URL(tile.querySelector("a").href);
    url.searchParams.set("part", "panel");
    const answer = await fetch(url).catch(() => undefined);
    if (!answer?.ok || this.tile !== tile) return;
    this.panel.innerHTML = await answer.text();
    enable(this.panel);
  }

  drag(x) {
    this.slides.classList.toggle("moving", !x);
    this.slides.style.transform = x ? `translateX(${x}px)` : "";
  }

  step(step) {
    const next = this.around[step + 1];
    if (this.moving) return undefined;
    if (!next) return this.drag(0);
    history.replaceState({ photo: next.id }, "", next.querySelector("a").href);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.show(next);
    this.slides.classList.add("moving");
    this.slides.style.transform = `translateX(${-100 * step * turned}%)`;
    this.moving = setTimeout(() => this.isOpen && this.show(next), 200);
    return undefined;
  }

  key(event) {
    if (event.target.closest("input, textarea, select")) return;
    const step = { ArrowLeft: -turned, ArrowRight: turned }[event.key];
    if (!step) return;
    event.preventDefault();
    this.step(step);
  }

  // The heart on the tile, and its words.
  mark(liked, form) {
    const link = this.tile.querySelector("a");
    link.querySelector(".liked")?.remove();
    if (!liked) return;
    const heart = document.createElement("span");
    heart.className = "liked";
    const words = document.createElement("span");
    words.className = "visually-hidden";
    words.textContent = this.grid.dataset.liked;
    heart.append(form.querySelector(".icon").cloneNode(true), words);
    link.append(heart);
  }

  forget() {
    const [newer, gone, older] = this.around;
    document.getElementById(gone.id)?.remove();
    const next = older ?? newer;
    if (!next) return this.close();
    history.replaceState({ photo: next.id }, "", next.querySelector("a").href);
    this.show(next);
  }
}
