import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fromHex } from './bytes.ts'
import { CRC16_CCITT_FALSE, CRC16_MCRF4XX, CRC16_MODBUS, CRC16_OSDP, CRC16_XMODEM, crc16 } from './crc.ts'

const file = new URL('../vectors/protocols.json', import.meta.url)
const { crcCheck } = JSON.parse(readFileSync(file, 'utf8')) as { readonly crcCheck: Readonly<Record<string, string>> }

describe('the check value of the catalogue, over 123456789', () => {
  test.each([
    ['CRC-16/MODBUS', CRC16_MODBUS],
    ['CRC-16/MCRF4XX', CRC16_MCRF4XX],
    ['CRC-16/XMODEM', CRC16_XMODEM],
    ['CRC-16/IBM-3740(CCITT-FALSE)', CRC16_CCITT_FALSE],
    ['CRC-16/SPI-FUJITSU(AUG-CCITT, init 1D0F) = OSDP', CRC16_OSDP],
  ])('%s', (name, parameters) => {
    expect(crc16(parameters, fromHex(crcCheck.input!)!)).toBe(Number.parseInt(crcCheck[name]!, 16))
  })

  test('nothing has the CRC it began with', () => {
    expect(crc16(CRC16_XMODEM, new Uint8Array())).toBe(0)
    expect(crc16(CRC16_MODBUS, new Uint8Array())).toBe(0xffff)
  })
})
