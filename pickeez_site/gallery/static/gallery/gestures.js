// Swipe, pinch and double tap on a stage. `onSwipe` gets -1, 1, or 0 for down; `onDrag` how far a finger is.
const FAR = 60; // pixels
const TWICE = 300; // milliseconds

export class Gestures {
  constructor(stage, { picture, onSwipe, onDrag = () => {}, onZoom = () => {} }) {
    Object.assign(this, { stage, picture, onSwipe, onDrag, onZoom });
    this.fingers = new Map();
    this.reset();
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => this.up(event));
    stage.addEventListener("dblclick", (event) => this.toggle(event.clientX, event.clientY));
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  get zoomed() {
    return this.scale > 1;
  }

  reset() {
    Object.assign(this, { scale: 1, x: 0, y: 0 });
    this.draw();
  }

  draw() {
    const picture = this.picture();
    if (picture) picture.style.transform = this.zoomed ? `translate(${this.x}px, ${this.y}px) scale(${this.scale})` : "";
  }

  // Zooms so that what is at this point of the screen stays there.
  zoom(scale, clientX, clientY) {
    const box = this.stage.getBoundingClientRect();
    const [px, py] = [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
    const next = Math.min(Math.max(scale, 1), 6);
    this.x = px - ((px - this.x) * next) / this.scale;
    this.y = py - ((py - this.y) * next) / this.scale;
    this.scale = next;
    this.bound(box);
    if (this.zoomed) this.onZoom();
  }

  bound(box) {
    const [mx, my] = [(box.width * (this.scale - 1)) / 2, (box.height * (this.scale - 1)) / 2];
    this.x = Math.min(Math.max(this.x, -mx), mx);
    this.y = Math.min(Math.max(this.y, -my), my);
    this.draw();
  }

  toggle(x, y) {
    if (this.zoomed) this.reset();
    else this.zoom(2.5, x, y);
  }

  wheel(event) {
    if (!event.ctrlKey && !this.zoomed) return;
    event.preventDefault();
    this.zoom(this.scale * Math.exp(-event.deltaY / 200), event.clientX, event.clientY);
  }

  down(event) {
    if (event.button || event.target.closest("a, button")) return;
    this.stage.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, event);
    this.pinched ||= this.fingers.size > 1;
    if (this.fingers.size === 1) Object.assign(this, { first: event, pinched: false, from: { x: this.x, y: this.y } });
    this.spread = this.distance();
  }

  distance() {
    const [a, b] = this.fingers.values();
    return b && Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  }

  move(event) {
    if (!this.fingers.has(event.pointerId)) return;
    this.fingers.set(event.pointerId, event);
    const [a, b] = this.fingers.values();
    if (b) {
      const spread = this.distance();
      this.zoom((this.scale * spread) / (this.spread || spread), (a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2);
      this.spread = spread;
    } else if (this.pinched) {
      return;
    } else if (this.zoomed) {
      this.x = this.from.x + event.clientX - this.first.clientX;
      this.y = this.from.y + event.clientY - this.first.clientY;
      this.bound(this.stage.getBoundingClientRect());
    } else {
      this.onDrag(event.clientX - this.first.clientX);
    }
  }

  up(event) {
    if (!this.fingers.delete(event.pointerId) || this.fingers.size) return;
    const [dx, dy] = [event.clientX - this.first.clientX, event.clientY - this.first.clientY];
    if (this.pinched || this.zoomed || event.type === "pointercancel") return this.onDrag(0);
    if (Math.abs(dx) > FAR && Math.abs(dx) > Math.abs(dy)) return this.onSwipe(dx < 0 ? 1 : -1);
    this.onDrag(0);
    if (dy > 2 * FAR) return this.onSwipe(0);
    if (event.pointerType !== "mouse" && Math.hypot(dx, dy) < 10) this.tap(event);
  }

  // Where touches do not make a dblclick because the stage takes all gestures itself.
  tap(event) {
    const twice = event.timeStamp - (this.tapped ?? -Infinity) < TWICE;
    this.tapped = twice ? undefined : event.timeStamp;
    if (twice) this.toggle(event.clientX, event.clientY);
  }
}
