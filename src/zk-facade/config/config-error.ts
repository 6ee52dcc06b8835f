/** Settings with which a facade must not start. The message is for people: it says where the setting stands. */
export class FacadeConfigError extends Error {
  override readonly name = "FacadeConfigError";
}

/** A line for the log about the settings. It waits, because the settings are read before there is a log. */
export interface FacadeConfigNote {
  readonly level: "info" | "warn";
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}
