// 大字版: reads the page with the device's own voice, where there is one.
const template = document.querySelector("template[data-gz-read-aloud]");
const synthesis = window.speechSynthesis;

if (template && synthesis) {
  const button = template.content.firstElementChild.cloneNode(true);
  const word = button.querySelector("[data-gz-word]");
  const start = word.textContent;

  const rest = () => {
    button.setAttribute("aria-pressed", "false");
    word.textContent = start;
  };

  button.addEventListener("click", () => {
    if (synthesis.speaking) {
      synthesis.cancel();
      rest();
      return;
    }
    const speech = new SpeechSynthesisUtterance(document.getElementById("content").innerText);
    speech.lang = document.documentElement.lang;
    speech.rate = 0.9;
    speech.addEventListener("end", rest);
    speech.addEventListener("error", rest);
    button.setAttribute("aria-pressed", "true");
    word.textContent = button.dataset.stop;
    synthesis.speak(speech);
  });
  addEventListener("pagehide", () => synthesis.cancel());
  template.replaceWith(button);
}
