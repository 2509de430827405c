// player.js: defines data, byId, element and player, in every page. Needs the elements of player.html.
// The player: a position in a sequence of steps, moved by the slider, the buttons, the keys and play.

"use strict";
const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);

// An element with attributes and children; strings become text nodes, so nothing in them is parsed as HTML.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const calm = matchMedia("(prefers-reduced-motion: reduce)");

// Positions 0 … last; `show(position, before)` paints one. Returns go(position).
function player(last, show) {
  const slider = byId("slider"), play = byId("play");
  const pace = () => Math.max(calm.matches ? 1000 : 40, Math.min(900, 15000 / (last + 1)));
  let position = 0, timer = 0;

  function go(to) {
    const before = position;
    position = Math.max(0, Math.min(last, to));
    slider.value = position;
    byId("first").disabled = byId("back").disabled = position === 0;
    byId("last").disabled = byId("next").disabled = position === last;
    show(position, before);
  }
  function stop() {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
  }
  function start() {
    if (position === last) go(0);
    timer = setInterval(() => (position < last ? go(position + 1) : stop()), pace());
    play.textContent = "Pause";
  }
  const move = (to) => { stop(); go(to); };
  const moves = { first: () => move(0), back: () => move(position - 1), next: () => move(position + 1),
                  last: () => move(last), play: () => (timer ? stop() : start()) };
  for (const name in moves) byId(name).addEventListener("click", moves[name]);
  slider.max = last;
  slider.addEventListener("input", () => move(+slider.value));

  const keys = { ArrowRight: "next", ArrowLeft: "back", Home: "first", End: "last", " ": "play" };
  document.addEventListener("keydown", (event) => {
    const name = keys[event.key], on = event.target.tagName;
    if (!name || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || byId("help").open) return;
    if (on === "INPUT" && event.target !== slider) return;  // a text keeps its keys
    if (event.key === " " ? on === "BUTTON" || on === "SUMMARY" : on === "SELECT") return;
    event.preventDefault();
    moves[name]();
  });
  byId("keys").addEventListener("click", () => byId("help").showModal());
  document.addEventListener("keydown", (event) => {
    if (event.key === "?" && event.target.type !== "search" && !byId("help").open) byId("help").showModal();
  });
  return go;
}
