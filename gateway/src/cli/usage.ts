import { type Command, CommanderError } from 'commander'

/** 1: it was asked rightly and could not be done. 2: it was asked wrongly. */
const FAILURE = 1
const USAGE = 2

/** What could not be done, in a sentence for the person who asked. Thrown by a subcommand, shown without a stack. */
export function cannot(sentence: string): Error {
  return Object.assign(new Error(sentence), { shown: true as const })
}

/** Runs a program and ends the process with its exit code: 0, 1 for a failure, 2 for a wrong usage. */
export async function runProgram(program: Command, args: readonly string[]): Promise<void> {
  forAll(program, command => command.exitOverride().showHelpAfterError('(--help shows examples)'))
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    process.exitCode = codeOf(error)
  }
}

function codeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE
  const message = error instanceof Error ? error.message : String(error)
  const shown = error instanceof Error && 'shown' in error
  process.stderr.write(`${shown || !(error instanceof Error) ? message : (error.stack ?? message)}\n`)
  return FAILURE
}

function forAll(command: Command, act: (command: Command) => void): void {
  act(command)
  for (const inner of command.commands) forAll(inner, act)
}

/** Examples below a command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map(line => `  $ ${line}`).join('\n')}`
}
