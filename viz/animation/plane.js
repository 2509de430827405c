// plane.js: defines shape, unpack and planePanel. Needs byId (player.js).
// The outputs of the net and the examples: two inputs as a tinted plane with its decision boundary, one as a curve.

const SVG = "http://www.w3.org/2000/svg";
function shape(tag, attributes, parent) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent?.append(made);
  return made;
}
function unpack(text, Kind) {                               // base64 → numbers
  return new Kind(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
}
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const NAMES = ["--second", "--first", "--third", "--fourth", "--fifth", "--sixth"];

const MARKS = [                                             // of the classes, which differ in shape and in colour
  (x, y) => `M${x - 3},${y - 3}h6v6h-6z`,
  (x, y) => `M${x - 3.5},${y}a3.5,3.5 0 1,0 7,0a3.5,3.5 0 1,0 -7,0z`,
  (x, y) => `M${x},${y - 4}l4,7h-8z`,
  (x, y) => `M${x},${y - 4.5}l4.5,4.5l-4.5,4.5l-4.5,-4.5z`,
];

function planePanel(plane) {
  if (!plane) { byId("plane").remove(); return () => {}; }
  return plane.axes.length === 1 ? line(plane) : area(plane);
}

function area(plane) {
  const [[left, right, n], [bottom, top]] = plane.axes, several = plane.outputs > 1;
  const canvas = byId("plane").querySelector("canvas"), pen = canvas.getContext("2d"), size = canvas.width;
  const over = byId("plane").querySelector("svg");
  const frames = plane.scores.map((text) => unpack(text, Int8Array));
  plane.points.forEach(([x, y], i) => {
    const at = [(x - left) / (right - left) * size, (top - y) / (top - bottom) * size], kind = plane.kinds[i];
    shape("path", { d: MARKS[kind % MARKS.length](...at), class: `mark kind${kind % NAMES.length}` }, over);
  });
  byId("plane").querySelector(".legend").textContent = several
    ? "tint: the largest output; marks: the examples" : "tint: the score; line: the border; marks: the examples";
  const winner = (scores) => (x, y) => {                    // [class, confidence]
    if (!several) { const v = smooth(scores, 0, n, x, y); return [+(v > 0), Math.abs(v) / 127]; }
    let best = 0, most = -Infinity;
    for (let k = 0; k < plane.outputs; k++) {
      const v = smooth(scores, k * n * n, n, x, y);
      if (v > most) [best, most] = [k, v];
    }
    return [best, 0.6];
  };
  return (frame) => {
    const image = pen.createImageData(size, size), classify = winner(frames[frame]), sides = new Int16Array(size);
    const [paper, ink, ...tints] = ["--paper", "--ink", ...NAMES].map((name) => channels(color(name)));
    for (let py = 0, at = 0; py < size; py++) {
      for (let px = 0; px < size; px++, at += 4) {
        const [side, sure] = classify(px / (size - 1) * (n - 1), (1 - py / (size - 1)) * (n - 1));
        const edge = (px && sides[px - 1] !== side) || (py && sides[px] !== side), tint = tints[side % tints.length];
        const strength = 0.1 + 0.35 * sure;
        for (let c = 0; c < 3; c++) image.data[at + c] = edge ? ink[c] : paper[c] + strength * (tint[c] - paper[c]);
        image.data[at + 3] = 255;
        sides[px] = side;
      }
    }
    pen.putImageData(image, 0, 0);
  };
}
function smooth(scores, from, n, x, y) {                    // bilinear interpolation
  const i = Math.min(n - 2, Math.floor(x)), j = Math.min(n - 2, Math.floor(y)), s = x - i, t = y - j, at = from + j * n + i;
  return (1 - t) * ((1 - s) * scores[at] + s * scores[at + 1]) + t * ((1 - s) * scores[at + n] + s * scores[at + n + 1]);
}

function line(plane) {
  const [[left, right, n]] = plane.axes, over = byId("plane").querySelector("svg");
  byId("plane").querySelector("canvas").remove();
  const frames = plane.scores.map((text) => unpack(text, Float32Array));
  const all = plane.targets.flat(), low = Math.min(...all), high = Math.max(...all), margin = 0.2 * (high - low || 1);
  const X = (x) => (x - left) / (right - left) * 244, Y = (y) => (high + margin - y) / (high - low + 2 * margin) * 244;
  plane.targets.forEach((row, kind) => row.forEach((y, i) => shape("path",
    { d: MARKS[1](X(plane.points[i][0]), Y(y)), class: `mark kind${(kind + 1) % NAMES.length}` }, over)));
  const curves = plane.targets.map((row, k) => shape("path", { class: `curve line${(k + 1) % NAMES.length}` }, over));
  byId("plane").querySelector(".legend").textContent = "line: what the net says; dots: the examples";
  return (frame) => curves.forEach((curve, k) => {
    const points = [...frames[frame].subarray(k * n, (k + 1) * n)].map((y, i) =>
      `${X(left + i / (n - 1) * (right - left)).toFixed(1)},${Y(Math.max(-1e6, Math.min(1e6, y || 0))).toFixed(1)}`);
    curve.setAttribute("d", `M${points.join("L")}`);
  });
}
