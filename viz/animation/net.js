// net.js: defines netPanel. Needs shape and unpack (plane.js), shades.js and byId (player.js).
// The net: neurons in columns and a line for each weight, as wide as the weight is large, in the shade of its gradient.

const MOST_LINES = 1000;

function netPanel(layers, frames, top) {
  const over = byId("net").querySelector("svg"), status = byId("net").querySelector(".status");
  if (!layers.length) { byId("net").remove(); return () => {}; }
  const W = frames.map((frame) => unpack(frame.w, Float32Array)), G = frames.map((frame) => unpack(frame.g, Float32Array));
  const columns = [layers[0].neurons[0].w.length, ...layers.map((layer) => layer.neurons.length)];
  const room = (n) => 330 / n, X = (l) => 26 + (columns.length > 1 ? l / (columns.length - 1) : 0) * 388;
  const Y = (l, i) => 175 + (i - (columns[l] - 1) / 2) * Math.min(60, room(columns[l]));
  const total = layers.reduce((sum, layer) => sum + layer.neurons.length * layer.neurons[0].w.length, 0);
  const lines = [], cells = [];
  layers.forEach((layer, l) => layer.neurons.forEach((neuron, j) => {
    if (total <= MOST_LINES) neuron.w.forEach((p, i) => lines.push([p,
      shape("path", { d: `M${X(l)},${Y(l, i)}L${X(l + 1)},${Y(l + 1, j)}`, class: "weight" }, over)]));
  }));
  for (let i = 0; i < columns[0]; i++) {
    shape("circle", { cx: X(0), cy: Y(0, i), r: radius(columns[0]), class: "input" }, over);
  }
  layers.forEach((layer, l) => layer.neurons.forEach((neuron, j) => cells.push({ neuron, path: `${layer.path}.neurons.${j}`,
    circle: shape("circle", { cx: X(l + 1), cy: Y(l + 1, j), r: radius(columns[l + 1]), class: "neuron", tabindex: -1,
                              role: "img" }, over) })));
  const largest = Math.max(...W.at(-1).map(Math.abs)) || 1;
  let now = 0, current = 0, shown = null;
  byId("net").querySelector(".legend").append(...shadesLegend(top));

  function describe(k) {
    shown = k;
    if (k === null) { status.textContent = "Point at a neuron, or walk with ↓ and ↑, to see its numbers."; return; }
    const { neuron, path } = cells[k], part = (p) => `${brief(W[now][p])} (${brief(G[now][p])})`;
    const weights = neuron.w.slice(0, 8).map(part).join(", ") + (neuron.w.length > 8 ? ` … ${neuron.w.length} in all` : "");
    status.textContent = `${path}, number (gradient): b ${part(neuron.b)}; w ${weights}`;
  }
  function focus(k) {
    cells[current].circle.setAttribute("tabindex", -1);
    current = k;
    cells[k].circle.setAttribute("tabindex", 0);
    cells[k].circle.focus();
  }
  cells[0].circle.setAttribute("tabindex", 0);
  cells.forEach(({ circle, path }, k) => {
    circle.setAttribute("aria-label", path);
    circle.addEventListener("focus", () => describe(k));
    circle.addEventListener("pointerenter", () => describe(k));
  });
  document.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || event.target.type === "range" || event.ctrlKey || event.metaKey || event.altKey || byId("help").open) return;
    event.preventDefault();
    const there = document.activeElement === cells[current].circle;
    focus(Math.max(0, Math.min(cells.length - 1, current + (there ? by : 0))));
  });
  describe(null);
  return (frame) => {
    now = frame;
    for (const [p, path] of lines) {
      path.setAttribute("class", `weight ${shade(G[frame][p], top)}`);
      path.setAttribute("stroke-width", (0.5 + 2.5 * Math.min(1, Math.abs(W[frame][p]) / largest)).toFixed(2));
    }
    for (const { neuron, circle } of cells) {
      const g = lines.length ? G[frame][neuron.b] : [...neuron.w, neuron.b].map((p) => G[frame][p]).reduce(stronger);
      circle.setAttribute("class", `neuron ${shade(g, top)}`);
    }
    if (shown !== null) describe(shown);
  };
}
const radius = (n) => Math.max(1.5, Math.min(9, 0.42 * 330 / n));
