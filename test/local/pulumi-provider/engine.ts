import {
  PartlyCreatedError,
  type Properties,
  type ResourceHandler,
} from "../../../infra/pulumi-provider/handler";

/** A resource as the engine keeps it from one `up` to the next. */
export class Managed {
  readonly #handler: ResourceHandler;
  id: string | undefined;
  state: Properties = {};
  readonly warnings: string[] = [];
  #initFailed = false;

  constructor(handler: ResourceHandler) {
    this.#handler = handler;
  }

  /** One `up`: what the engine asks of the provider, in its order. @throws as the provider does */
  async up(inputs: Properties): Promise<void> {
    const checked = await this.#handler.check(inputs, this.id === undefined ? undefined : this.state);
    if (checked.failures.length > 0) throw new Error(JSON.stringify(checked.failures));
    if (this.id === undefined) return this.#create(checked.inputs);
    const { updates, replaces } = await this.diff(checked.inputs);
    if (replaces.length > 0) {
      await this.destroy();
      await this.#create(checked.inputs);
    } else if (updates.length > 0 || this.#initFailed) {
      this.state = await this.#handler.update(this.id, this.state, checked.inputs);
      this.#initFailed = false;
    }
  }

  async diff(inputs: Properties) {
    const reporter = { warn: (message: string) => void this.warnings.push(message) };
    return this.#handler.diff(this.state, inputs, { id: this.id ?? "", reporter });
  }

  async destroy(): Promise<void> {
    if (this.id === undefined) return;
    await this.#handler.delete(this.id, this.state);
    this.id = undefined;
  }

  async #create(inputs: Properties): Promise<void> {
    try {
      const { id, outputs } = await this.#handler.create(inputs);
      this.id = id;
      this.state = outputs;
    } catch (error) {
      if (error instanceof PartlyCreatedError) {
        this.id = error.id;
        this.state = error.outputs;
        this.#initFailed = true;
      }
      throw error;
    }
  }
}
