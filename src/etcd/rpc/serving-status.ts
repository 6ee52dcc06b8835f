/** Whether the server says of itself that it serves, and a way to hear of the next change. */
export class ServingStatus {
  #isServing = true;
  #wake: () => void = () => undefined;
  #changed = this.#nextChange();

  get isServing(): boolean {
    return this.#isServing;
  }

  /** Resolves at the next change. Ask for it before you look at `isServing`. */
  get changed(): Promise<void> {
    return this.#changed;
  }

  set(isServing: boolean): void {
    if (this.#isServing === isServing) return;
    this.#isServing = isServing;
    const wake = this.#wake;
    this.#changed = this.#nextChange();
    wake();
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve));
  }
}
