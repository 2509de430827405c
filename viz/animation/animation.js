// animation.js: needs data and player (player.js) and the three panels. It moves them together to a frame.

const panels = [planePanel(data.plane), curvesPanel(data.curves, data.epochs), netPanel(data.net, data.frames, data.top)];
let shown = 0;
function show(frame) {
  shown = frame;
  for (const paint of panels) paint(frame);
  const epoch = data.epochs[frame], loss = data.curves.loss[epoch - 1];
  const text = `epoch ${epoch}, loss ${typeof loss === "number" ? +loss.toPrecision(4) : loss}`;
  byId("where").textContent = text;
  byId("slider").setAttribute("aria-valuetext", text);
}
const go = player(data.epochs.length - 1, show);
go(data.epochs.length - 1);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(shown));
