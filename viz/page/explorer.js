// The explorer: it puts the walk, the story and the picture together, and gives each action a key.

byId("layers").append(...layersPanel(data.layers));
const cells = new Map();                                    // places in the page that show the adjoint of a value
for (const cell of document.querySelectorAll("[data-adjoint]")) {
  const id = cell.dataset.adjoint;
  cells.set(id, [...(cells.get(id) ?? []), cell]);
}

let now = 0;
function show(position, before) {
  const changed = new Set(position === LAST || before === LAST ? nodes.keys() : []);
  for (let p = Math.min(position, before) + 1; p <= Math.max(position, before); p++) {
    for (const id of touched(p)) changed.add(id);
  }
  for (const id of changed) paint(id, position);
  now = position;
  point(position);
  byId("where").textContent = where(position);
  byId("slider").setAttribute("aria-valuetext", where(position));
  byId("step").replaceChildren(...story(position));
  if (chosen) describe();
}
function describe() {
  const hint = "Point at a value, or walk with ↓ and ↑, to see its gradient, its formula and its local partials.";
  byId("node").replaceChildren(...(chosen ? card(chosen, now) : [line(small(hint))]));
}

// Pointer and focus. One value is in the order of Tab; ↓ and ↑ move on from it.
let current = order[0];
for (const id of order) drawn.get(id).setAttribute("tabindex", id === current ? 0 : -1);
function focus(id) {
  drawn.get(current).setAttribute("tabindex", -1);
  current = id;
  drawn.get(id).setAttribute("tabindex", 0);
  drawn.get(id).focus({ preventScroll: true });
  if (eye.zoom < READABLE) zoom(1 / eye.zoom);
  reveal(drawn.get(id));
}
function valueAt(target) {
  const id = target.closest?.("g.node")?.id.replace(/o$/, "");
  return nodes.has(id) ? id : null;
}
let drag = null;
svg.addEventListener("focusin", (event) => { const id = valueAt(event.target); if (id) choose(id); });
svg.addEventListener("pointerover", (event) => { const id = valueAt(event.target); if (id && !drag) choose(id); });
svg.addEventListener("pointerout", (event) => { if (valueAt(event.target) && !drag) choose(kept); });
svg.addEventListener("pointerdown", (event) => { drag = { x: event.clientX, y: event.clientY, moved: false }; });
addEventListener("pointermove", (event) => {
  if (!drag) return;
  const dx = event.clientX - drag.x, dy = event.clientY - drag.y;
  if (!drag.moved && Math.hypot(dx, dy) < 4) return;
  drag = { x: event.clientX, y: event.clientY, moved: true };
  pan(-dx, -dy);
});
addEventListener("pointerup", (event) => {
  const id = drag && !drag.moved ? valueAt(event.target) : null;
  drag = null;
  if (id) { focus(id); keep(kept === id ? null : id); }
});
place.addEventListener("wheel", (event) => {
  event.preventDefault();
  const { left, top } = bounds();
  if (event.ctrlKey || event.metaKey) zoom(Math.exp(-event.deltaY / 300), event.clientX - left, event.clientY - top);
  else pan(event.deltaX, event.deltaY);
}, { passive: false });

// Search: what has the text in its label, its operation, its scope or its name.
const search = byId("search");
let found = [], at = -1;
function find() {
  const text = search.value.trim().toLowerCase();
  const has = (id) => [name(id), nodes.get(id).op, nodes.get(id).scope].some((what) => what.toLowerCase().includes(text));
  for (const id of found) drawn.get(id).classList.remove("found");
  found = text ? order.filter(has) : [];
  at = -1;
  for (const id of found) drawn.get(id).classList.add("found");
  byId("found").textContent = text ? `${found.length} found` : "";
}
function next() {
  if (!found.length) return;
  at = (at + 1) % found.length;
  keep(found[at]);
  byId("found").textContent = `${at + 1} of ${found.length}`;
}
search.addEventListener("input", find);

const shifts = { ArrowRight: [60, 0], ArrowLeft: [-60, 0], ArrowDown: [0, 60], ArrowUp: [0, -60] };
const walk = (by) => focus(order[Math.max(0, Math.min(order.length - 1, order.indexOf(chosen ?? current) + by))]);
const keys = {
  ArrowDown: () => walk(document.activeElement === drawn.get(current) ? 1 : 0),
  ArrowUp: () => walk(document.activeElement === drawn.get(current) ? -1 : 0),
  "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), 0: fit,
  "/": () => search.focus(),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
  if (event.key === "Escape") { search.value = ""; find(); keep(null); document.activeElement.blur(); return; }
  if (event.target === search) { if (event.key === "Enter") next(); return; }
  if (event.target.type === "range" && event.key.startsWith("Arrow") && !event.shiftKey) return;
  const id = event.key === "Enter" && valueAt(event.target);
  const action = id ? () => keep(kept === id ? null : id)
    : event.shiftKey && shifts[event.key] ? () => pan(...shifts[event.key]) : keys[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

byId("in").addEventListener("click", keys["+"]);
byId("out").addEventListener("click", keys["-"]);
byId("fit").addEventListener("click", fit);
addEventListener("resize", look);
describe();
const go = player(LAST, show);
go(LAST);
fit();
svg.classList.add("ready");                                 // laid out once, when all is said
