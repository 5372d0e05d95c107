import { AsyncLocalStorage } from "node:async_hooks";
import { TestEnvironment } from "jest-environment-node";

const used = new Set<AsyncLocalStorage<unknown>>();
const { run } = AsyncLocalStorage.prototype;
AsyncLocalStorage.prototype.run = function (this: AsyncLocalStorage<unknown>, ...given: Parameters<typeof run>) {
  used.add(this);
  return run.apply(this, given);
} as typeof run;

type Module = Readonly<Record<string, unknown>>;

/** Takes mocks out of the clients that a module exports: by itself none has a `send` of its own, but inherits it. */
function unmock(module: Module): void {
  for (const exported of Object.values(module)) {
    const prototype: object | undefined = typeof exported === "function" ? exported.prototype : undefined;
    if (prototype && Object.hasOwn(prototype, "send") && "send" in Object.getPrototypeOf(prototype)) {
      Reflect.deleteProperty(prototype, "send");
    }
  }
}

/** Has a world's `instanceof Error` hold for errors from outside too, be they Node.js's own or of a borrowed package. */
function acceptErrors(inner: ErrorConstructor): void {
  const { [Symbol.hasInstance]: isInstance } = Function.prototype;
  Object.defineProperty(inner, Symbol.hasInstance, {
    value(this: unknown, value: unknown) {
      return isInstance.call(this as never, value) || (this === inner && value instanceof Error);
    },
  });
}

/**
 * Jest's world of Node.js, after which nothing is left that costs the files after it time: Jest opens a storage for each
 * file, and Node.js up to version 23 copies every open one whenever a promise is made. Packages that `outside.cjs` names
 * come from outside of it, and leave without the mocks that a file has put into their clients.
 */
export default class NodeEnvironment extends TestEnvironment {
  readonly #borrowed = new Set<Module>();

  constructor(...given: ConstructorParameters<typeof TestEnvironment>) {
    super(...given);
    acceptErrors(this.global.Error);
    this.global.outside = (path: string): Module => {
      const module: Module = require(path);
      this.#borrowed.add(module);
      return module;
    };
  }

  override async teardown(): Promise<void> {
    for (const module of this.#borrowed) unmock(module);
    await super.teardown();
    for (const storage of used) storage.disable();
    used.clear();
  }
}
