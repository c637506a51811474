import { openListStore } from '../store/list-store.ts'
import { verifiedList } from './lists.ts'
import { passRow } from './school.ts'

/** Puts one list after another in force in the folder of argv[2], tells its parent before each, until it is killed. */
const store = openListStore(process.argv[2]!)
for (let version = 1; version < 1_000; version++) {
  const filler = Array.from({ length: 3_000 }, (_, at) =>
    passRow({ passId: ((at * 2_654_435_761 + version) >>> 0).toString(16).padStart(8, '0').padEnd(16, '0') }),
  )
  const list = await verifiedList({ version, passes: [...filler, passRow({ minGeneration: version })] })
  process.send?.(version)
  await store.apply(list)
}
