export type UsbId = { readonly vendorId: string; readonly productId: string }

export type UnitNeeds = {
  readonly program: string
  readonly config: string
  readonly data: string
  readonly user: string
  readonly folder: string
}

/** A value in a unit: a percent sign is a specifier there, a blank would begin the next word. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`
}

/**
 * The unit of a gateway. No watchdog: the gateway does not notify systemd. Nothing is run after the stop: a stop
 * brings every output to rest, and after a crash the next start does so first of all, a second later.
 */
export function unitFile({ program, config, data, user, folder }: UnitNeeds): string {
  return `[Unit]
Description=Gatehouse gateway
# Decisions need no network: it is not waited for.
After=local-fs.target systemd-udev-settle.service
StartLimitIntervalSec=0

[Service]
Type=exec
User=${user}
SupplementaryGroups=dialout plugdev
WorkingDirectory=${folder.replaceAll('%', '%%')}
ExecStart=${quoted(program)} gateway run --config ${quoted(config)}
Restart=always
RestartSec=1
# Its own limit is three seconds.
TimeoutStopSec=5
OOMScoreAdjust=-500
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=${quoted(data)}
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
`
}

/** Rules for udev: who may open a device, FTDI chips without their 16 ms, and no scanner that types into the console. */
export function udevRules({
  hid,
  wedges,
}: {
  readonly hid: readonly UsbId[]
  readonly wedges: readonly UsbId[]
}): string {
  const of = ({ vendorId, productId }: UsbId) => `ATTRS{idVendor}=="${vendorId}", ATTRS{idProduct}=="${productId}"`
  return [
    '# Serial ports belong to dialout already; this says it where a distribution does not.',
    'SUBSYSTEM=="tty", KERNEL=="ttyUSB*|ttyACM*", GROUP="dialout", MODE="0660"',
    '# An FTDI chip keeps bytes for 16 ms, unless it is told.',
    'ACTION=="add", SUBSYSTEM=="usb-serial", DRIVER=="ftdi_sio", ATTR{latency_timer}="1"',
    ...hid.map(id => `SUBSYSTEM=="hidraw", ${of(id)}, GROUP="plugdev", MODE="0660"`),
    ...(wedges.length === 0
      ? []
      : ['# What it reads is a credential: it must not be typed into a login prompt. Linux 5.11 or newer.']),
    ...wedges.map(id => `ACTION=="add", SUBSYSTEM=="input", KERNEL=="input*", ${of(id)}, ATTR{inhibited}="1"`),
    '',
  ].join('\n')
}
