// Encrypts what waits on a phone that several people use. The key comes with a page of its owner and
// is kept nowhere but in that page's copy, which goes when somebody else signs in.

/** Return the seal of `owner` with `key` (64 hex digits); null where the browser offers no cipher. */
export async function openSeal(owner, key) {
  if (!crypto.subtle) return null;
  const raw = Uint8Array.from(key.match(/../g), (pair) => parseInt(pair, 16));
  const cipher = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);

  async function close(plain) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, cipher, plain) };
  }

  function open(box) {
    return crypto.subtle.decrypt({ name: "AES-GCM", iv: box.iv }, cipher, box.data);
  }

  async function closeDraft({ key: name, saved, ...rest }) {
    const box = await close(new TextEncoder().encode(JSON.stringify(rest)));
    // In the open, so that another reader's page can tell what may be swept: an act never may.
    return { key: name, saved, owner, isDraft: rest.state === "editing", box };
  }

  /** Open this owner's drafts; those of others, and those of an older key, stay shut. */
  async function openDrafts(rows) {
    const found = [];
    for (const row of rows.filter((one) => one.owner === owner)) {
      try {
        const text = new TextDecoder().decode(await open(row.box));
        found.push({ key: row.key, saved: row.saved, ...JSON.parse(text) });
      } catch {
        // Sealed under a key that is gone: nobody can read it any more.
      }
    }
    return found;
  }

  return { close, open, closeDraft, openDrafts };
}
