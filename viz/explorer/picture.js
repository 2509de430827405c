// The picture: what it shows at a position, what is lit, and where the eye is.

const last = (ids, when) => ids.reduce((most, id) => Math.max(most, when(id)), 0);
const complete = (id) => growth.get(id).at(-1)?.[0] ?? SEED;   // the position from which an adjoint is whole

function paint(id, position) {
  const box = view.box(id), g = adjoint(id, position);
  if (view.insiders.has(box)) paintFold(box, position);
  else if (box === id) paintValue(id, g, position);
}
function paintValue(id, g, position) {
  const here = birth.get(id) <= position, { classList } = view.drawn.get(id) ?? svgNone;
  for (const part of [id, `${id}o`]) view.drawn.get(part)?.classList.toggle("later", !here);
  write(`${id} data`, here ? nodes.get(id).short ?? null : "…");
  write(`${id} grad`, g === waiting ? "…" : g[1] ?? null);
  for (const key of ["|grad|", "and"]) write(`${id} ${key}`, g === waiting ? "…" : null);  // of a fold that is a step
  say(id, data.coarse ? (here && g !== waiting ? null : name(id))
    : `${name(id)}: data ${here ? nodes.get(id).data : "not computed yet"}, grad ${g === waiting ? "not reached yet" : g[2]}`);
  classList.remove(...SHADES);
  if (g !== waiting && g[2]) classList.add(shade(parse(g[2]), data.top));
}
function paintFold(box, position) {
  const ids = view.insiders.get(box), { classList } = view.drawn.get(box);
  const whole = last(ids, complete) <= position;
  classList.toggle("later", last(ids, (id) => birth.get(id)) > position);
  for (const key of ["|grad|", "grad", "and"]) write(`${box} ${key}`, whole ? null : "…");
  say(box, whole ? null : `${view.drawn.get(box).querySelector("text").textContent}: ${ids.length} values folded`);
  classList.remove(...SHADES);
  const strongest = ids.map((id) => adjoint(id, position)).filter((g) => g !== waiting).map((g) => parse(g[2]));
  if (strongest.length) classList.add(shade(strongest.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a)), data.top));
}
const svgNone = { classList: document.createElement("i").classList };
function write(key, text) {                                 // null: as it was drawn; what stays is not touched
  const [slot, drawn] = view.texts.get(key) ?? [];
  if (slot && slot.data !== (text ?? drawn)) slot.data = text ?? drawn;
}
function say(box, words) {                                  // in the title and to who listens; null: as it was drawn
  const g = view.drawn.get(box), next = words ?? view.said.get(box);
  if (!g || g.getAttribute("aria-label") === next) return;
  g.setAttribute("aria-label", next);
  g.querySelector("title").textContent = next;
}

let marked = [];                                            // [element, class] of what a step points at
function mark(kind, ...elements) {
  for (const g of elements) if (g) { g.classList.add(kind); marked.push([g, kind]); }
}
function point(position) {
  for (const [g, kind] of marked) g.classList.remove(kind);
  marked = [];
  const [node, ...fed] = touched(position);
  if (!node) return;
  const box = view.drawn.get(view.box(node));
  mark("now", box, view.drawn.get(`${node}o`));
  mark("fed", ...fed.map((id) => view.drawn.get(view.box(id))).filter((g) => g !== box));
  if (position !== SEED) {
    const places = position > FORWARD ? stepAt(position).adds.map((add) => add.index) : [...nodes.get(node).args.keys()];
    mark("flow", view.drawn.get(`${node}z`), ...places.map((i) => arrow(node, i)));
  }
  if (view.svg.classList.contains("ready") && eye.zoom > 1.05 * whole()) reveal(box);  // the eye follows
}

// The value that is looked at, its arrows, and on each the local partial.
let chosen = null, kept = null, lit = [], asFold = false;
function choose(id, box = null) {                           // a value, or as a box what it hides

  for (const g of lit) g.classList.remove("chosen");
  for (const label of view.svg.querySelectorAll(".on-edge")) label.remove();
  chosen = id;
  asFold = view.insiders.has(box);
  lit = [];
  if (id) {
    const ways = [...nodes.get(id).args.map((arg, i) => [id, i, arg.partial]),
                  ...users.get(id).map(([user, i]) => [user.id, i, user.args[i].partial])];
    const drawn = view.box(id) === id;
    for (const [node, i, partial] of ways) if (drawn && partial !== null) tag(view.drawn.get(`${node}e${i}`), partial);
    const parts = [view.box(id), `${id}o`, `${id}z`].map((part) => view.drawn.get(part));
    lit = [...parts, ...ways.map(([node, i]) => arrow(node, i))].filter(Boolean);
    for (const g of lit) g.classList.add("chosen");
  }
  describe();
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
  if (eye.zoom < READABLE) zoom(1 / eye.zoom);
  reveal(view.drawn.get(view.box(id)));
}

// Where the eye is: the viewBox.
const READABLE = 0.6;
let eye = { x: 0, y: 0, zoom: 1, fits: true };              // zoom: pixels a unit; fits: all is to be seen
const bounds = () => place.getBoundingClientRect();
function look() {
  const { width, height } = bounds();
  view.svg.setAttribute("viewBox", [eye.x, eye.y, width / eye.zoom, height / eye.zoom].join(" "));
}
function whole() {
  const { width, height } = bounds();
  return Math.max(0.02, Math.min(width / view.size[2], height / view.size[3], 1.6));  // a hidden page has no size
}
function fit() {
  const { width, height } = bounds(), zoom = whole();
  eye = { zoom, x: view.size[2] / 2 - width / zoom / 2, y: view.size[3] / 2 - height / zoom / 2, fits: true };
  look();
}
function zoom(by, x = bounds().width / 2, y = bounds().height / 2) {
  const next = Math.max(0.02, Math.min(8, eye.zoom * by));
  eye.x += x / eye.zoom - x / next;
  eye.y += y / eye.zoom - y / next;
  eye.zoom = next;
  eye.fits = false;
  look();
}
function pan(dx, dy) {
  if (!dx && !dy) return;
  eye.fits = false;
  eye.x += dx / eye.zoom;
  eye.y += dy / eye.zoom;
  look();
}
function reveal(g) {                                        // move as little as shows it whole
  if (!g) return;
  const box = g.getBoundingClientRect(), frame = bounds(), edge = 24;
  const by = (low, high, least, most) =>
    low < least + edge ? low - least - edge : high > most - edge ? high - most + edge : 0;
  pan(by(box.left, box.right, frame.left, frame.right), by(box.top, box.bottom, frame.top, frame.bottom));
}
