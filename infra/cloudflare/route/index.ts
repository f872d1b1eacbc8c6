export * from "./builder";
export * from "./canonical";
export * from "./elements";
export * from "./presets";
export * from "./rules";
export * from "./validate";
export * from "./warnings";
