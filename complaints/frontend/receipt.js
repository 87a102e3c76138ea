// The receipt: save it as a picture, print it, copy the code. The focus starts on the heading.
import { toast } from "@gongzhi/ui";
import { draw } from "./lib/sheet.js";

const page = document.querySelector("[data-gz-receipt]");
const find = (name) => page.querySelector(`[data-gz-${name}]`);
const text = (name) => find(name).textContent.replace(/\s+/g, " ").trim();

function show(name, act) {
  const button = find(name);
  button.hidden = false;
  button.addEventListener("click", act);
  return button;
}

async function save() {
  const labels = [...page.querySelectorAll(".gz-receipt__label")].map((label) => label.textContent);
  const blob = await draw({
    site: `${document.querySelector(".gz-brand__name").textContent} · ${document.querySelector("h1").textContent.trim()}`,
    rows: [
      [labels[0], text("number"), 36],
      [labels[1], text("code"), 52],
      [labels[2], text("at"), 28],
    ],
    qr: page.querySelector(".gz-qr"),
    notes: [text("next"), text("address")],
  });
  const address = URL.createObjectURL(blob);
  // WeChat downloads nothing; a long press keeps a picture that is shown.
  if (/MicroMessenger/i.test(navigator.userAgent)) return showPicture(address);
  const link = document.createElement("a");
  link.href = address;
  link.download = `${text("number")}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function showPicture(address) {
  const place = find("picture");
  place.querySelector("img")?.remove();
  const picture = new Image();
  picture.src = address;
  picture.alt = document.querySelector("h1").textContent.trim();
  place.hidden = false;
  place.append(picture);
  place.scrollIntoView({ block: "nearest" });
}

show("save", save);
show("print", () => print());
if (navigator.clipboard) {
  const button = show("copy", async () => {
    await navigator.clipboard.writeText(text("code"));
    toast(button.dataset.done);
  });
}
if (!page.querySelector("[data-gz-error-summary]")) find("focus").focus();
