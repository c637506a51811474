import { SerialPort } from 'serialport'

/**
 * Echoes what comes down the line at argv[2], and has nothing else to do that would turn the event loop. argv[3], if
 * given, is a timer that is this many ms away: far beyond the test.
 */
const port = new SerialPort({ path: process.argv[2]!, baudRate: 9600 }, () => process.stdout.write('open\n'))
port.on('data', bytes => port.write(bytes))
if (process.argv[3]) setInterval(() => {}, Number(process.argv[3]))
