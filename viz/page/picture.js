// The picture: what is drawn of a value, what is lit, where the eye is, and what the pointer and the keys do to it.

const place = byId("picture");
const svg = place.querySelector("svg");
svg.setAttribute("aria-label", document.title);
svg.querySelector("title").textContent = document.title;
const drawn = new Map([...svg.querySelectorAll("g[id]")].map((g) => [g.id, g]));
const order = data.nodes.map((node) => node.id).filter((id) => drawn.has(id));
const texts = new Map();                                    // "n1 grad" → the text that shows it
for (const id of order) {
  for (const key of drawn.get(id).querySelectorAll("tspan")) {
    if (key.nextSibling) texts.set(`${id} ${key.textContent.trim()}`, [key.nextSibling, key.nextSibling.data]);
  }
}

function paint(id, position) {
  const here = birth.get(id) <= position, g = adjoint(id, position);
  for (const part of [id, `${id}o`]) drawn.get(part)?.classList.toggle("later", !here);
  drawn.get(id)?.classList.toggle("unreached", g === waiting);
  write(`${id} data`, here ? null : "…");
  write(`${id} grad`, g[1]);
  for (const cell of cells.get(id) ?? []) cell.textContent = g[2];
}

function write(key, text) {                                 // null: as it was drawn; what stays is not touched
  const [place, drawn] = texts.get(key) ?? [];
  if (place && place.data !== (text ?? drawn)) place.data = text ?? drawn;
}

let marked = [];                                            // [element, class] of what a step points at
function mark(kind, ...ids) {
  for (const id of ids) {
    const g = drawn.get(id);
    if (g) { g.classList.add(kind); marked.push([g, kind]); }
  }
}
function point(position) {
  for (const [g, kind] of marked) g.classList.remove(kind);
  marked = [];
  const [node, ...fed] = touched(position);
  if (!node) return;
  mark("now", node, `${node}o`);
  if (svg.classList.contains("ready") && eye.zoom > 1.05 * whole()) reveal(drawn.get(node));   // the eye follows where the picture is not seen whole
  mark("fed", ...fed);
  if (position === SEED) return;
  const places = position > FORWARD ? stepAt(position).adds.map((add) => add.place) : [...nodes.get(node).args.keys()];
  mark("flow", `${node}z`, ...places.map((i) => `${node}e${i}`));
}

// The value that is looked at, its arrows, and on each the local partial.
let chosen = null, kept = null, lit = [];
function choose(id) {
  for (const g of lit) g.classList.remove("chosen");
  for (const label of svg.querySelectorAll(".on-edge")) label.remove();
  chosen = id;
  lit = [];
  if (id) {
    const edges = [...nodes.get(id).args.map((arg, i) => [`${id}e${i}`, arg.partial]),
                   ...users.get(id).map(([user, i]) => [`${user.id}e${i}`, user.args[i].partial])];
    for (const [edge, partial] of edges) if (partial !== null) tag(drawn.get(edge), partial);
    lit = [id, `${id}o`, `${id}z`, ...edges.map(([edge]) => edge)].map((part) => drawn.get(part)).filter(Boolean);
    for (const g of lit) g.classList.add("chosen");
  }
  describe();
}
function tag(edge, partial) {
  const line = edge?.querySelector("path");
  if (!line) return;
  const { x, y } = line.getPointAtLength(line.getTotalLength() / 2);
  const text = document.createElementNS(svg.namespaceURI, "text");
  text.setAttribute("class", "on-edge");
  text.setAttribute("x", x);
  text.setAttribute("y", y - 3);
  text.textContent = isFinite(partial) ? String(+Number(partial).toPrecision(3)) : partial;
  edge.append(text);
}
function keep(id) {
  kept = id;
  choose(id);
  if (!id) return;
  if (eye.zoom < READABLE) zoom(1 / eye.zoom);
  reveal(drawn.get(id));
}

// Where the eye is: the viewBox.
const [, , WIDTH, HEIGHT] = svg.getAttribute("viewBox").split(" ").map(Number);
const READABLE = 0.6;
let eye = { x: 0, y: 0, zoom: 1 };                          // zoom: pixels a unit
const bounds = () => place.getBoundingClientRect();
function look() {
  const { width, height } = bounds();
  svg.setAttribute("viewBox", [eye.x, eye.y, width / eye.zoom, height / eye.zoom].join(" "));
}
function whole() {
  const { width, height } = bounds();
  return Math.min(width / WIDTH, height / HEIGHT, 1.6);
}
function fit() {
  const { width, height } = bounds(), zoom = whole();
  eye = { zoom, x: WIDTH / 2 - width / zoom / 2, y: HEIGHT / 2 - height / zoom / 2 };
  look();
}
function zoom(by, x = bounds().width / 2, y = bounds().height / 2) {
  const next = Math.max(0.02, Math.min(8, eye.zoom * by));
  eye.x += x / eye.zoom - x / next;
  eye.y += y / eye.zoom - y / next;
  eye.zoom = next;
  look();
}
function pan(dx, dy) {
  eye.x += dx / eye.zoom;
  eye.y += dy / eye.zoom;
  look();
}
function reveal(g) {                                        // move as little as shows it whole
  if (!g) return;
  const box = g.getBoundingClientRect(), frame = bounds(), edge = 24;
  const by = (low, high, least, most) => (low < least + edge ? low - least - edge : high > most - edge ? high - most + edge : 0);
  pan(by(box.left, box.right, frame.left, frame.right), by(box.top, box.bottom, frame.top, frame.bottom));
}
