import { startTool } from '../devices/tool.ts'

/** Starts the program of argv[2], says what it says, and has nothing else to do. */
const tool = startTool(process.argv[2]!, process.argv.slice(3))
for await (const line of tool.lines) process.stdout.write(`${line}\n`)
