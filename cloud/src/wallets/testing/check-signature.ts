import { createHash, verify, X509Certificate } from 'node:crypto'

/**
 * Looks at a detached CMS signature (RFC 5652) as a phone does: the digest in it is that of the content, the signed attributes
 * hold under the signer's certificate, and that one was signed by the authority. Answers what is wrong, or null.
 */
export function wrongSignature(signature: Buffer, content: Buffer, authorityPem: string): string | null {
  const signed = read(read(signature).children[1]!.content).children
  const authority = new X509Certificate(authorityPem)
  const certificates = signed.find(({ tag }) => tag === 0xa0)!.children.map(({ whole }) => new X509Certificate(whole))
  const signer = certificates.find(one => one.serialNumber !== authority.serialNumber)
  if (signer === undefined || !signer.checkIssued(authority) || !signer.verify(authority.publicKey)) return 'authority'
  const info = signed.at(-1)!.children[0]!.children
  const attributes = info.find(({ tag }) => tag === 0xa0)!
  const hash = DIGESTS[info[2]!.children[0]!.content.toString('hex')]!
  const digest = attributes.children.find(({ children }) => children[0]!.content.equals(MESSAGE_DIGEST))
  const told = digest?.children[1]?.children[0]?.content
  if (told === undefined || !createHash(hash).update(content).digest().equals(told)) return 'digest'
  // Section 5.4: what is signed is the attributes as a SET, whatever tag they travel under.
  const asSet = Buffer.concat([Buffer.from([0x31]), attributes.whole.subarray(1)])
  const value = info.findLast(({ tag }) => tag === 0x04)!.content
  return verify(hash, asSet, signer.publicKey, value) ? null : 'signature'
}

const MESSAGE_DIGEST = Buffer.from('2a864886f70d010904', 'hex')
const DIGESTS: Record<string, string> = { '2b0e03021a': 'sha1', '608648016503040201': 'sha256' }

type Node = {
  readonly tag: number
  readonly whole: Buffer
  readonly content: Buffer
  readonly children: readonly Node[]
}

function read(bytes: Buffer): Node {
  const tag = bytes[0]!
  const short = bytes[1]!
  const more = short < 0x80 ? 0 : short & 0x7f
  const length = more === 0 ? short : bytes.readUIntBE(2, more)
  const from = 2 + more
  const content = bytes.subarray(from, from + length)
  const children: Node[] = []
  if ((tag & 0x20) !== 0) {
    for (let at = 0; at < content.length; ) {
      const child = read(content.subarray(at))
      children.push(child)
      at += child.whole.length
    }
  }
  return { tag, whole: bytes.subarray(0, from + length), content, children }
}
