// descriptions.js: defines line, code, small, describeStep, valueCard and foldCard. Needs element (player.js), keep and
// view (picture.js, views.js), and timeline.js.
// Descriptions, as HTML elements: of the current step, and of the chosen value or fold.

const MANY = 12;                                            // the most operands that are listed; others are counted
const line = (...children) => element("p", {}, ...children);
const code = (...parts) => element("code", {}, ...parts);
const isolated = (id) => element("bdi", {}, name(id));         // right-to-left labels reorder nothing around them
const derivative = (z, x) => ["∂", isolated(z), "/∂", isolated(x)];
const gradientOf = (id) => derivative(data.root, id);
const number = (text) => element("span", { class: "number" }, text);
const small = (text) => element("small", {}, text);
const more = (count) => (count > MANY ? [line(`… and ${count - MANY} more`)] : []);
const operandNames = (n) => (n === 1 ? ["x"] : n === 2 ? ["x", "y"] : [...Array(n).keys()].map((i) => `x${i + 1}`));

function link(id) {
  const made = element("button", { class: "link", type: "button" }, name(id));
  made.addEventListener("click", () => keep(id));
  return made;
}

function describeStep(position) {
  if (position === 0) return beginning();
  if (position <= FORWARD) return forward(computed[position - 1]);
  return position === SEED ? seed() : backward(stepAt(position));
}

function beginning() {
  return [element("h2", {}, "Before the first step"),
          line(`The numbers that were given stand in their boxes. Forward, each of ${FORWARD} steps computes a value; `
               + "then, backward, each step hands a derivative on to the operands of an operation.")];
}

function forward(node) {
  if (data.coarse) return [element("h2", {}, `Forward: ${name(node.id)}`), line(node.title)];
  const names = operandNames(node.args.length);
  const operands = node.args.slice(0, MANY).map((arg, i) => line(code(`${names[i]} = `),
    ...(arg.of ? [link(arg.of), " = ", number(nodes.get(arg.of).data)] : [number(arg.data)])));
  return [element("h2", {}, `Forward through ${node.op}`), ...operands, ...more(node.args.length),
          line(code(`z = ${data.rows[node.row].value}`)), line(code("z = "), link(node.id), " = ", number(node.data))];
}

function seed() {
  return [element("h2", {}, "Backward begins"), line("The derivative of ", link(data.root), " by itself:"),
          line(code(...gradientOf(data.root), " = 1.0"))];
}

function backward(step) {
  if (data.coarse) return backwardOfBox(step);
  const z = step.node, adds = step.adds.slice(0, MANY).map((add) => element("div", { class: "add" },
    line(code(...gradientOf(add.to), " += ", ...derivative(z, add.to), " × ", ...gradientOf(z))),
    line(number(`${add.before} + ${add.partial} × ${step.adjoint}`)),
    line(number(`= ${add.after}`), " ", small(path(add)))));
  return [element("h2", {}, `Backward through ${nodes.get(z).op}`),
          line(link(z), " has ", code(...gradientOf(z), ` = ${step.adjoint}`), " and hands on:"),
          ...adds, ...more(step.adds.length)];
}

function backwardOfBox(step) {                              // where the steps are boxes, without numbers
  const links = step.adds.slice(0, MANY).map((add) => line(link(add.to)));
  return [element("h2", {}, `Backward through ${name(step.node)}`), line("It hands derivatives on to:"), ...links,
          ...more(step.adds.length)];
}

function path(add) {
  const all = adjointHistory.get(add.to).length;
  return all === 1 ? "the only path" : `path ${add.path} of ${all}${add.path === all ? ": complete" : ""}`;
}

function valueCard(id, position) {
  const node = nodes.get(id), facts = element("dl", {});
  if (data.coarse) return [element("h2", {}, isolated(id), " ", small(node.kind)), line(node.title)];
  const fact = (term, ...what) => facts.append(element("dt", {}, term), element("dd", {}, ...what));
  fact("value", number(computedAt.get(id) <= position ? node.data : "not computed yet"));
  const g = adjoint(id, position);
  fact("gradient", number(g === pending ? "not reached yet" : g[2]));
  if (node.scope) fact("scope", code(node.scope));
  const uses = users.get(id), parts = [element("h2", {}, isolated(id), " ", small(node.kind)), facts];
  if (node.op) parts.push(line(code(`z = ${data.rows[node.row].value}`)), operands(node), ...more(node.args.length));
  if (uses.length) parts.push(element("h3", {}, "Used by"), ...uses.slice(0, MANY).map(usage), ...more(uses.length));
  return parts;
}

function foldCard(box) {
  const ids = view.members.get(box), g = view.drawn.get(box);
  const hint = views.indexOf(view) < views.length - 1 ? [line(small("Enter, or a click, unfolds it."))] : [];
  return [element("h2", {}, g.querySelector("text").textContent, " ", small(`${ids.length} values`)),
          ...hint, line(...ids.slice(-MANY).flatMap((id) => [link(id), " "])), ...more(ids.length)];
}

function usage([user, i]) {
  return line(link(user.id), ` (${user.op}), partial `, number(user.args[i].partial ?? "none"));
}

function operands(node) {
  const names = operandNames(node.args.length), rules = data.rows[node.row].partials;
  const rows = node.args.slice(0, MANY).map((arg, i) => element("tr", {},
    element("th", { scope: "row" }, names[i]), element("td", {}, arg.of ? link(arg.of) : arg.data),
    element("td", {}, arg.partial === null ? "no gradient" : `${rules[i]}`),
    element("td", {}, arg.partial === null ? "" : arg.partial)));
  const heads = ["", "operand", "∂z/∂ operand", "here"].map((text) => element("th", { scope: "col" }, text));
  return element("div", { class: "wide", tabindex: 0, role: "group", "aria-label": "operands" },
                 element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows)));
}
