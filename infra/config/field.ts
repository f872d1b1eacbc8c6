/** What the operator is told about a configuration key when its value cannot be used. */
export interface Field {
  /** What the value may be, as the end of "Allowed: …". */
  readonly allowed: string;
  /** A value for the command that sets it. Secrets have none: `pulumi config set --secret` asks for them. */
  readonly example?: string;
  /** For objects and lists: the part that is set first, since `pulumi config set` takes one value. */
  readonly set?: string;
  /** The value is never shown, and the command that sets it encrypts it. */
  readonly secret?: true;
}

export const boolean = (example: "true" | "false"): Field => ({ allowed: "true or false", example });

/** What is allowed for the address of a service. */
export const ORIGIN = "an https origin without a path; plain http only for loopback";
