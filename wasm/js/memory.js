// Where a browser keeps what it has seen of registries, so that none can go back on it.

const STORE = "registries";

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** A memory in IndexedDB, which all windows of this origin share. @returns {Promise<import("./index.d.ts").Memory>} */
export async function indexedDbMemory(name = "vitte-trust") {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  return {
    read: (registry) => settled(database.transaction(STORE).objectStore(STORE).get(registry)),
    // Read and written in one transaction: what another window wrote in between is not lost.
    async update(registry, merge) {
      const store = database.transaction(STORE, "readwrite", { durability: "strict" }).objectStore(STORE);
      const merged = merge(await settled(store.get(registry)));
      if (merged) await settled(store.put(merged, registry));
    },
  };
}
