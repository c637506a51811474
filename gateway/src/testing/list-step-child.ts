import { openListStore } from '../store/list-store.ts'
import { stepList, verifiedList, verifiedStep } from './lists.ts'

/** Takes one step after another in the folder of argv[2], tells its parent before each, until it is killed. */
const store = openListStore(process.argv[2]!)
await store.apply(await verifiedList(stepList(1)))
for (let version = 2; version < 1_000; version++) {
  const { signed, delta } = await verifiedStep(stepList(version - 1), stepList(version))
  process.send?.(version)
  await store.step(signed, [delta])
}
