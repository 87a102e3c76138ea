// What other apps may use: import { toast, announce } from "@gongzhi/ui".
export { announce } from "./announce.js";
export { keysAllowed } from "./keys.js";
export { forgetPrivate } from "./private.js";
export { toast } from "./toast.js";
