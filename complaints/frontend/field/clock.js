// Times as people say them: 今天 09:12, 昨天 16:40, 11月3日 09:12.
import { word } from "../lib/words.js";

/** Say the moment `at` (milliseconds). */
export function clock(at) {
  const day = new Date(at);
  const now = new Date();
  const hours = `${String(day.getHours()).padStart(2, "0")}:${String(day.getMinutes()).padStart(2, "0")}`;
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  if (at >= midnight) return word("today", { clock: hours });
  if (at >= midnight - 86_400_000) return word("yesterday", { clock: hours });
  return word("date", { month: day.getMonth() + 1, day: day.getDate(), clock: hours });
}
