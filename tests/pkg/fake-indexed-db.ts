/** As much of IndexedDB as one key-value store needs. */
export function fakeIndexedDb({ fails = false } = {}) {
  const values = new Map<string, unknown>();
  let made = false;
  const request = <T>(work: () => T) => {
    const request: any = { dispatchEvent: () => request.onerror?.() };
    setTimeout(() => {
      try {
        if (fails) throw new DOMException("no room", "QuotaExceededError");
        request.result = work();
        if (request.onupgradeneeded && !made) request.onupgradeneeded();
        request.onsuccess?.();
      } catch (error) {
        request.error = error;
        request.onerror?.();
      }
    });
    return request;
  };
  const store = {
    get: (key: string) => request(() => structuredClone(values.get(key))),
    put: (value: unknown, key: string) => request(() => void values.set(key, structuredClone(value))),
  };
  const database = {
    createObjectStore: () => void (made = true),
    transaction: () => ({ objectStore: () => store }),
    close() {},
  };
  return { open: () => request(() => database) };
}
