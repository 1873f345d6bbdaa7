/** Storages of browsers answer in milliseconds, and some never: while another tab deletes them, or where a profile is damaged. */
const MOST_MS = 10_000;

/** The outcome, or an error where it takes too long to be waited for. */
export async function within<T>(work: Promise<T>, ms = MOST_MS): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("It took too long.")), ms);
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}
