// layers.js: defines layersPanel. Needs element (player.js), data and name (timeline.js), line, code and small.
// The panel of layers: the errors δ = ∂C/∂z at the current position, and BP1–BP4, which hold after the last step.

const subscript = (n) => String(n).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);

function layerPanel(layer) {
  const [neurons, examples] = layer.size, shown = layer.neurons[0].length;
  const deltas = [...Array(shown).keys()].map((c) => (examples > 1 ? `δ of ${c + 1}` : "δ"));
  const heads = ["", ...(layer.softmax ? [] : ["σ′(z)"]), ...deltas];
  const rows = layer.neurons.map((firings, i) => element("tr", {}, element("th", { scope: "row" }, `z${subscript(i + 1)}`),
    ...(layer.softmax ? [] : [element("td", {}, firings[0].slope)]),
    ...firings.map(({ z }) => element("td", { "data-adjoint": z }))));
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  const hidden = [neurons > rows.length && `${neurons} neurons`, examples > shown && `${examples} examples`].filter(Boolean);
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
  return element("details", layer.open ? { open: "" } : {}, element("summary", {}, layer.path),
    ...layer.checks.map(check),
    element("div", { class: "wide", tabindex: 0, role: "group", "aria-label": `errors of ${layer.path}` }, table),
    ...(hidden.length ? [line(small(`of ${hidden.join(" and ")} in all`))] : []));
}

function check([kind, equation, verdict]) {
  return line(element("strong", {}, kind), " ", code(equation), " ", small(verdict));
}

function layersPanel(layers) {
  if (!layers.length) return [];
  layers.at(-1).open = true;
  const root = name(data.root);
  const hint = `δ is ∂C/∂z of the sums z = Wa + b${root === "C" ? "" : `; C is ${root}`}.`;
  return [element("h2", {}, "Layer by layer"), line(small(hint)), ...layers.toReversed().map(layerPanel)];
}
