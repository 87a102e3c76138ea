// Behaviour shared by all pages. Every page works without it.
import { focusErrorSummary } from "./lib/error_summary.js";
import { watchNetwork } from "./lib/offline.js";
import { forgetAtSignOut } from "./lib/private.js";
import { guardForms } from "./lib/submit_once.js";
import { switchThemeInPlace } from "./lib/theme.js";

focusErrorSummary();
watchNetwork();
guardForms();
forgetAtSignOut();
switchThemeInPlace();
