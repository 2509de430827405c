// curves.js: defines curvesPanel. Needs shape (plane.js) and byId (player.js).
// The learning curves, on a log scale if all losses are positive, with a mark at the current frame.

function curvesPanel(curves, epochs) {
  const over = byId("curves").querySelector("svg"), numbers = Object.values(curves).flat().filter(Number.isFinite);
  const log = numbers.length > 0 && numbers.every((x) => x > 0);
  const scale = log ? Math.log10 : (x) => x, count = curves.loss.length;
  const low = numbers.reduce((a, b) => Math.min(a, b), Infinity);
  const high = numbers.reduce((a, b) => Math.max(a, b), -Infinity);
  const X = (i) => 52 + (count > 1 ? i / (count - 1) : 0.5) * 296;
  const Y = (x) => (high > low ? 14 + (scale(high) - scale(x)) / (scale(high) - scale(low)) * 290 : 159);
  shape("path", { d: "M52,8V310H352", class: "axis" }, over);
  if (numbers.length) {
    for (const x of high > low ? [low, high] : [low]) {
      shape("text", { x: 46, y: Y(x) + 4, "text-anchor": "end" }, over).textContent = x.toPrecision(3);
    }
  }
  shape("text", { x: 52, y: 330 }, over).textContent = "1";
  shape("text", { x: 348, y: 330, "text-anchor": "end" }, over).textContent = count;
  shape("text", { x: 200, y: 330, "text-anchor": "middle" }, over).textContent = "epoch";
  Object.entries(curves).forEach(([name, xs], k) => {
    let d = "", gap = true;
    xs.forEach((x, i) => {
      if (Number.isFinite(x)) d += `${gap ? "M" : "L"}${X(i).toFixed(1)},${Y(x).toFixed(1)}`;
      gap = !Number.isFinite(x);
    });
    shape("path", { d, class: `curve line${k ? 0 : 1}${k ? " dashed" : ""}` }, over);
  });
  byId("curves").querySelector(".legend").textContent =
    `${log ? "log scale" : "linear scale"}${"validation loss" in curves ? "; dashed: validation" : ""}`;
  const rule = shape("path", { class: "rule" }, over), dot = shape("circle", { r: 5, class: "dot" }, over);
  return (frame) => {
    const i = epochs[frame] - 1, y = curves.loss[i];
    rule.setAttribute("d", `M${X(i)},8V310`);
    dot.setAttribute("cx", X(i));
    dot.setAttribute("cy", Number.isFinite(y) ? Y(y) : 14);
  };
}
