// A picture of a widget, or of the whole dashboard, as it stands on the screen: boxes, words, lines and charts, painted on a canvas and saved as PNG.
(() => {
  "use strict";
  const SCALE = 2;
  const seen = (colour) => colour && colour !== "transparent" && !/,\s*0\)$|\/ 0\)$/.test(colour);
  const paintBox = (context, el, style, x, y, box) => {
    const radius = Math.min(parseFloat(style.borderTopLeftRadius) || 0, box.width / 2, box.height / 2);
    if (seen(style.backgroundColor)) { context.fillStyle = style.backgroundColor; context.beginPath(); context.roundRect(x, y, box.width, box.height, radius); context.fill(); }
    if (parseFloat(style.borderTopWidth) && seen(style.borderTopColor)) { context.strokeStyle = style.borderTopColor; context.lineWidth = 1; context.beginPath(); context.roundRect(x + 0.5, y + 0.5, box.width - 1, box.height - 1, radius); context.stroke(); }
  };
  const paintText = (context, node, style, left, top) => {
    const range = document.createRange();
    context.fillStyle = style.color;
    context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    context.textBaseline = "alphabetic";
    for (const found of node.data.matchAll(/\S+/g)) {
      range.setStart(node, found.index);
      range.setEnd(node, found.index + found[0].length);
      const box = range.getBoundingClientRect();
      if (!box.width) continue;
      const size = parseFloat(style.fontSize);
      context.fillText(style.textTransform === "uppercase" ? found[0].toUpperCase() : found[0], box.left - left, box.top - top + (box.height + size * 0.72) / 2);
    }
  };
  const paintLine = (context, svg, left, top) => {
    const box = svg.getBoundingClientRect();
    const view = svg.viewBox.baseVal;
    svg.querySelectorAll("polyline").forEach((line) => {
      context.strokeStyle = getComputedStyle(line).stroke;
      context.lineWidth = 1.75;
      context.beginPath();
      [...line.points].forEach((point, index) => context[index ? "lineTo" : "moveTo"](box.left - left + (point.x * box.width) / view.width, box.top - top + (point.y * box.height) / view.height));
      context.stroke();
    });
  };
  const paint = (context, el, left, top) => {
    const style = getComputedStyle(el);
    if (style.display === "none" || style.visibility === "hidden" || el.matches(".sr-only, script, .bd-menu, template")) return;
    const box = el.getBoundingClientRect();
    if (!box.width || !box.height) return;
    const [x, y] = [box.left - left, box.top - top];
    if (el.matches("canvas")) { context.drawImage(el, x, y, box.width, box.height); return; }
    if (el.matches("svg")) { paintLine(context, el, left, top); return; }
    paintBox(context, el, style, x, y, box);
    context.save();
    if (style.overflowX !== "visible") { context.beginPath(); context.rect(x, y, box.width, box.height); context.clip(); }
    for (const node of el.childNodes) {
      if (node.nodeType === 3 && node.data.trim()) paintText(context, node, style, left, top);
      else if (node.nodeType === 1) paint(context, node, left, top);
    }
    context.restore();
  };
  const picture = (el) => {
    const box = el.getBoundingClientRect();
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(box.width * SCALE);
    canvas.height = Math.ceil(box.height * SCALE);
    const context = canvas.getContext("2d");
    context.scale(SCALE, SCALE);
    context.fillStyle = getComputedStyle(document.body).backgroundColor;
    if (!seen(context.fillStyle)) context.fillStyle = "#fff";
    context.fillRect(0, 0, box.width, box.height);
    paint(context, el, box.left, box.top);
    return canvas;
  };
  const save = (el, name) => picture(el).toBlob((blob) => {
    const door = document.createElement("a");
    door.href = URL.createObjectURL(blob);
    door.download = `${name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "")}.png`;
    document.body.append(door);
    door.click();
    door.remove();
    setTimeout(() => URL.revokeObjectURL(door.href), 10000);
  }, "image/png");
  window.csPicture = { picture, save };
})();
