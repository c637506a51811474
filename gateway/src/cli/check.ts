import { boardPlace } from '@gatehouse/shared/wire/hardware/board-config.ts'
import { portName } from '@gatehouse/shared/wire/hardware/port.ts'
import { Command } from 'commander'
import { readGate } from '../config.ts'
import { hardwareOf } from '../configuration/kept-configuration.ts'
import { cannot, examples } from './usage.ts'

export function checkCommand(): Command {
  return new Command('check')
    .description('Read the configuration and the identity of a gate, and say every mistake at once.')
    .requiredOption('--config <file>', 'the gate’s configuration')
    .option('--json', 'answer in JSON')
    .addHelpText('after', examples('gatehouse gateway check --config /etc/gatehouse/gate.json'))
    .action(({ config: path, json }: { config: string; json?: true }) => {
      const gate = readGate(path)
      if (json) {
        const mistakes = gate.ok ? [] : gate.failure.split('\n')
        process.stdout.write(`${JSON.stringify({ ok: gate.ok, mistakes })}\n`)
        if (!gate.ok) process.exitCode = 1
        return
      }
      if (!gate.ok) throw cannot(gate.failure)
      const { config, identity } = gate.value
      const hardware = hardwareOf(config)
      const lines = (hardware?.lanes ?? []).map(({ lane, direction, readers, door }) => {
        const read = readers.map(({ id, family, port }) => `${id} (${family} on ${portName(port)})`).join(', ')
        const board = hardware!.boards.find(({ id }) => id === door.output.board)!
        return `  ${lane}, ${direction}: ${read}; door ${board.family} on ${boardPlace(board)}, channel ${door.output.channel}`
      })
      const cloud = identity.cloud === null ? 'no cloud' : `cloud ${identity.cloud.http}`
      const whose = config.lanes.length > 0 ? [] : ['  lanes: as the cloud describes them']
      process.stdout.write(
        `Gate ${identity.shortName} of ${identity.tenant}, ${cloud}.\n${[...whose, ...lines].join('\n')}\n`,
      )
    })
}
