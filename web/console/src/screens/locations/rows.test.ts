import { describe, expect, it } from "vitest";
import { countedStates, mapPoints, type LocationRow } from "./rows";

const row = (change: Partial<LocationRow>) => ({ id: "loc_1", name: "Garage", latitude: "52.5", longitude: "13.4", connector_states: {}, ...change }) as LocationRow;

describe("locations", () => {
  it("list their states worst first", () => {
    expect(countedStates({ connector_states: { available: 3, unknown: 1, faulted: 1 } })).toEqual([["faulted", 1], ["available", 3], ["unknown", 1]]);
  });

  it("are points with a state for each connector, if they have a place", () => {
    const { points, placeless } = mapPoints([row({ connector_states: { charging: 2 } }), row({ latitude: null })]);
    expect(points).toEqual([{ id: "loc_1", name: "Garage", latitude: 52.5, longitude: 13.4, states: ["charging", "charging"] }]);
    expect(placeless).toBe(1);
  });
});
