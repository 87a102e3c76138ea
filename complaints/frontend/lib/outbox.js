// Reports kept on this phone. Fields and photos lie apart: saving a word never rewrites a photo.
// Photos are kept as plain bytes, because older WebKit loses blobs it was given to keep.
const NAME = "gongzhi-reports";
let opened;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("drafts", { keyPath: "key" });
      request.result.createObjectStore("photos", { keyPath: "id" }).createIndex("draft", "draft");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function run(stores, mode, work) {
  const transaction = (await database()).transaction(stores, mode);
  const request = work(transaction);
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

/** Keep a draft: {key, state: "editing" | "pending", fields, saved}. */
export function keep(draft) {
  return run(["drafts"], "readwrite", (t) => t.objectStore("drafts").put({ ...draft, saved: Date.now() }));
}

/** Keep one photo of a draft. */
export async function keepPhoto(draft, id, order, blob, name) {
  const bytes = await new Response(blob).arrayBuffer();
  return run(["photos"], "readwrite", (t) => t.objectStore("photos").put({ id, draft, order, bytes, type: blob.type, name }));
}

export function dropPhoto(id) {
  return run(["photos"], "readwrite", (t) => t.objectStore("photos").delete(id));
}

/** Return all drafts, oldest first. */
export async function drafts() {
  const all = await run(["drafts"], "readonly", (t) => t.objectStore("drafts").getAll());
  return all.sort((a, b) => a.saved - b.saved);
}

/** Return the photos of a draft as [{id, file}], in order. */
export async function photosOf(draft) {
  const rows = await run(["photos"], "readonly", (t) => t.objectStore("photos").index("draft").getAll(draft));
  return rows
    .sort((a, b) => a.order - b.order)
    .map((row) => ({ id: row.id, file: new File([row.bytes], row.name, { type: row.type }) }));
}

/** Forget a draft and its photos. */
export function forget(key) {
  return run(["drafts", "photos"], "readwrite", (t) => {
    t.objectStore("drafts").delete(key);
    const photos = t.objectStore("photos");
    photos.index("draft").getAllKeys(key).onsuccess = (event) => event.target.result.forEach((id) => photos.delete(id));
  });
}
