const SIDE = 2048;
const BYTES = 400 * 1024;
const QUALITIES = [0.85, 0.75, 0.65, 0.5];

/**
 * Return a smaller JPEG of `file` (≤ 2048 px, about 400 KB), or the file itself when it is small
 * enough or this browser cannot read it (HEIC outside Safari: the server can).
 *
 * The copy has no EXIF: call it only when the place is known from the phone.
 */
export async function shrink(file) {
  if (file.size <= BYTES) return file;
  let picture;
  try {
    picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file;
  }
  const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  let best = null;
  for (const quality of QUALITIES) {
    best = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    if (!best || best.size <= BYTES) break;
  }
  if (!best || best.size >= file.size) return file;
  return new File([best], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
}
