// views.js: defines container, views, view, arrow and valueOf. Needs data, byId (player.js) and nodes (timeline.js).
// Views: pictures of the graph in more and less detail, of which the current one is in the document.

const container = byId("picture");
const views = [...container.querySelectorAll("template")].map((template, k) => {
  const svg = template.content.firstElementChild, { name, box_of } = data.views[k];
  const drawn = new Map([...svg.querySelectorAll("g[id]")].map((g) => [g.id, g]));
  const box = (id) => box_of[id] ?? id;
  const texts = new Map();                                  // "n1 grad" → its text node, and the text as drawn
  for (const [id, g] of drawn) {
    for (const key of g.querySelectorAll("tspan")) {
      if (key.nextSibling) texts.set(`${id} ${key.textContent.trim()}`, [key.nextSibling, key.nextSibling.data]);
    }
  }
  const labels = new Map([...drawn].map(([id, g]) => [id, g.getAttribute("aria-label")]));
  const members = new Map();                               // fold → the ids of its values
  for (const [id, fold] of Object.entries(box_of)) {
    if (fold.startsWith("g")) members.set(fold, [...(members.get(fold) ?? []), id]);
  }
  const boxes = [...new Set(data.nodes.map((node) => box(node.id)))].filter((id) => drawn.has(id) && !id.endsWith("o"));
  const size = svg.getAttribute("viewBox").split(" ").map(Number);
  svg.setAttribute("aria-label", document.title);
  svg.querySelector("title").textContent = document.title;
  for (const id of boxes) drawn.get(id).setAttribute("tabindex", -1);
  return { name, svg, drawn, box, texts, labels, members, boxes, size, camera: null };
});
let view = views[Math.max(0, data.views.findIndex((each) => each.own))];

// The arrow from operand i to a node: its own, or the one that stands for several.
function arrow(node, i) {
  const of = nodes.get(node).args[i].of, box = view.box(node);
  const head = box === node && view.drawn.has(`${node}o`) ? `${node}o` : box;
  return view.drawn.get(`${node}e${i}`) ?? (of && view.drawn.get(`${view.box(of)}-${head}`));
}

// The value of a box: its own, or the first of a fold.
function valueOf(box) {
  return nodes.has(box) ? box : view.members.get(box)?.[0] ?? null;
}
