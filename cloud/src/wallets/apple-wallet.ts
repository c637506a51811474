import { PKPass } from 'passkit-generator'

export type AppleCredentials = {
  /** `pass.example.hillside` */
  readonly passType: string
  readonly team: string
  /** PEM: the certificate of the pass type, its key, and Apple's intermediate certificate (WWDR). */
  readonly certificate: string
  readonly key: string
  readonly keyPassphrase: string | null
  readonly authority: string
}

export type ApplePass = {
  readonly passId: string
  readonly serial: number
  readonly holderName: string
  readonly schoolName: string
  readonly kind: string
  /** "31 Aug 2027" */
  readonly until: string
  readonly expires: Date
  /** GHP1 STATIC: Apple has no code that moves by itself. */
  readonly digits: string
  /** `icon.png`, `logo@2x.png` and so on. */
  readonly pictures: Readonly<Record<string, Buffer>>
}

export type AppleWallet = { pkpass(pass: ApplePass): Buffer }

/** Makes passes for Apple Wallet. The one file that knows `passkit-generator`. */
export function openAppleWallet(credentials: AppleCredentials): AppleWallet {
  const { passType, team, certificate, key, keyPassphrase, authority } = credentials
  return {
    pkpass({ passId, serial, holderName, schoolName, kind, until, expires, digits, pictures }) {
      const made = new PKPass(
        { ...pictures },
        {
          wwdr: authority,
          signerCert: certificate,
          signerKey: key,
          ...(keyPassphrase !== null && { signerKeyPassphrase: keyPassphrase }),
        },
        {
          formatVersion: 1,
          serialNumber: passId,
          passTypeIdentifier: passType,
          teamIdentifier: team,
          organizationName: schoolName,
          description: `Pass of ${schoolName}`,
          logoText: schoolName,
          backgroundColor: 'rgb(11, 61, 122)',
          foregroundColor: 'rgb(255, 255, 255)',
          labelColor: 'rgb(200, 216, 238)',
          // Who has the code can enter with it: the pass is not handed on from the phone.
          sharingProhibited: true,
        },
      )
      made.type = 'generic'
      made.headerFields.push({ key: 'serial', label: 'PASS', value: String(serial) })
      made.primaryFields.push({ key: 'holder', label: kind.toUpperCase(), value: holderName })
      made.secondaryFields.push({ key: 'until', label: 'UNTIL', value: until })
      made.setExpirationDate(expires)
      made.setBarcodes({
        format: 'PKBarcodeFormatQR',
        message: digits,
        messageEncoding: 'iso-8859-1',
        altText: `Pass ${serial}`,
      })
      return made.getAsBuffer()
    },
  }
}
