import { Command } from 'commander'
import { cardsCommand } from './cards.ts'
import { checkCommand } from './check.ts'
import { enrolCommand } from './enrol.ts'
import { learnCommand } from './learn.ts'
import { listExportCommand, listImportCommand, listInspectCommand, listVerifyCommand } from './list-carry.ts'
import { listMakeCommand } from './list-make.ts'
import { passCheckCommand } from './pass-check.ts'
import { passInspectCommand } from './pass-inspect.ts'
import { presentCommand } from './present.ts'
import { runCommand } from './run.ts'
import { simulateCommand } from './simulate.ts'
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
