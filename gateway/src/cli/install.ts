import { dirname, resolve } from 'node:path'
import { Command } from 'commander'
import { type UsbId, udevRules, unitFile } from './install-files.ts'
import { another } from './settings.ts'
import { cannot, examples } from './usage.ts'

type Options = {
  readonly print: true
  readonly program: string
  readonly config: string
  readonly data: string
  readonly user: string
  readonly hid: readonly string[]
  readonly wedge: readonly string[]
}

export function installCommand(): Command {
  return new Command('install')
    .description(
      'What a machine needs to run a gate from its start: a systemd unit and udev rules, as text. It changes nothing.',
    )
    .requiredOption('--print', 'print them, each below the path where it belongs')
    .option('--program <file>', 'the gatehouse program', '/opt/gatehouse/gatehouse')
    .option('--config <file>', 'the gate’s configuration', '/etc/gatehouse/gate.json')
    .option('--data <folder>', 'the gate’s data folder', '/var/lib/gatehouse')
    .option('--user <name>', 'who runs it', 'gatehouse')
    .option('--hid <vendor:product>', 'a HID reader or relay, as many as needed', another, [])
    .option('--wedge <vendor:product>', 'a scanner that types: what it reads must not go to the console', another, [])
    .addHelpText(
      'after',
      examples(
        'gatehouse gateway install --print',
        'gatehouse gateway install --print --hid 0c27:3bfa --wedge 0c2e:0b81 --config /srv/gate/gate.json',
      ),
    )
    .action(({ program, config, data, user, hid, wedge }: Options) => {
      const wedges = wedge.map(idOf)
      const unit = unitFile({
        program: resolve(program),
        config: resolve(config),
        data: resolve(data),
        user,
        folder: dirname(resolve(program)),
      })
      const rules = udevRules({ hid: [...hid.map(idOf), ...wedges], wedges })
      process.stdout.write(
        `# /etc/systemd/system/gatehouse-gateway.service\n${unit}\n# /etc/udev/rules.d/70-gatehouse.rules\n${rules}`,
      )
    })
}

function idOf(text: string): UsbId {
  const [, vendorId, productId] = /^([0-9a-f]{4}):([0-9a-f]{4})$/.exec(text.toLowerCase()) ?? []
  if (vendorId === undefined || productId === undefined)
    throw cannot(`${text} is no USB id: gatehouse gateway devices shows them, such as 0c27:3bfa`)
  return { vendorId, productId }
}
