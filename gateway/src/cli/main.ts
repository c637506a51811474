import { Command } from 'commander'
import { cardsCommand } from './cards.ts'
import { checkCommand } from './check.ts'
import { decodeCommand } from './decode.ts'
import { devicesCommand } from './devices.ts'
import { encodeCommand } from './encode.ts'
import { enrolCommand } from './enrol.ts'
import { installCommand } from './install.ts'
import { learnCommand } from './learn.ts'
import { listExportCommand, listImportCommand, listInspectCommand, listVerifyCommand } from './list-carry.ts'
import { listMakeCommand } from './list-make.ts'
import { monitorCommand } from './monitor.ts'
import { passCheckCommand } from './pass-check.ts'
import { passInspectCommand } from './pass-inspect.ts'
import { presentCommand } from './present.ts'
import { runCommand } from './run.ts'
import { simulateCommand } from './simulate.ts'
import { tryCommand } from './try.ts'
import { runProgram } from './usage.ts'
import { wiegandCommand } from './wiegand.ts'

/** The words of `./gatehouse` that belong to the gateway. */
const program = new Command('gatehouse')
  .addCommand(
    new Command('gateway')
      .description('The daemon of one gate.')
      .addCommand(runCommand())
      .addCommand(enrolCommand())
      .addCommand(checkCommand())
      .addCommand(cardsCommand())
      .addCommand(devicesCommand())
      .addCommand(monitorCommand())
      .addCommand(decodeCommand())
      .addCommand(encodeCommand())
      .addCommand(tryCommand())
      .addCommand(installCommand())
      .addCommand(learnCommand())
      .addCommand(wiegandCommand())
      .addCommand(simulateCommand()),
  )
  .addCommand(presentCommand())
  .addCommand(
    new Command('pass')
      .description('Look at pass codes.')
      .addCommand(passInspectCommand())
      .addCommand(passCheckCommand()),
  )
  .addCommand(
    new Command('list')
      .description('Signed lists by hand.')
      .addCommand(listMakeCommand())
      .addCommand(listInspectCommand())
      .addCommand(listVerifyCommand())
      .addCommand(listExportCommand())
      .addCommand(listImportCommand()),
  )

await runProgram(program, process.argv.slice(2))
