// Where the phone is: asked only when it was allowed or tapped for, kept nowhere, sent with no list.
import { word } from "../lib/words.js";

const FRESH = { enableHighAccuracy: true, maximumAge: 60_000, timeout: 12_000 };

/** Return {lon, lat} or null. Without `ask` only when the reader allowed it before. */
export async function whereAmI({ ask = false } = {}) {
  if (!navigator.geolocation) return null;
  if (!ask && (await permission()) !== "granted") return null;
  return new Promise((resolve) => {
    const found = ({ coords }) => resolve({ lon: coords.longitude, lat: coords.latitude });
    navigator.geolocation.getCurrentPosition(found, () => resolve(null), FRESH);
  });
}

async function permission() {
  try {
    return (await navigator.permissions.query({ name: "geolocation" })).state;
  } catch {
    return "unknown";
  }
}

/** Return the metres between two points in degrees (within a city: below 1 % off). */
export function metres(one, other) {
  const middle = (((one.lat + other.lat) / 2) * Math.PI) / 180;
  return Math.hypot((one.lon - other.lon) * Math.cos(middle), one.lat - other.lat) * 111_320;
}

/** Say a distance: 350 米, 1.2 公里. */
export function distance(length) {
  if (length < 1000) return word("metres", { n: Math.max(10, Math.round(length / 10) * 10) });
  return word("kilometres", { n: (length / 1000).toFixed(length < 10_000 ? 1 : 0) });
}

/** Return the position written on an element, or null. */
export function pointOf(element) {
  const { lon, lat } = element.dataset;
  return lon && lat ? { lon: Number(lon), lat: Number(lat) } : null;
}
