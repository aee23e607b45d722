// The page of one photo: keys and swipes go where its links go.
import { Gestures } from "./gestures.js";
import { enable, listen, sharpen } from "./photo.js";

const stage = document.querySelector(".stage");
const panel = document.querySelector(".panel");
const turned = document.documentElement.dir === "rtl" ? -1 : 1;
const go = (step) => document.querySelector(step < 0 ? ".step.newer" : ".step.older")?.click();
const leave = () => document.querySelector(".top .back").click();

stage.classList.add("takes-gestures");
new Gestures(stage, {
  picture: () => stage.querySelector("img"),
  onSwipe: (step) => (step ? go(step * turned) : leave()),
  onZoom: () => sharpen(stage.querySelector("img"), panel),
});
addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select") || event.altKey || event.ctrlKey || event.metaKey) return;
  const actions = { ArrowLeft: () => go(-turned), ArrowRight: () => go(turned), Escape: leave };
  actions[event.key]?.();
});
enable(panel);
listen(panel, { inPlace: false });
