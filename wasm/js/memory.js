// Remembers in the browser what registries have shown, so that none can go back on it.

const STORE = "registries";

function promisify(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** A memory in IndexedDB, which all windows of this origin share. @returns {Promise<import("./index.d.ts").Memory>} */
export async function indexedDbMemory(name = "vitte-trust") {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await promisify(opening);
  return {
    read: (registry) => promisify(database.transaction(STORE).objectStore(STORE).get(registry)),
    // Read and written in one transaction, so that nothing another window writes is lost.
    async update(registry, merge) {
      const store = database.transaction(STORE, "readwrite", { durability: "strict" }).objectStore(STORE);
      const merged = merge(await promisify(store.get(registry)));
      if (merged) await promisify(store.put(merged, registry));
    },
  };
}
