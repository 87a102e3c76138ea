// Bundle every app's front end: <app>/frontend/<name>.{js,css} → static/build/<app>/<name>.{js,css}.
//
//   node scripts/build.mjs            once, minified (under two seconds)
//   node scripts/build.mjs --watch    again after every change
//   node scripts/build.mjs --prune    also delete icons that nothing names any more
//
// Only files directly in a `frontend` folder are entry points; folders below it hold their parts.
// Icons named in templates, Python or district packs are copied from lucide-static into
// site/foundation/ui/icons/, which is committed, so that Python needs no node_modules.
import { context, build } from "esbuild";
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const ui = join(root, "site", "foundation", "ui");
const outdir = join(ui, "static", "build");
const iconFolder = join(ui, "icons");
const lucideFolder = join(root, "node_modules", "lucide-static", "icons");

const foundation = readdirSync(join(root, "site", "foundation")).map((name) => join("site", "foundation", name));
const apps = [...foundation, "search", "cms", "complaints", "campaigns"];

function entryPoints() {
  const found = [];
  for (const app of apps) {
    const folder = join(root, app, "frontend");
    if (!existsSync(folder)) continue;
    for (const file of readdirSync(folder)) {
      const extension = extname(file);
      if (extension !== ".js" && extension !== ".css") continue;
      const name = file.slice(0, -extension.length);
      found.push({ in: join(folder, file), out: join(app.split("/").pop(), name) });
    }
  }
  return found;
}

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!["static", "migrations", "__pycache__", "frontend", "icons"].includes(entry.name)) yield* sources(path);
    } else if ([".html", ".py", ".toml"].includes(extname(entry.name))) {
      yield path;
    }
  }
}

// {% icon "camera" %}, {% include … with icon="camera" %}, icon="camera" and icon = "camera".
const iconNames = /(?:\{%\s*icon\s+|\bicon\s*[=:]\s*)["']([a-z][a-z0-9-]*)["']/g;

function collectIcons(prune) {
  const used = new Set(["circle-help"]);
  for (const app of [...apps, join("site", "districts")]) {
    if (!existsSync(join(root, app)) || !statSync(join(root, app)).isDirectory()) continue;
    for (const path of sources(join(root, app))) {
      for (const [, name] of readFileSync(path, "utf8").matchAll(iconNames)) used.add(name);
    }
  }
  for (const name of used) {
    const target = join(iconFolder, `${name}.svg`);
    if (existsSync(target)) continue;
    const source = join(lucideFolder, `${name}.svg`);
    if (existsSync(source)) copyFileSync(source, target);
  }
  if (prune) pruneIcons();
}

// Names also stand in Python tables and in packs, so any quoted word keeps the icon of that name.
function pruneIcons() {
  const quoted = new Set(["circle-help"]);
  for (const app of [...apps, join("site", "districts")]) {
    const folder = join(root, app);
    if (!existsSync(folder) || !statSync(folder).isDirectory()) continue;
    for (const path of sources(folder)) {
      for (const [, word] of readFileSync(path, "utf8").matchAll(/["']([a-z][a-z0-9-]*)["']/g)) quoted.add(word);
    }
  }
  for (const file of readdirSync(iconFolder)) {
    if (file.endsWith(".svg") && !quoted.has(file.slice(0, -4))) rmSync(join(iconFolder, file));
  }
}

// A bundle that no longer has a source would still be served; files of others are never touched.
function removeStale(outputs) {
  if (!existsSync(outdir)) return;
  const kept = new Set(Object.keys(outputs).map((path) => join(root, path)));
  for (const entry of readdirSync(outdir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && !kept.has(path)) rmSync(path);
  }
}

const tidy = {
  name: "remove-stale",
  setup(bundler) {
    bundler.onEnd((result) => {
      if (result.errors.length === 0) removeStale(result.metafile.outputs);
    });
  },
};

const watching = process.argv.includes("--watch");
collectIcons(process.argv.includes("--prune"));
const options = {
  absWorkingDir: root,
  entryPoints: entryPoints(),
  outdir: relative(root, outdir),
  chunkNames: "chunks/[name]-[hash]",
  assetNames: "assets/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  minify: !watching,
  sourcemap: watching ? "inline" : false,
  metafile: true,
  // Phones of the last five years, and the engine inside WeChat.
  target: ["chrome87", "safari14.1", "firefox90"],
  alias: { "@gongzhi/ui": join(ui, "frontend", "lib", "index.js") },
  loader: { ".png": "dataurl", ".svg": "dataurl" },
  external: ["/static/*"],
  legalComments: "none",
  logLevel: "warning",
  plugins: [tidy],
};

if (watching) {
  const bundler = await context({ ...options, logLevel: "info" });
  await bundler.watch();
} else {
  const started = performance.now();
  const result = await build(options);
  const count = Object.values(result.metafile.outputs).filter((output) => output.entryPoint).length;
  console.log(`Built ${count} bundles in ${Math.round(performance.now() - started)} ms.`);
}
