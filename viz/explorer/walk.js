// The walk of the explorer. Its data come from Python, numbers as text, so that each is the engine's to the last digit:
// nodes in the order of evaluation; steps, in the order of backward(), with what each adds; the formulas of the rows.

const nodes = new Map(data.nodes.map((node) => [node.id, node]));
const computed = data.nodes.filter((node) => node.op);      // forward has a step for each
const FORWARD = computed.length, SEED = FORWARD + 1, LAST = SEED + data.steps.length;
const stepAt = (position) => data.steps[position - SEED - 1];

const name = (id) => nodes.get(id).name || (!nodes.get(id).op && nodes.get(id).scope) || `v${id.slice(1)}`;

const birth = new Map(data.nodes.map((node) => [node.id, 0]));  // the position from which a value is there
computed.forEach((node, i) => birth.set(node.id, i + 1));

// How the adjoint of a value grows: [position, short text, full text], in order.
const growth = new Map(data.nodes.map((node) => [node.id, []]));
growth.get(data.root).push([SEED, data.one, "1.0"]);
data.steps.forEach((step, i) => {
  for (const add of step.adds) {
    growth.get(add.to).push([SEED + 1 + i, add.short, add.after]);
    add.path = growth.get(add.to).length;
  }
});

const users = new Map(data.nodes.map((node) => [node.id, []]));  // [operation, place] for each use of a value
for (const node of data.nodes) node.args.forEach((arg, place) => users.get(arg.of)?.push([node, place]));

const waiting = [0, "…", "…"], untouched = [0, data.zero, "0.0"];
function adjoint(id, position) {
  const list = growth.get(id);
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle][0] <= position) low = middle + 1; else high = middle;
  }
  return low ? list[low - 1] : position === LAST ? untouched : waiting;
}

// The value that a step is about, and those whose adjoint it adds to.
function touched(position) {
  if (position === 0) return [];
  if (position <= FORWARD) return [computed[position - 1].id];
  return position === SEED ? [data.root] : [stepAt(position).node, ...stepAt(position).adds.map((add) => add.to)];
}

function where(position) {
  if (position === 0) return "start";
  return position <= FORWARD ? `forward ${position} / ${FORWARD}` : `backward ${position - FORWARD} / ${LAST - FORWARD}`;
}
