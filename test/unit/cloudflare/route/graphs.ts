import fc from "fast-check";
import { conditional, end, model, percentage, rate, start } from "./elements";

/** Graphs that are often right and often wrong: a few ids, and edges to any of them. */
const id = fc.constantFrom("start", "a", "b", "c", "end", "nowhere");
const element = fc.oneof(
  id.map((next) => start(next)),
  fc.tuple(id, id, id).map(([name, a, b]) => model(name, a, b)),
  fc.tuple(id, id, id).map(([name, a, b]) => rate(name, a, b)),
  fc.tuple(id, id, id).map(([name, a, b]) => conditional(name, a, b)),
  fc
    .tuple(id, fc.dictionary(fc.constantFrom("10%", "40%", "50%", "60%", "100%"), id))
    .map(([name, branches]) => percentage(name, branches)),
  fc.constant(end()),
);
export const anyGraph = fc.array(element, { maxLength: 6 });

/** Graphs without a circle: every element leads to later ones, and the last is the end. */
export const forwardGraph = fc
  .array(fc.tuple(fc.constantFrom(model, rate, conditional), fc.nat(), fc.nat()), { maxLength: 8 })
  .map((nodes) => {
    const target = (from: number, step: number) => {
      const left = nodes.length - from;
      return left <= 0 || step % (left + 1) === left ? "end" : `n${from + (step % (left + 1))}`;
    };
    return [
      start(target(0, 0)),
      ...nodes.map(([make, a, b], index) => make(`n${index}`, target(index + 1, a), target(index + 1, b))),
      end(),
    ];
  });
