import type { Download } from "./file.js";

/** The same file, whose first chunk is asked for at once: what follows is on its way when the reader comes. */
export function begun(file: Download): Download {
  const source = file.chunks;
  let first: ReturnType<typeof source.next> | undefined = source.next();
  first.catch(() => {}); // whoever reads is told
  const chunks: Download["chunks"] = {
    next() {
      const result = first ?? source.next();
      first = undefined;
      return result;
    },
    return: () => source.return(),
    throw: (error) => source.throw(error),
    [Symbol.asyncIterator]: () => chunks,
  };
  return { ...file, chunks };
}
