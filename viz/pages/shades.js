// shades.js: defines SHADES, shade, stronger, brief, parse and shadesLegend. Needs element (player.js).
// Shades, as in Python: "p8" is positive and within half a decade of the largest, "m1" negative, 3.5 decades or more below.

const STEPS = 8;                                            // half a decade each
const up = [1, 2, 3, 4, 5, 6, 7, 8];
const SHADES = [...up.map((i) => `m${i}`).reverse(), "zero", ...up.map((i) => `p${i}`), "odd"];

function shade(g, top) {
  if (g === 0) return "zero";
  if (!Number.isFinite(g)) return "odd";
  const below = Math.max(0, Math.floor(2 * (Math.log10(top) - Math.log10(Math.abs(g))) + 1e-6));
  return `${g > 0 ? "p" : "m"}${Math.max(1, STEPS - below)}`;
}

const stronger = (a, b) => (Math.abs(b) > Math.abs(a) || Number.isNaN(b) ? b : a);  // of two gradients
const brief = (x) => (Number.isFinite(x) ? String(+x.toPrecision(3)) : String(x));
const parse = (text) => ({ nan: NaN, inf: Infinity, "-inf": -Infinity })[text] ?? Number(text);  // as Python writes it

function shadesLegend(top) {
  const swatch = (kind) => element("span", { class: `swatch ${kind}` });
  const scale = element("span", { class: "scale" }, ...SHADES.slice(0, -1).map(swatch));
  return [`gradient −${brief(top)} `, scale, ` ${brief(top)}, half a decade a shade; `, swatch("odd"), " nan or inf"];
}
