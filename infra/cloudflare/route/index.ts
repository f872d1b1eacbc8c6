export * from "./builder";
export * from "./canonical";
export * from "./elements";
export * from "./validate";
