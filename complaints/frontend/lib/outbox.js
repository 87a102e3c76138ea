// What waits on this phone. Fields and photos lie apart: saving a word never rewrites a photo.
// Photos are kept as plain bytes, because older WebKit loses blobs it was given to keep.

/**
 * Open one outbox: a database `name` with drafts {key, state: "editing" | "pending", saved, …} and photos.
 *
 * With a `seal` (lib/seal.js) fields and photos lie encrypted, and only drafts of its owner are listed.
 */
export function openOutbox(name, seal = null) {
  let opened;

  function database() {
    opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(name, 1);
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
  async function keep(draft) {
    const dated = { ...draft, saved: Date.now() };
    const row = seal ? await seal.closeDraft(dated) : dated;
    return run(["drafts"], "readwrite", (t) => t.objectStore("drafts").put(row));
  }

  /** Keep one photo of a draft. */
  async function keepPhoto(draft, id, order, blob, name) {
    const plain = await new Response(blob).arrayBuffer();
    const bytes = seal ? await seal.close(plain) : plain;
    const row = { id, draft, order, bytes, type: blob.type, name };
    return run(["photos"], "readwrite", (t) => t.objectStore("photos").put(row));
  }

  function dropPhoto(id) {
    return run(["photos"], "readwrite", (t) => t.objectStore("photos").delete(id));
  }

  /** Return all drafts, oldest first. */
  async function drafts() {
    const rows = await run(["drafts"], "readonly", (t) => t.objectStore("drafts").getAll());
    const all = seal ? await seal.openDrafts(rows) : rows;
    return all.sort((a, b) => (a.at ?? a.saved) - (b.at ?? b.saved));
  }

  /** Return the photos of a draft as [{id, name, file}], in order. */
  async function photosOf(draft) {
    const rows = await run(["photos"], "readonly", (t) => t.objectStore("photos").index("draft").getAll(draft));
    rows.sort((a, b) => a.order - b.order);
    const bytes = await Promise.all(rows.map((row) => (seal ? seal.open(row.bytes) : row.bytes)));
    return rows.map((row, i) => ({ id: row.id, name: row.name, file: new File([bytes[i]], row.name, { type: row.type }) }));
  }

  /** Forget a draft and its photos. */
  function forget(key) {
    return run(["drafts", "photos"], "readwrite", (t) => {
      t.objectStore("drafts").delete(key);
      const photos = t.objectStore("photos");
      photos.index("draft").getAllKeys(key).onsuccess = (event) => event.target.result.forEach((id) => photos.delete(id));
    });
  }

  /** Forget drafts that nobody finished and that were last touched before `time` (milliseconds). */
  async function sweep(time) {
    const rows = await run(["drafts"], "readonly", (t) => t.objectStore("drafts").getAll());
    for (const row of rows.filter((one) => isDraft(one) && one.saved < time)) await forget(row.key);
  }

  return { keep, keepPhoto, dropPhoto, drafts, photosOf, forget, sweep };
}

// The residents' outbox: reports that wait for the network.
export const { keep, keepPhoto, dropPhoto, drafts, photosOf, forget } = openOutbox("gongzhi-reports");

/** Whether nobody handed this row in; rows of an older version do not tell, and count as acts. */
function isDraft(row) {
  return row.isDraft ?? row.state === "editing";
}
