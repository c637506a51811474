import { Command } from 'commander'
import { another } from './settings.ts'
import { stopSignal } from './stop-signal.ts'
import { examples } from './usage.ts'

export function monitorCommand(): Command {
  return new Command('monitor')
    .description(
      'Every byte that a device sends, and what its driver makes of it, until Ctrl-C. Card numbers and PINs are shown on this terminal and kept nowhere.',
    )
    .argument('<device>', 'a serial port such as /dev/serial/by-id/…, /dev/hidraw0, host:port, or hid-tcp:host:port')
    .option('--family <family>', 'also say what its driver reads; it then speaks to the device as the driver does')
    .option('--baud <rate>', 'of a serial port', '9600')
    .option('--parity <kind>', 'none, even or odd', 'none')
    .option('--set <name=value>', 'a setting of the family, as many as needed', another, [])
    .addHelpText(
      'after',
      examples(
        'gatehouse gateway monitor /dev/ttyUSB0',
        'gatehouse gateway monitor /dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.0-port0 --family rdm6300',
        'gatehouse gateway monitor 10.0.0.7:4001 --family line --set aimId=true',
      ),
    )
    .action(async (device: string, options) => {
      const { monitor } = await import('./monitor-device.ts')
      await monitor(device, options, stopSignal())
    })
}
