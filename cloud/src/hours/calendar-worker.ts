import { parentPort, workerData } from 'node:worker_threads'
import { type CalendarAsked, readCalendar } from './calendar-file.ts'

parentPort!.postMessage(readCalendar(workerData as CalendarAsked))
