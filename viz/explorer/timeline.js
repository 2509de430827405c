// timeline.js: defines nodes, computed, FORWARD, SEED, LAST, stepAt, name, computedAt, adjointHistory, users, adjoint,
// changedAt and where. Needs data (player.js), whose form is that of schema.py.
// The timeline: position 0 is the start; 1 … FORWARD compute a value each, in the order of evaluation; SEED sets the
// adjoint of the root to 1; each later position up to LAST is a step of the backward pass.

const nodes = new Map(data.nodes.map((node) => [node.id, node]));
const computed = data.nodes.filter((node) => node.op);      // a forward step each
const FORWARD = computed.length, SEED = FORWARD + 1, LAST = SEED + data.steps.length;
const stepAt = (position) => data.steps[position - SEED - 1];

const name = (id) => nodes.get(id).name || (!nodes.get(id).op && nodes.get(id).scope) || `v${id.slice(1)}`;

const computedAt = new Map(data.nodes.map((node) => [node.id, 0]));  // the position at which a value is computed
computed.forEach((node, i) => computedAt.set(node.id, i + 1));

// The adjoint of each value after each addition: [position, short text, full text], in order.
const adjointHistory = new Map(data.nodes.map((node) => [node.id, []]));
adjointHistory.get(data.root).push([SEED, data.one, "1.0"]);
data.steps.forEach((step, i) => {
  for (const add of step.adds) {
    adjointHistory.get(add.to).push([SEED + 1 + i, add.short, add.after]);
    add.path = adjointHistory.get(add.to).length;
  }
});

const users = new Map(data.nodes.map((node) => [node.id, []]));  // [node, operand number] for each use of a value
for (const node of data.nodes) node.args.forEach((arg, i) => users.get(arg.of)?.push([node, i]));

const pending = [0, "…", "…"], unreached = [0, data.zero, "0.0"];
function adjoint(id, position) {
  const list = adjointHistory.get(id);
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle][0] <= position) low = middle + 1; else high = middle;
  }
  return low ? list[low - 1] : position === LAST ? unreached : pending;
}

// The values that change at a position: the one computed, or the one differentiated and its operands.
function changedAt(position) {
  if (position === 0) return [];
  if (position <= FORWARD) return [computed[position - 1].id];
  return position === SEED ? [data.root] : [stepAt(position).node, ...stepAt(position).adds.map((add) => add.to)];
}

function where(position) {
  if (position === 0) return "start";
  return position <= FORWARD ? `forward ${position} / ${FORWARD}` : `backward ${position - FORWARD} / ${LAST - FORWARD}`;
}
