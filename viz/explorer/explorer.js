// explorer.js: needs every other script. It renders each position, and binds pointer, focus and keys to actions.

if (data.note) byId("note").append(small(data.note));
byId("layers").append(...layersPanel(data.layers));
byId("shades").append(...shadesLegend(data.top));
const cells = new Map();                                    // value → the elements with its adjoint in the panel
for (const cell of document.querySelectorAll("[data-adjoint]")) {
  const id = cell.dataset.adjoint;
  cells.set(id, [...(cells.get(id) ?? []), cell]);
}

const idle = data.nodes.map((node) => node.id).filter((id) => !adjointHistory.get(id).length);  // their adjoint is 0 at LAST
let now = 0;
function show(position, before) {
  const changed = new Set(position === LAST || before === LAST ? idle : []);
  for (let p = Math.min(position, before) + 1; p <= Math.max(position, before); p++) {
    for (const id of changedAt(p)) changed.add(id);
  }
  now = position;
  repaint(changed);
  byId("where").textContent = where(position);
  byId("slider").setAttribute("aria-valuetext", where(position));
  byId("step").replaceChildren(...describeStep(position));
  if (chosen) describeChosen();
}
function repaint(ids) {
  const folds = new Set();                                  // each is painted once
  for (const id of ids) {
    const box = view.box(id);
    if (folds.has(box)) continue;
    if (view.members.has(box)) folds.add(box);
    paint(id, now);
  }
  for (const id of ids) for (const cell of cells.get(id) ?? []) cell.textContent = adjoint(id, now)[2];
  point(now);
}
function describeChosen() {
  const hint = "Point at a value, or walk with ↓ and ↑, to see its gradient, its formula and its local partials.";
  const parts = !chosen ? [line(small(hint))] : asFold ? foldCard(view.box(chosen)) : valueCard(chosen, now);
  byId("node").replaceChildren(...parts);
}

// The current view.
function seeView(k) {
  const next = views[Math.max(0, Math.min(views.length - 1, k))];
  if (next === view && view.svg.isConnected) return;
  choose(null);
  if (view.svg.isConnected) view.camera = camera;
  view.svg.remove();
  view = next;
  container.append(view.svg);
  repaint(nodes.keys());
  tabstop(view.drawn.has(view.box(current)) ? view.box(current) : view.boxes[0]);
  if (view.camera) { camera = view.camera; look(); } else fit();
  view.svg.classList.add("ready");                          // only now, so that it is laid out once
  if (kept) keep(kept); else choose(null);
  [...byId("views").children].forEach((button, i) => button.setAttribute("aria-pressed", views[i] === view));
}
const deeper = (by) => seeView(views.indexOf(view) + by);
if (views.length > 1) {
  byId("views").append(...views.map(({ name }, k) => {
    const button = element("button", { title: "[ and ]" }, name);
    button.addEventListener("click", () => seeView(k));
    return button;
  }));
}

// Pointer and focus. Tab reaches one box (a roving tabindex), from which ↓ and ↑ move.
let current = data.nodes[0].id;
function tabstop(box) {
  view.drawn.get(current)?.setAttribute("tabindex", -1);
  current = box;
  view.drawn.get(box)?.setAttribute("tabindex", 0);
}
function focus(box) {
  tabstop(box);
  view.drawn.get(box).focus({ preventScroll: true });
  if (camera.zoom < READABLE) zoom(1 / camera.zoom);
  reveal(view.drawn.get(box));
}
function boxAt(target) {
  const id = target.closest?.("g.node")?.id.replace(/o$/, "");
  return view.drawn.has(id) && valueOf(id) ? id : null;
}
function press(box) {                                       // Enter, or a click: unfold, or keep in view
  if (view.members.has(box) && views.indexOf(view) < views.length - 1) {
    const id = valueOf(box);
    deeper(1);
    focus(view.box(id));
  } else keep(kept === valueOf(box) ? null : valueOf(box));
}
let drag = null;
container.addEventListener("focusin", (event) => { const box = boxAt(event.target); if (box) choose(valueOf(box), box); });
container.addEventListener("pointerover", (event) => {
  const box = boxAt(event.target);
  if (box && !drag) choose(valueOf(box), box);
});
container.addEventListener("pointerout", (event) => { if (boxAt(event.target) && !drag) choose(kept); });
container.addEventListener("pointerdown", (event) => { drag = { x: event.clientX, y: event.clientY, moved: false }; });
addEventListener("pointermove", (event) => {
  if (!drag) return;
  const dx = event.clientX - drag.x, dy = event.clientY - drag.y;
  if (!drag.moved && Math.hypot(dx, dy) < 4) return;
  drag = { x: event.clientX, y: event.clientY, moved: true };
  pan(-dx, -dy);
});
addEventListener("pointerup", (event) => {
  const box = drag && !drag.moved ? boxAt(event.target) : null;
  drag = null;
  if (box) { focus(box); press(box); }
});
container.addEventListener("wheel", (event) => {
  event.preventDefault();
  const { left, top } = bounds();
  if (event.ctrlKey || event.metaKey) zoom(Math.exp(-event.deltaY / 300), event.clientX - left, event.clientY - top);
  else pan(event.deltaX, event.deltaY);
}, { passive: false });

// Search: values with the text in their name, operation or scope, also inside folds.
const search = byId("search");
let found = [], at = -1;
function find() {
  const text = search.value.trim().toLowerCase();
  const has = (node) => [name(node.id), node.op, node.scope].some((what) => what.toLowerCase().includes(text));
  for (const g of view.svg.querySelectorAll(".found")) g.classList.remove("found");
  found = text ? data.nodes.filter(has).map((node) => node.id) : [];
  at = -1;
  for (const id of found) view.drawn.get(view.box(id))?.classList.add("found");
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
function walk(by) {
  const from = view.boxes.indexOf(chosen ? view.box(chosen) : current);
  const there = document.activeElement === view.drawn.get(current);
  focus(view.boxes[Math.max(0, Math.min(view.boxes.length - 1, from + (there ? by : 0)))]);
}
const keys = {
  ArrowDown: () => walk(1), ArrowUp: () => walk(-1), "[": () => deeper(-1), "]": () => deeper(1),
  "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), 0: fit, "/": () => search.focus(),
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || byId("help").open) return;
  if (event.key === "Escape") { search.value = ""; find(); keep(null); document.activeElement.blur(); return; }
  if (event.target === search) { if (event.key === "Enter") next(); return; }
  if (event.target.type === "range" && event.key.startsWith("Arrow") && !event.shiftKey) return;
  const box = event.key === "Enter" && boxAt(event.target);
  const shift = event.shiftKey && shifts[event.key];
  const action = box ? () => press(box) : shift ? () => pan(...shift) : keys[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

byId("in").addEventListener("click", keys["+"]);
byId("out").addEventListener("click", keys["-"]);
byId("fit").addEventListener("click", fit);
addEventListener("resize", () => (camera.fits ? fit() : look()));
const go = player(LAST, show);
go(LAST);
seeView(views.indexOf(view));
