// The receipt as a picture: drawn from what the page shows, at twice the size of a phone's screen.
const WIDTH = 750;
const HEIGHT = 1180;
const FONT = 'system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

/** Return a PNG blob of the receipt sheet. */
export function draw(sheet) {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  pen.fillStyle = "#0b6b4f";
  pen.fillRect(0, 0, WIDTH, 16);
  let y = 60;
  pen.textBaseline = "top";
  const line = (text, size, colour, weight = 400) => {
    pen.font = `${weight} ${size}px ${FONT}`;
    pen.fillStyle = colour;
    for (const row of rows(pen, text, WIDTH - 120)) {
      pen.fillText(row, 60, y);
      y += size * 1.45;
    }
  };
  // Numbers and codes stay on one row, however wide this phone's digits are.
  const value = (text, size) => {
    pen.font = `600 ${size}px ${FONT}`;
    const fitting = Math.min(size, Math.floor((size * (WIDTH - 120)) / pen.measureText(text).width));
    line(text, fitting, "#16211d", 600);
  };
  line(sheet.site, 34, "#0b6b4f", 700);
  y += 16;
  for (const [label, text, size] of sheet.rows) {
    line(label, 24, "#5c6b64");
    value(text, size);
    y += 18;
  }
  drawQr(pen, sheet.qr, (WIDTH - 400) / 2, y);
  y += 450;
  for (const text of sheet.notes) line(text, 24, "#46544e");
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function drawQr(pen, svg, x, y) {
  const [, , modules] = svg.getAttribute("viewBox").split(" ").map(Number);
  pen.save();
  pen.translate(x, y);
  pen.scale(400 / modules, 400 / modules);
  pen.fillStyle = "#000";
  pen.fill(new Path2D(svg.querySelector(".gz-qr__ink").getAttribute("d")));
  pen.restore();
}

/** Break a text into rows that fit; Chinese may break anywhere, so every character counts. */
function rows(pen, text, width) {
  const found = [""];
  for (const character of text) {
    const longer = found[found.length - 1] + character;
    if (pen.measureText(longer).width > width) found.push(character.trimStart());
    else found[found.length - 1] = longer;
  }
  return found;
}
