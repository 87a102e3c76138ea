let loading;

/** Load the outlines of towns and grids once: {towns, grids} as GeoJSON. */
export function outlines(address) {
  loading ??= fetch(address).then((answer) => {
    if (!answer.ok) throw new Error(`outlines: ${answer.status}`);
    return answer.json();
  });
  loading.catch(() => (loading = undefined));
  return loading;
}

/** Return the names of the town and the grid around a position; "" when it lies outside. */
export function placeAt({ towns, grids }, lon, lat) {
  const around = ({ geometry }) => holds(geometry, lon, lat);
  const found = [towns.features.find(around), grids.features.find(around)];
  return found.flatMap((feature) => (feature ? [feature.properties.name] : [])).join(" ");
}

function holds({ type, coordinates }, lon, lat) {
  const polygons = type === "Polygon" ? [coordinates] : coordinates;
  return polygons.some(([outer, ...holes]) => inside(outer, lon, lat) && !holes.some((ring) => inside(ring, lon, lat)));
}

function inside(ring, lon, lat) {
  let odd = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [x1, y1] = ring[i];
    const [x2, y2] = ring[j];
    if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) odd = !odd;
  }
  return odd;
}
