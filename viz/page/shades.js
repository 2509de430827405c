// Gradients as shades: "p4" is positive and within a decade of the top, "m1" negative and at least three below it.

const DECADES = 4;
const SHADES = ["m4", "m3", "m2", "m1", "zero", "p1", "p2", "p3", "p4", "odd"];

function shade(g, top) {
  if (g === 0) return "zero";
  if (!Number.isFinite(g)) return "odd";
  const below = Math.max(0, Math.floor(Math.log10(top) - Math.log10(Math.abs(g)) + 1e-6));
  return `${g > 0 ? "p" : "m"}${Math.max(1, DECADES - below)}`;
}

const brief = (x) => (Number.isFinite(x) ? String(+x.toPrecision(3)) : String(x));
const parse = (text) => ({ nan: NaN, inf: Infinity, "-inf": -Infinity })[text] ?? Number(text);  // as Python writes it

function shadesLegend(top) {
  const swatch = (kind) => element("span", { class: `swatch ${kind}` });
  return [`gradient −${brief(top)} `, ...SHADES.slice(0, -1).map(swatch), ` ${brief(top)}, a decade a shade; `, swatch("odd"),
          " nan or inf"];
}
