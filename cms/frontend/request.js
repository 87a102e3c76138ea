// Following a request: number and code come in the QR's fragment, which never reaches a server.
const form = document.querySelector("[data-gz-request-form]");
const kept = /^(YSQ-\d{8}-\d{4,8}-[A-Z])-(\d{16})$/.exec(decodeURIComponent(location.hash.slice(1)));
if (form && kept) {
  history.replaceState(null, "", location.pathname + location.search);
  form.elements.number.value = kept[1];
  form.elements.code.value = kept[2];
  form.requestSubmit();
}
