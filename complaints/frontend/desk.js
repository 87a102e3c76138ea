// The desk. Without this script it is plain pages; with it the queue is worked with the keyboard,
// the chosen case stands beside it, and news arrives by itself.
import { CasePage } from "./desk/case_page.js";
import { Queue } from "./desk/queue.js";

const queue = document.querySelector("[data-gz-desk]");
const page = document.querySelector("[data-gz-case-page]");
if (queue) new Queue(queue);
if (page) new CasePage(page);
