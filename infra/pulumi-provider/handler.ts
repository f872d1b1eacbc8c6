/** Plain values of a resource, as the engine hands them over: secrets are unwrapped, what is not known is `UNKNOWN`. */
export type Properties = Readonly<Record<string, unknown>>;

/** Stands for a value that only `up` will know; given by the engine to `check` and `diff` during a preview. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A property that cannot be used; reported by the engine with the resource and the property's path. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export interface Checked {
  readonly inputs: Properties;
  readonly failures: readonly CheckFailure[];
}

export interface Difference {
  /** Properties whose change needs an update. */
  readonly updates: readonly string[];
  /** Properties whose change needs another object in place of this one. */
  readonly replaces: readonly string[];
}

export interface Created {
  readonly id: string;
  readonly outputs: Properties;
}

export interface Read {
  readonly id: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/** Tells the operator something about the resource at hand, in the run's own output. */
export interface Reporter {
  warn(message: string): void;
}

/** The resource whose difference is asked for. */
export interface Known {
  readonly id: string;
  readonly reporter: Reporter;
}

/** What the engine asks of one type of resource. */
export interface ResourceHandler {
  /**
   * Validates and fills in defaults, in a preview too.
   *
   * @param before the checked inputs of the last run; undefined for a resource that is not in the state
   */
  check(inputs: Properties, before: Properties | undefined): Checked | Promise<Checked>;
  /**
   * May ask the network, so that drift shows in a plain preview; out of reach, it goes by the state.
   *
   * @param state the outputs of the last run
   */
  diff(state: Properties, inputs: Properties, known: Known): Difference | Promise<Difference>;
  create(inputs: Properties): Promise<Created>;
  /**
   * The object as it is now, or undefined when it is gone.
   *
   * @param id on an import what the operator gave, and then `state` and `inputs` are empty
   */
  read(id: string, state: Properties, inputs: Properties): Promise<Read | undefined>;
  update(id: string, state: Properties, inputs: Properties): Promise<Properties>;
  /** Succeeds as well when there is nothing left to delete. */
  delete(id: string, state: Properties): Promise<void>;
}

/** A resource that is nothing but what the state says: nothing at Cloudflare is made for it, and nothing deleted. */
export abstract class StateOnlyHandler implements ResourceHandler {
  check(inputs: Properties, _before: Properties | undefined): Checked | Promise<Checked> {
    return { inputs, failures: [] };
  }

  abstract diff(state: Properties, inputs: Properties, known: Known): Difference;

  abstract create(inputs: Properties): Promise<Created>;

  async read(id: string, state: Properties): Promise<Read | undefined> {
    return { id, inputs: state, outputs: state };
  }

  abstract update(id: string, state: Properties, inputs: Properties): Promise<Properties>;

  async delete(): Promise<void> {
    // There is nothing.
  }
}

/** Whether a call is only a look that may fail, or has to get through. */
export type Patience = "look" | "work";

/** The provider's own configuration. */
export interface ProviderSettings {
  readonly apiToken?: string | undefined;
  readonly baseUrl?: string | undefined;
}

/** An object was made but is not as it ought to be: the engine keeps its id, and the next `up` goes on with it. */
export class PartlyCreatedError extends Error {
  readonly id: string;
  readonly outputs: Properties;

  constructor(message: string, created: Created) {
    super(message);
    this.name = "PartlyCreatedError";
    this.id = created.id;
    this.outputs = created.outputs;
  }
}
