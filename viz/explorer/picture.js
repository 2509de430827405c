// picture.js: defines paint, mark, point, chosen, kept, asFold, choose, keep, READABLE, camera, bounds, look, whole, fit,
// zoom, pan and reveal. Needs shade, SHADES, brief and parse (shades.js), timeline.js, views.js, and describeChosen.
// The picture: its boxes at a position, the highlighted ones, and the camera.

const last = (ids, when) => ids.reduce((most, id) => Math.max(most, when(id)), 0);
const completeAt = (id) => adjointHistory.get(id).at(-1)?.[0] ?? SEED;  // the position of its last addition

function paint(id, position) {
  const box = view.box(id), g = adjoint(id, position);
  if (view.members.has(box)) paintFold(box, position);
  else if (box === id) paintValue(id, g, position);
}
function paintValue(id, g, position) {
  const here = computedAt.get(id) <= position, { classList } = view.drawn.get(id) ?? svgNone;
  for (const part of [id, `${id}o`]) view.drawn.get(part)?.classList.toggle("later", !here);
  setText(`${id} data`, here ? nodes.get(id).short ?? null : "…");
  setText(`${id} grad`, g === pending ? "…" : g[1] ?? null);
  for (const key of ["|grad|", "and"]) setText(`${id} ${key}`, g === pending ? "…" : null);  // of a fold as a step
  setLabel(id, data.coarse ? (here && g !== pending ? null : name(id))
    : `${name(id)}: data ${here ? nodes.get(id).data : "not computed yet"}, grad ${g === pending ? "not reached yet" : g[2]}`);
  classList.remove(...SHADES);
  if (g !== pending && g[2]) classList.add(shade(parse(g[2]), data.top));
}
function paintFold(box, position) {
  const ids = view.members.get(box), { classList } = view.drawn.get(box);
  const whole = last(ids, completeAt) <= position;
  classList.toggle("later", last(ids, (id) => computedAt.get(id)) > position);
  for (const key of ["|grad|", "grad", "and"]) setText(`${box} ${key}`, whole ? null : "…");
  setLabel(box, whole ? null : `${view.drawn.get(box).querySelector("text").textContent}: ${ids.length} values folded`);
  classList.remove(...SHADES);
  const known = ids.map((id) => adjoint(id, position)).filter((g) => g !== pending).map((g) => parse(g[2]));
  if (known.length) classList.add(shade(known.reduce(stronger), data.top));
}
const svgNone = { classList: document.createElement("i").classList };
function setText(key, text) {                               // null: as drawn; an equal text is not written
  const [slot, drawn] = view.texts.get(key) ?? [];
  if (slot && slot.data !== (text ?? drawn)) slot.data = text ?? drawn;
}
function setLabel(box, words) {                             // title and accessible name; null: as drawn
  const g = view.drawn.get(box), next = words ?? view.labels.get(box);
  if (!g || g.getAttribute("aria-label") === next) return;
  g.setAttribute("aria-label", next);
  g.querySelector("title").textContent = next;
}

let marked = [];                                            // [element, class] that the current step added
function mark(kind, ...elements) {
  for (const g of elements) if (g) { g.classList.add(kind); marked.push([g, kind]); }
}
function point(position) {
  for (const [g, kind] of marked) g.classList.remove(kind);
  marked = [];
  const [node, ...fed] = changedAt(position);
  if (!node) return;
  const box = view.drawn.get(view.box(node));
  mark("now", box, view.drawn.get(`${node}o`));
  mark("fed", ...fed.map((id) => view.drawn.get(view.box(id))).filter((g) => g !== box));
  if (position !== SEED) {
    const indices = position > FORWARD ? stepAt(position).adds.map((add) => add.index) : [...nodes.get(node).args.keys()];
    mark("flow", view.drawn.get(`${node}z`), ...indices.map((i) => arrow(node, i)));
  }
  if (view.svg.classList.contains("ready") && camera.zoom > 1.05 * whole()) reveal(box);  // the camera follows
}

// The chosen value, its arrows, and on each its local partial.
let chosen = null, kept = null, highlighted = [], asFold = false;
function choose(id, box = null) {                           // a value, or a fold by its box
  for (const g of highlighted) g.classList.remove("chosen");
  for (const label of view.svg.querySelectorAll(".on-edge")) label.remove();
  chosen = id;
  asFold = view.members.has(box);
  highlighted = [];
  if (id) {
    const ways = [...nodes.get(id).args.map((arg, i) => [id, i, arg.partial]),
                  ...users.get(id).map(([user, i]) => [user.id, i, user.args[i].partial])];
    const drawn = view.box(id) === id;
    for (const [node, i, partial] of ways) if (drawn && partial !== null) tag(view.drawn.get(`${node}e${i}`), partial);
    const parts = [view.box(id), `${id}o`, `${id}z`].map((part) => view.drawn.get(part));
    highlighted = [...parts, ...ways.map(([node, i]) => arrow(node, i))].filter(Boolean);
    for (const g of highlighted) g.classList.add("chosen");
  }
  describeChosen();
}
function tag(edge, partial) {
  const line = edge?.querySelector("path");
  if (!line) return;
  const { x, y } = line.getPointAtLength(line.getTotalLength() / 2);
  const text = document.createElementNS(view.svg.namespaceURI, "text");
  text.setAttribute("class", "on-edge");
  text.setAttribute("x", x);
  text.setAttribute("y", y - 3);
  text.textContent = brief(parse(partial));
  edge.append(text);
}
function keep(id) {
  kept = id;
  choose(id);
  if (!id) return;
  if (camera.zoom < READABLE) zoom(1 / camera.zoom);
  reveal(view.drawn.get(view.box(id)));
}

// The camera: the viewBox.
const READABLE = 0.6;
let camera = { x: 0, y: 0, zoom: 1, fits: true };           // zoom: pixels a unit; fits: shows the whole picture
const bounds = () => container.getBoundingClientRect();
function look() {
  const { width, height } = bounds();
  view.svg.setAttribute("viewBox", [camera.x, camera.y, width / camera.zoom, height / camera.zoom].join(" "));
}
function whole() {
  const { width, height } = bounds();
  return Math.max(0.02, Math.min(width / view.size[2], height / view.size[3], 1.6));  // a hidden page has no size
}
function fit() {
  const { width, height } = bounds(), zoom = whole();
  camera = { zoom, x: view.size[2] / 2 - width / zoom / 2, y: view.size[3] / 2 - height / zoom / 2, fits: true };
  look();
}
function zoom(by, x = bounds().width / 2, y = bounds().height / 2) {
  const next = Math.max(0.02, Math.min(8, camera.zoom * by));
  camera.x += x / camera.zoom - x / next;
  camera.y += y / camera.zoom - y / next;
  camera.zoom = next;
  camera.fits = false;
  look();
}
function pan(dx, dy) {
  if (!dx && !dy) return;
  camera.fits = false;
  camera.x += dx / camera.zoom;
  camera.y += dy / camera.zoom;
  look();
}
function reveal(g) {                                        // pan by the least that shows it whole
  if (!g) return;
  const box = g.getBoundingClientRect(), frame = bounds(), edge = 24;
  const by = (low, high, least, most) =>
    low < least + edge ? low - least - edge : high > most - edge ? high - most + edge : 0;
  pan(by(box.left, box.right, frame.left, frame.right), by(box.top, box.bottom, frame.top, frame.bottom));
}
