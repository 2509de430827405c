// Views: the same graph in pictures of more and of less detail. Only the one that is seen is in the page.

const place = byId("picture");
const views = [...place.querySelectorAll("template")].map((template, k) => {
  const svg = template.content.firstElementChild, { name, box_of } = data.views[k];
  const drawn = new Map([...svg.querySelectorAll("g[id]")].map((g) => [g.id, g]));
  const box = (id) => box_of[id] ?? id;
  const texts = new Map();                                  // "n1 grad" → the text that shows it, and what it was
  for (const [id, g] of drawn) {
    for (const key of g.querySelectorAll("tspan")) {
      if (key.nextSibling) texts.set(`${id} ${key.textContent.trim()}`, [key.nextSibling, key.nextSibling.data]);
    }
  }
  const said = new Map([...drawn].map(([id, g]) => [id, g.getAttribute("aria-label")]));
  const insiders = new Map();                               // of a fold: its values
  for (const [id, fold] of Object.entries(box_of)) {
    if (fold.startsWith("g")) insiders.set(fold, [...(insiders.get(fold) ?? []), id]);
  }
  const boxes = [...new Set(data.nodes.map((node) => box(node.id)))].filter((id) => drawn.has(id) && !id.endsWith("o"));
  const size = svg.getAttribute("viewBox").split(" ").map(Number);
  svg.setAttribute("aria-label", document.title);
  svg.querySelector("title").textContent = document.title;
  for (const id of boxes) drawn.get(id).setAttribute("tabindex", -1);
  return { name, svg, drawn, box, texts, said, insiders, boxes, size, eye: null };
});
let view = views[Math.max(0, data.views.findIndex((each) => each.own))];

// What is drawn of an operand's way into an operation: an arrow of its own, or one that stands for several.
function arrow(node, i) {
  const of = nodes.get(node).args[i].of, box = view.box(node);
  const head = box === node && view.drawn.has(`${node}o`) ? `${node}o` : box;
  return view.drawn.get(`${node}e${i}`) ?? (of && view.drawn.get(`${view.box(of)}-${head}`));
}

// The value that a box shows: itself, or the first that it hides.
function valueOf(box) {
  return nodes.has(box) ? box : view.insiders.get(box)?.[0] ?? null;
}
