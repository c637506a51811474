import { Command, CommanderError } from 'commander'
import { addAdminLink } from './admin-link.ts'
import { addAudit } from './audit.ts'
import { addDeactivate } from './deactivate.ts'
import { addKeys } from './keys.ts'
import { addMigrate } from './migrate.ts'
import { addRun } from './run.ts'
import { addSchool } from './school.ts'

const USAGE = 2

/** `gatehouse cloud ...`: the word that chose this room stands first in the arguments. */
const program = new Command('gatehouse').exitOverride().showHelpAfterError('Run it with --help for what there is.')
const cloud = program
  .command('cloud')
  .description('The service that gates and people talk to.')
  .addHelpText(
    'after',
    `
Examples:
  ./gatehouse cloud run
  DATABASE_URL=postgres://app@db/gatehouse DATABASE_OWNER_URL=postgres://owner@db/gatehouse ./gatehouse cloud run
  DATABASE_OWNER_URL=postgres://owner@db/gatehouse ./gatehouse cloud migrate
  ./gatehouse cloud school --name "Hillside College" --tenant hillside-college --zone Europe/Amsterdam --admin office@hillside.example
  ./gatehouse cloud deactivate guard@hillside.example
  ./gatehouse cloud audit verify
  ./gatehouse cloud admin-link --for office@hillside.example`,
  )
for (const add of [addRun, addMigrate, addSchool, addDeactivate, addAudit, addAdminLink]) add(cloud)
const keys = addKeys(program)
const ofCloud = cloud.commands.flatMap(command => [command, ...command.commands])
for (const command of [cloud, ...ofCloud, keys, ...keys.commands]) command.exitOverride()

try {
  await program.parseAsync(process.argv)
} catch (problem) {
  if (problem instanceof CommanderError) {
    process.exitCode = problem.exitCode === 0 ? 0 : USAGE
  } else {
    console.error(
      `gatehouse ${process.argv[2] === 'keys' ? 'keys' : 'cloud'}: ${problem instanceof Error ? problem.message : String(problem)}`,
    )
    // A channel to the process that started this one would keep it waiting for a word that never comes.
    process.exit(1)
  }
}
