/** What this phone keeps of a pass: enough to show codes with no network. */
export type PocketPass = {
  readonly passId: string
  /** Whose it is: another person on the same phone does not see it. */
  readonly userId: string
  /** Signs and cannot be read. */
  readonly privateKey: CryptoKey
  /** Compressed, hexadecimal. */
  readonly point: string
  /** 127 bytes in hexadecimal. */
  readonly certificate: string
  readonly serial: number
  readonly holderName: string
  readonly schoolName: string
  /** The school's: days are said in it, with or without a network. */
  readonly timeZone: string
  readonly notBefore: string
  readonly expires: string
}

const DATABASE = 'gatehouse-pocket'
const STORE = 'passes'

/** Keeps a pass, in place of what was kept of it before. */
export async function keepPass(pass: PocketPass): Promise<void> {
  await inStore('readwrite', store => store.put(pass))
}

export async function keptPasses(): Promise<readonly PocketPass[]> {
  const all: PocketPass[] = await inStore('readonly', store => store.getAll())
  return all.toSorted((a, b) => b.serial - a.serial)
}

async function inStore<Answer>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<Answer>,
): Promise<Answer> {
  const database = await open()
  try {
    const transaction = database.transaction(STORE, mode)
    const asked = work(transaction.objectStore(STORE))
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error)
    })
    return asked.result
  } finally {
    database.close()
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1)
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: 'passId' })
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error)
  })
}
