import { SerialPort } from 'serialport'

/** Echoes what comes down the line at argv[2]. It has no timer and nothing else to do: what the stall needs. */
const port = new SerialPort({ path: process.argv[2]!, baudRate: 9600 }, () => process.stdout.write('open\n'))
port.on('data', bytes => port.write(bytes))
