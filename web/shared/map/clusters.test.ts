import { describe, expect, it } from "vitest";
import { clusterPoints, type MapPoint } from "./clusters";

const point = (id: string, longitude: number, latitude: number, states: MapPoint["states"]): MapPoint => ({ id, name: id, longitude, latitude, states });
const points = [point("a", 13.4, 52.5, ["available", "charging"]), point("b", 13.41, 52.51, ["faulted"]), point("c", 9.99, 53.55, ["offline"])];

describe("clusterPoints", () => {
  it("joins what lies close, and parts it when the map comes nearer", () => {
    expect(clusterPoints(points, 4).map((cluster) => cluster.points.length)).toEqual([2, 1]);
    expect(clusterPoints(points, 12)).toHaveLength(3);
  });
  it("counts shares and names the worst trouble", () => {
    const [berlin] = clusterPoints(points, 4);
    expect(berlin?.shares).toMatchObject({ available: 1, use: 1, trouble: 1, total: 3 });
    expect(berlin?.worst).toBe("faulted");
  });
  it("loses nobody", () => {
    for (const zoom of [0, 3, 6, 9]) expect(clusterPoints(points, zoom).flatMap((cluster) => cluster.points).length).toBe(3);
  });
});
